"""What the text of section 10 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.cases import listed
from pgpipe.lecture.common.words import number, percent, pipe_table

NEEDS = {
    ("vanilla", "learning_rate"): ("α ĝ", "ĝ"),
    ("vanilla", "kl"): ("along ĝ, to a KL bound", "ĝ, a few KLs"),
    ("natural", "learning_rate"): ("α F⁻¹ĝ", "ĝ, products Fv"),
    ("natural", "kl"): ("along F⁻¹ĝ, to a KL bound", "ĝ, products Fv, a few KLs"),
}


def over_the_bound(step_sizes: pd.DataFrame) -> str:
    """By how much the length of E41 goes over its bound at most, at the smallest and at the largest."""
    rows = step_sizes[step_sizes["direction"] == "natural"]
    most = rows.groupby("epsilon")["ratio"].max().sort_index()
    if len(most) < 2 or most.iloc[-1] <= 1:
        return ""
    over = [
        f"{percent(max(0.0, ratio - 1))} at $\\varepsilon = {_power_of_ten(float(str(bound)))}$"
        for bound, ratio in most.iloc[[0, -1]].items()
    ]
    return f"On the line it goes over by up to {listed(over)}."


def which_step(step_size_ranges: pd.DataFrame) -> str:
    """A line for each direction and rule: what it needs, and the decades of step length that work."""
    places = list(step_size_ranges["environment"].unique())
    lines = []
    for (direction, key), (words, needs) in NEEDS.items():
        kind = (step_size_ranges["direction"] == direction) & (step_size_ranges["key"] == key)
        own = step_size_ranges[kind].set_index("environment")
        if len(own):
            lines.append((words, *(_decades(own, place) for place in places), needs))
    return pipe_table(("Step", *(str(place).replace("_", " ") for place in places), "Needs"), lines)


def _decades(rows: pd.DataFrame, place: str) -> str:
    if place not in rows.index:
        return "not tried"
    row = rows.loc[place]
    decades, low, high = (number(row[name]) for name in ("decades", "low", "high"))
    return f"{'≥ ' if row['low_censored'] or row['high_censored'] else ''}{decades} [{low}, {high}]"


def _power_of_ten(value: float) -> str:
    """In TeX, 10^{-7} or 0.1."""
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"10^{{{int(exponent)}}}" if digits == "1.0" and value < 0.01 else f"{value:g}"
