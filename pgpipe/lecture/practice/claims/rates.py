"""How wide the range of good learning rates is: by optimiser, and beside supervised learning (C20, C21).

What is good is a matter of the bar, and an order that depends on it is none: the statement has to hold at all
bars. These begin at 0.8, as below it a saturated softmax table passes at any learning rate.
"""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import lacking, listed
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.practice.claims._words import cases_of, seeds_needed, words


def c20(learning_rate_contrasts: pd.DataFrame, learning_rate_overall: pd.DataFrame) -> Claim:
    """Adam tolerates a wider range of learning rates than SGD with momentum."""
    pair = {"learner": "policy_gradient", "optimizer": "adam", "other_optimizer": "momentum"}
    return _wider(
        _of(learning_rate_contrasts, pair),
        _of(learning_rate_overall, pair),
        "Adam less SGD with momentum, both on the policy gradient",
        ("Adam's range", "P14"),
        "learning_rate_sweep.optimizers does not name adam after momentum",
    )


def c21(learning_rate_contrasts: pd.DataFrame, learning_rate_overall: pd.DataFrame) -> Claim:
    """The policy gradient takes more tuning than supervised learning."""
    pair = {"learner": "supervised", "optimizer": "all"}
    return _wider(
        _of(learning_rate_contrasts, pair),
        _of(learning_rate_overall, pair),
        "supervised learning, in which each seed imitates one of several trained policies, less policy "
        "gradient, with the same network, batch and updates, mean over the optimisers",
        ("the supervised range", "P15"),
        "no optimiser was swept by both kinds of learning",
    )


def _of(table: pd.DataFrame, pair: dict[str, str]) -> pd.DataFrame:
    for column, value in pair.items():
        table = table[table[column] == value]
    return table.rename(columns={"seeds": "n"}).reset_index(drop=True)


def _wider(
    rows: pd.DataFrame, overall: pd.DataFrame, pair: str, shown: tuple[str, str], without_rows: str
) -> Claim:
    """Whether the first of two ranges is the wider one at every bar, in every environment.

    A width is at least what is told where the grid ends before the range: then the difference may be more, if
    that is the first one's, or less, if it is the other's.
    """
    above = (rows["low"] > 0) & ~rows["other_censored"]
    below = (rows["high_all"] < 0) & ~rows["censored"]
    cut_off = (rows["low"] > 0) & rows["other_censored"]
    found = verdict(supported=len(rows) > 0 and bool(above.all()), refuted=bool(below.any()))
    names = [
        f"{words(row.environment)}, at least {row.good:g} of the best" for row in rows.itertuples(index=False)
    ]
    bars = listed([f"{bar:g}" for bar in rows["good"].unique()] or ["none"], "or")
    seeds = rows.drop_duplicates("environment")["n"].sum()
    mean = overall.iloc[0] if len(overall) else None
    return Claim(
        test="The width, in decades, of the widest contiguous range of learning rates whose score is at "
        f"least {bars} of the best one in the environment: {pair}. Each resample of the seeds "
        "chooses the best anew.",
        found=_found(rows),
        rule="Supported if the 95 % interval lies above 0 at every threshold in every environment; "
        "refuted if one "
        f"lies below 0 at 5 % over all {len(rows)} together (Bonferroni). A range cut off by the sweep "
        "counts as at least that wide.",
        quantity="difference of the widths, mean over environments and thresholds",
        unit="decades",
        interval=Interval.from_columns(mean, ("difference", "low", "high"), seeds),
        n_counts="seeds",
        verdict=found,
        figure=shown[1],
        reason=_reason(rows.assign(name=names), above, below, found, shown[0]),
        lacks=lacking(
            (rows.empty, without_rows),
            (
                found == "undecided" and bool((above | cut_off).all()),
                "a range of the policy gradient reaches the edge of the sweep, so its true width is not "
                "known",
            ),
        ),
        cases=cases_of(names, rows, "difference", above, below),
    )


def _found(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Nothing to compare."
    each = [
        f"{group.min():+.2f} to {group.max():+.2f} decades on {words(environment)}"
        for environment, group in rows.groupby("environment", sort=False)["difference"]
    ]
    return f"By threshold, the difference is {listed(each)}."


def _reason(rows: pd.DataFrame, above: pd.Series, below: pd.Series, found: str, whose: str) -> str:
    if found == "supported" or rows.empty:
        return ""
    if found == "refuted":
        row = rows[below].sort_values("high_all").iloc[0]
        rest = " It is the wider one in others." if above.any() else ""
        return (
            f"{whose[0].upper()}{whose[1:]} is narrower by {-row['difference']:.2f} decades on {row['name']}."
            f"{rest}"
        )
    # one row below 0 refutes, at the level of all together; all above 0 support
    row = rows.sort_values("difference").iloc[0]
    nearest = row["high_all"] if row["difference"] < 0 else row["low"]
    if row["difference"] > 0 and row["low"] > 0:  # then it is another one that is open
        row = rows[~above].sort_values("low").iloc[0]
        nearest = row["low"]
    return (
        f"On {row['name']}, the order is open: {row['difference']:.2f} [{row['low']:.2f}, {row['high']:.2f}] "
        f"decades; {seeds_needed(row['difference'], nearest, row['n'])} seeds would tell if the estimate is "
        "right."
    )
