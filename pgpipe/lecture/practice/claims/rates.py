"""How wide the range of good learning rates is: by optimiser, and beside supervised learning (C20, C21).

What is good is a matter of the bar, and an order that depends on it is none: the statement has to hold at all
bars. These begin at 0.8, as below it a saturated softmax table passes at any learning rate.
"""

from typing import Any

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import decisive, lacking, listed
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.practice.claims._words import cases_of, interval_of, seeds_needed, words


def c20(learning_rate_contrasts: pd.DataFrame) -> Claim:
    """Adam tolerates a wider range of learning rates than SGD with momentum."""
    pair = {"learner": "policy_gradient", "optimizer": "adam", "other_optimizer": "momentum"}
    return _wider(
        _of(learning_rate_contrasts, pair),
        "Adam minus SGD with momentum, both on the policy gradient",
        ("difference of the widths, Adam minus SGD with momentum", "Adam's range", "P14"),
        "learning_rate_sweep.optimizers does not name adam after momentum",
    )


def c21(learning_rate_contrasts: pd.DataFrame) -> Claim:
    """The policy gradient takes more tuning than supervised learning."""
    return _wider(
        _of(learning_rate_contrasts, {"learner": "supervised", "optimizer": "all"}),
        "supervised learning (each seed imitates one of several trained policies) minus policy gradient, "
        "with the same network, batch and number of updates, averaged over the optimisers",
        ("difference of the widths, supervised minus policy gradient", "the supervised range", "P15"),
        "no optimiser was swept by both kinds of learning",
    )


def _of(table: pd.DataFrame, pair: dict[str, str]) -> pd.DataFrame:
    for column, value in pair.items():
        table = table[table[column] == value]
    return table.rename(columns={"seeds": "n"}).reset_index(drop=True)


def _wider(rows: pd.DataFrame, pair: str, shown: tuple[str, str, str], without_rows: str) -> Claim:
    """Whether the first of two ranges is the wider one at every bar, in every environment.

    A width is at least what is told where the grid ends before the range: then the difference may be more, if
    that is the first one's, or less, if it is the other's.
    """
    above = (rows["low"] > 0) & ~rows["other_censored"]
    below = (rows["high_all"] < 0) & ~rows["censored"]
    found = verdict(supported=len(rows) > 0 and bool(above.all()), refuted=bool(below.any()))
    names = [_name(row) for row in rows.to_dict("records")]
    bars = listed([f"{bar:g}" for bar in rows["good"].unique()] or ["none"], "or")
    quantity, whose, figure = shown
    cases = cases_of(names, [_difference(row) for row in rows.to_dict("records")], above, below, quantity)
    decides = decisive(cases)
    return Claim(
        test="The width, in decades, of the widest contiguous range of learning rates whose score is at "
        f"least {bars} of the best one in the environment: {pair}. Each resample of the seeds "
        "chooses the best anew.",
        found=_found(rows),
        rule="Supported if the 95 % interval lies above 0 at every threshold in every environment; refuted "
        f"if one lies below 0 at 5 % over all {len(rows)} together (Bonferroni). A range cut off by the "
        "sweep counts as at least that wide.",
        quantity=quantity + (f", the case that decides: {decides.name}" if decides else ""),
        unit="decades",
        interval=decides.interval if decides else Interval.unknown(),
        n_counts="seeds",
        verdict=found,
        figure=figure,
        reason=_reason(rows.assign(name=names), above, below, found, whose),
        lacks=lacking((rows.empty, without_rows)),
        cases=cases,
    )


def _name(row: dict[str, Any]) -> str:
    """Environment and threshold, and where the sweep leaves neither bound of the difference."""
    both = ", both ranges cut off" if row["censored"] and row["other_censored"] else ""
    return f"{words(row['environment'])}, at least {row['good']:g} of the best{both}"


def _difference(row: dict[str, Any]) -> Interval:
    """With its 95 % interval; where a range is cut off, with the one bound that still holds."""
    own = interval_of(row, "difference")
    if row["censored"] and row["other_censored"]:
        return own.without_bounds()
    if row["other_censored"]:
        return Interval.at_most(own.high, own.n, own.estimate)
    return Interval.at_least(own.low, own.n, own.estimate) if row["censored"] else own


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
    begins = f"{whose[0].upper()}{whose[1:]}"
    if found == "refuted":
        row = rows[below].sort_values("high_all").iloc[0]
        rest = " It is the wider one in others." if above.any() else ""
        return f"{begins} is narrower by {-row['difference']:.2f} decades on {row['name']}.{rest}"
    cut_off = (rows["low"] > 0) & rows["other_censored"]
    if (above | cut_off).all():
        return (
            f"All {len(rows)} differences are above 0, but only {above.sum()} count for the claim: a range "
            f"of the policy gradient is cut off by the sweep ({'; '.join(rows.loc[cut_off, 'name'])}), so it "
            "may be wider and the difference smaller."
        )
    wider = [name for name, own in rows.groupby("environment", sort=False) if above[own.index].all()]
    told = [f"{begins} is wider on {listed(map(words, wider))} at every threshold"] if wider else []
    for environment, own in rows[~above].groupby("environment", sort=False):
        told.append(_open(words(environment), own, int((rows["environment"] == environment).sum())))
    return f"{'; '.join(told)}.{_would_show(rows, above)}"


def _open(environment: str, rows: pd.DataFrame, of: int) -> str:
    """At how many bars the order is open, and whether it is so even in sign."""
    if rows["difference"].isna().all():
        return f"on {environment} no difference is known"
    low, high = (rows.loc[rows["difference"].agg(end)] for end in ("idxmin", "idxmax"))
    words_of = [f"{row['difference']:+.2f} decades at {row['good']:g} of the best" for row in (high, low)]
    signs = f", even in sign ({listed(words_of)})" if low["difference"] < 0 < high["difference"] else ""
    return f"on {environment} the order is open at {len(rows)} of {of} thresholds{signs}"


def _would_show(rows: pd.DataFrame, above: pd.Series) -> str:
    """How many seeds would decide: one row below 0, at the level of all together, or all above."""
    row = rows[~above].sort_values("difference").iloc[0]
    nearest = row["high_all"] if row["difference"] < 0 else row["low"]
    needed = seeds_needed(row["difference"], nearest, row["n"])
    return (
        f" If {row['difference']:+.2f} [{row['low']:.2f}, {row['high']:.2f}] ({row['name']}) is the true "
        f"difference, {needed} seeds would show it."
    )
