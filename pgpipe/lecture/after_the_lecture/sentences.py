"""What the text of section 11 says in numbers."""

# --- groups, divisors, training

import pandas as pd

from pgpipe.lecture.after_the_lecture import practice_words
from pgpipe.lecture.common.cases import listed
from pgpipe.lecture.common.style import readable
from pgpipe.lecture.common.words import number, percent, pipe_table


def weight_of_hard_prompts(group_ratios: pd.DataFrame) -> str:
    """How much more the hardest prompt counts than the one nearest to a half, by size of the group."""
    rows = group_ratios[(group_ratios["form"] == "normalized") & (group_ratios["group_size"] > 2)]
    if rows.empty or rows["success"].nunique() < 2:
        return ""
    hard = rows["success"].min()
    middle = rows.loc[(rows["success"] - 0.5).abs().idxmin(), "success"]
    by_size = rows.pivot_table(index="group_size", columns="success", values="exact")
    more = by_size[hard] / by_size[middle]
    told = [f"{number(factor, 3)} times with $G = {G}$" for G, factor in more.items()]
    return (
        f"A prompt that is answered right in {percent(hard)} of all responses counts, against one at "
        f"{percent(middle)}, {listed(told)}."
    )


def turn_by_prompts(group_directions: pd.DataFrame) -> str:
    """The exact angles of normalised groups by their size, and the limit."""
    rows = group_directions[group_directions["form"] == "normalized"].sort_values("group_size")
    if rows.empty:
        return ""
    told = [
        f"{number(row.exact)}° with $G = {row.group_size}$"
        if row.exact >= 0.05
        else f"none with $G = {row.group_size}$"
        for row in rows.itertuples()
    ]
    limit = rows.iloc[0]
    return (
        f"For the {limit['prompts']} prompts of P18 the angle between $E\\,\\hat g$ and $\\nabla J$ is "
        f"{listed(told)}; it goes to {number(limit['limit'])}° (cosine {number(limit['limit_cosine'], 3)})."
    )


def wrong_sign(divisor_directions: pd.DataFrame) -> str:
    """The two numbers of ∇J and of each divisor's expectation, for the two decisions without a baseline."""
    rows = divisor_directions.dropna(subset=["long"])
    rows = rows[(rows["baseline"] == "none") & rows["divisor"].isin(["each", "steps"])]
    if rows.empty:
        return ""
    gradient = rows.iloc[0]
    lines = [("$\\nabla J$", "any", *(_three(gradient[name]) for name in ("exact_long", "exact_right")), "1")]
    for divisor, words in (("steps", "$\\Sigma T$"), ("each", "each by its $T$")):
        own = rows[rows["divisor"] == divisor].sort_values("batch_size")
        if divisor == "each":
            own = own.head(1)
        for row in own[own["batch_size"] <= 4].to_dict("records"):
            n = "any" if divisor == "each" else str(row["batch_size"])
            lines.append((words, n, _three(row["long"]), _three(row["right"]), number(row["exact"], 3)))
    head = ("Divided by", "N", "∂ long", "∂ right", "Cosine to ∇J")
    return pipe_table(head, lines)


def baseline_and_divisor(divisor_directions: pd.DataFrame) -> str:
    """What a baseline does to the angle of each trajectory's own length."""
    rows = divisor_directions[divisor_directions["divisor"] == "each"]
    told = []
    for problem, own in rows.groupby("environment", sort=False):
        angles = own.groupby("baseline")["exact_degrees"].last().abs()
        if {"none", "mean"} <= set(angles.index):
            way = "takes" if angles["mean"] < angles["none"] else "raises"
            ends = [f"{number(angles[name])}°" for name in ("none", "mean")]
            told.append(f"{way} the angle from {' to '.join(ends)} on {readable(str(problem))}")
    return f"Subtracting the others' mean {listed(told)}." if told else ""


def _three(value: float) -> str:
    """Three decimals."""
    return f"{value:.3f}".replace("-", "−")


def lengths_half_way(recent_summary: pd.DataFrame) -> str:
    """How long wrong responses are half-way through the trainings, where responses are longest."""
    return practice_words.lengths_half_way(recent_summary)


def recent_comparison(
    recent_summary: pd.DataFrame, recent_differences: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """Every training beside that with the others' mean of a group, paired by seed."""
    return practice_words.recent_comparison(recent_summary, recent_differences, estimators)


def which_changes(
    group_ratios: pd.DataFrame, group_directions: pd.DataFrame, divisor_directions: pd.DataFrame
) -> str:
    """What each change does to the length and to the direction of the expected gradient, exactly."""
    return practice_words.which_changes(group_ratios, group_directions, divisor_directions)
