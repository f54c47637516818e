"""Baselines of equal variance under which learning differs (C40)."""

from typing import Any

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, lacking, listed, stretched
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.statistics import LEVEL

# How far apart shares of runs may be and still count as the same, and how far a ratio of variances from one.
SHARE, EQUAL = 0.05, 0.05


def c40(baseline_pairs: pd.DataFrame, baseline_arms: pd.DataFrame) -> Claim:
    """Only a baseline's variance matters."""
    rows = baseline_pairs.to_dict("records")
    cases = [_case(row, len(rows)) for row in rows]
    against = [case for case in cases if case.says == "against"]
    found = verdict(
        supported=bool(cases) and all(case.says == "for" for case in cases), refuted=bool(against)
    )
    decides = max(cases, key=lambda case: abs(case.interval.estimate), default=None)
    return Claim(
        test=f"Runs on a softmax bandit{_runs(baseline_arms)}, with the baseline b* + δ and with b* - δ, "
        "where b* is the constant of least variance at the run's present policy: the difference of the "
        "shares of runs whose likeliest arm is the best one at the end. At one policy both have the same "
        "variance.",
        found=_told(rows) + _variances([row["measured_ratio"] for row in rows]),
        rule=f"Supported if all differences lie within ± {SHARE:g} at 95 % over all of them together; "
        f"refuted if one is not zero at {1 - PROMISE:.1%} over all (Bonferroni), where the measured "
        f"variances' ratio is within 1 ± {EQUAL:g}.",
        quantity="share of runs at the best arm, b* + δ minus b* - δ"
        + (f", {decides.name}" if decides else ""),
        interval=decides.interval if decides else Interval.unknown(),
        n_counts="runs on either side",
        verdict=found,
        figure="P22",
        reason=_reason(against, rows) if found != "supported" else "",
        lacks=lacking((not cases, "the baseline study has no δ")),
        cases=[*cases, *(_variance_case(row) for row in rows)],
    )


def _case(row: dict[str, Any], looks: int) -> Case:
    """A difference of shares, with the interval that holds together with the others'."""
    own = Interval.of_row(row, "difference", row["runs"])
    low, high = stretched(own, (1 - LEVEL) / looks)
    sure_low, sure_high = stretched(own, PROMISE / looks)
    equal = Interval.of_row(row, "measured_ratio", row["runs"]).within(1, EQUAL)
    says: Says = "neither"
    if equal and (sure_low > 0 or sure_high < 0):
        says = "against"
    elif low > -SHARE and high < SHARE:
        says = "for"
    shown = Interval.by_chance(own.estimate, low, high, own.n)
    return Case(_name(row), shown.together() if looks > 1 else shown, says, "difference of shares")


def _variance_case(row: dict[str, Any]) -> Case:
    return Case(
        _name(row), Interval.of_row(row, "measured_ratio", row["runs"]), quantity="ratio of variances"
    )


def _name(row: dict[str, Any]) -> str:
    return f"{_steps(row)}, δ = ±{row['delta']:g}"


def _steps(row: dict[str, Any]) -> str:
    return f"{row['direction']} steps, α = {row['learning_rate']:g}"


def _runs(arms: pd.DataFrame) -> str:
    """How many there are, and how long."""
    if arms.empty:
        return ""
    return f", {arms['runs'].max():,.0f} of {arms['updates'].max():,.0f} updates for each δ"


def _told(rows: list[dict[str, Any]]) -> str:
    """The largest δ of every rule."""
    last = {row["rule"]: row for row in sorted(rows, key=lambda row: row["delta"])}
    each = [
        f"{_share(row['difference'])} [{_share(row['difference_low'])}, {_share(row['difference_high'])}] "
        f"({_name(row)})"
        for row in last.values()
    ]
    return f"The difference of the shares is {listed(each)}." if each else "Nothing was measured."


def _share(value: float) -> str:
    """With its sign, if it has one at two decimals."""
    return f"{round(value, 2):+.2f}" if round(value, 2) else "0"


def _variances(ratios: list[float]) -> str:
    """That they are the same."""
    if not ratios:
        return ""
    return (
        f" The ratios of the variances, at the policy whose logits are the rewards, are {min(ratios):.2f} to "
        f"{max(ratios):.2f}."
    )


def _reason(against: list[Case], rows: list[dict[str, Any]]) -> str:
    """Which baseline learns better, and with which steps it does not matter."""
    if not against:
        return "No pair is told apart, and not all are known to be within the margin." if rows else ""
    worst = max(against, key=lambda case: abs(case.interval.estimate))
    sides = ("b* + δ", "b* - δ")
    more, fewer = sides if worst.interval.estimate > 0 else reversed(sides)
    clear = {case.name.rpartition(", δ")[0] for case in against}
    calm = [steps for steps in dict.fromkeys(map(_steps, rows)) if steps not in clear]
    also = f" No difference is seen with {listed(calm)}." if calm else ""
    by = f"{abs(worst.interval.estimate):.2f} ({worst.name})"
    return f"At equal variance more runs end at the best arm with {more} than with {fewer}, by {by}.{also}"
