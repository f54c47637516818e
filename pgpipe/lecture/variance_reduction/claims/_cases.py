"""What the claims of section 5 share: environments at stages as cases, and what is pooled over them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import place_of
from pgpipe.lecture.common.evidence import Case, Says
from pgpipe.statistics import normal_interval, pooled_mean


def told(is_known: bool, words: str) -> str:
    """What was found, if anything was."""
    return words if is_known else "Nothing was measured."


def as_case(row: Mapping[str, Any] | pd.Series, name: str, n: int) -> Interval:
    """A number with its interval in `low` and `high`, or exact where the row says so."""
    if row["exact"]:
        return Interval.over_cases(row[name], [row[name]], n)
    return Interval.by_chance(row[name], row["low"], row["high"], n)


def stage_cases(rows: pd.DataFrame, name: str, says: Mapping[str, Says], quantity: str) -> Sequence[Case]:
    """A case for each environment and stage; `says` translates its side."""
    return [
        Case(
            place_of(row),
            as_case(row, name, 1 if row["exact"] else row["replicates"]),
            says.get(row["side"], "neither"),
            quantity,
        )
        for row in rows.to_dict("records")
    ]


def exact_ratios(exact: pd.DataFrame, above: Sequence[str], below: Sequence[str]) -> "pd.Series[float]":
    """Exact variance of one estimator over another's, by environment and stage, at the largest batch."""
    rows = exact[exact["batch_size"] == exact["batch_size"].max()]
    over, under = (
        rows[rows["estimator"].isin(names)].groupby(["environment", "policy"])["variance"].sum()
        for names in (above, below)
    )
    return over / under


def pooled_effect(effects: pd.DataFrame, quantity: str) -> tuple[Interval, Sequence[Case]]:
    """The precision-weighted mean of a quantity over environments and stages, and each of them."""
    rows = effects[(effects["quantity"] == quantity) & (effects["standard_error"] > 0)]
    if rows.empty:
        return Interval.unknown(), []
    values, errors = rows["estimate"].to_numpy(), rows["standard_error"].to_numpy()
    cases = [
        Case(place_of(row), normal_interval(row["estimate"], row["standard_error"], row["n"]))
        for row in rows.to_dict("records")
    ]
    return pooled_mean(values, errors, rows["n"].sum()), cases
