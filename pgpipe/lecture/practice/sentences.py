"""What the text of section 8 says in numbers."""

from typing import Any

import pandas as pd

from pgpipe.lecture.common.cases import problems
from pgpipe.lecture.common.looks import OPTIMISERS
from pgpipe.lecture.common.words import counted, number, pipe_table, with_bounds


def noise_by_stage(gradient_noise: pd.DataFrame) -> str:
    """The first and the last signal-to-noise ratio where that of the policy gradient falls most."""
    means = gradient_noise.groupby(["environment", "learner", "stage"])["snr"].mean().dropna()
    rows = gradient_noise[gradient_noise["learner"] == "policy_gradient"]
    own = rows.pivot_table("snr", "environment", "stage", sort=True).dropna()
    own = own[(own > 0).all(axis=1)]
    if own.empty or own.shape[1] < 2:
        return ""
    first, last = own.columns[0], own.columns[-1]
    place = (own[first] / own[last]).idxmax()
    if own.loc[place, last] >= own.loc[place, first]:
        return ""
    other = means.get((place, "supervised", last))
    beside = "" if other is None else f", where that of supervised learning is {number(other)}"
    return (
        f"On {problems([place])} the mean signal-to-noise ratio of a policy gradient falls from "
        f"{number(own.loc[place, first])} {_stage(first)} to {number(own.loc[place, last])} {_stage(last)}"
        f"{beside}."
    )


def what_is_usable(batch_crossings: pd.DataFrame) -> str:
    """The cosine from which on a direction is usable."""
    cosine = batch_crossings["usable_cosine"].unique()
    return (
        f"Here that is a cosine of {number(cosine[0], 3)} to $\\nabla J$ or more." if len(cosine) == 1 else ""
    )


def batches_at_equal_steps(batch_returns: pd.DataFrame) -> str:
    """Where equal environment steps lead with the largest batch, and with the best."""
    rows = batch_returns[batch_returns["budget"] == "env_steps"].dropna(subset="iqm")
    told = []
    for place, own in rows.groupby("environment", sort=False):
        best, largest = own.loc[own["iqm"].idxmax()], own.loc[own["batch_steps"].idxmax()]
        if largest["high"] < best["low"]:
            told.append(
                f"On {problems([place])} a run with batches of {largest['batch_steps']:,} steps ends at "
                f"{with_bounds(largest)}, after {counted(largest['updates'], 'update')}; with "
                f"{best['batch_steps']:,} it ends at {with_bounds(best)}, after {best['updates']}."
            )
    return " ".join(told)


def which_optimizer(learning_rate_ranges: pd.DataFrame) -> str:
    """A line for each optimiser: the good learning rates at the middle bar, by environment."""
    rows = learning_rate_ranges[learning_rate_ranges["learner"] == "policy_gradient"]
    bars = sorted(rows["good"].unique())
    if not bars:
        return ""
    rows = rows[rows["good"] == bars[len(bars) // 2]]
    places = list(rows["environment"].unique())
    lines = [
        (look.label, *(_range(own[own["environment"] == place]) for place in places))
        for name, look in OPTIMISERS.items()
        if len(own := rows[rows["optimizer"] == name])
    ]
    bar = number(bars[len(bars) // 2])
    head = ("Optimiser", *(f"{str(place).replace('_', ' ')}: α that reach {bar}" for place in places))
    return pipe_table(head, lines)


def _range(rows: pd.DataFrame) -> str:
    """`0.0077 to 0.052: 0.83 [0.45, 1.2] decades`, and `≥` where the grid cut it off."""
    if rows.empty:
        return "not tried"
    row = rows.iloc[0]
    width, low, high = (number(row[f"width{end}"]) for end in ("", "_low", "_high"))
    if row["width"] == 0:
        return f"none; the best reaches {number(row['best_score'])}"
    cut = "≥ " if row["low_censored"] or row["high_censored"] else ""
    ends = " to ".join(number(row[name]) for name in ("from_rate", "to_rate"))
    return f"{ends}: {cut}{width} [{low}, {high}] decades"


def _stage(share: Any) -> str:
    return f"at {share:.0%}".replace("%", " %") if share else "untrained"
