"""Section 6, the causal form: its mean, and its variance beside that of whole trajectories' weights (C14)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import alike, problems
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.off_policy.claims._rows import (
    DISTANCE,
    finite_rows,
    place_of,
    rows_of,
    testable_rows,
    together,
    worst_deviation,
)

RATIO = "variance ratio, causal over whole trajectories"
PAST, CUT = "variance ratio, past rewards dropped alone", "variance ratio, later ratios left out besides"


def c14(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """The causal form is unbiased, and has a lower variance than whole-trajectory weights."""
    of_form = {"signal": "reward_to_go", "baseline": "none"}
    causal, dropped = (
        rows_of(off_policy_gradients, composed_of(estimators, importance=form, **of_form))
        for form in ("per_decision", "trajectory")
    )
    worst, beyond = worst_deviation(testable_rows(causal))
    cases, same = _ratios(finite_rows(causal), "variance_ratio", RATIO)
    past, _ = _ratios(finite_rows(dropped), "variance_ratio", PAST)
    cut, _ = _ratios(finite_rows(causal), "truncation_ratio", CUT)
    higher = [case for case in cases if case.says == "against"]
    lower = [case for case in cases if case.says == "for"]
    highest = max(cases, key=lambda case: case.interval.estimate, default=None)
    interval = highest.interval if highest else Interval.unknown()
    supported = bool(cases) and len(lower) == len(cases) and not beyond
    return Claim(
        test="Variance of the causal gradient (E29) over that with whole-trajectory weights (E26) on "
        f"the same batches, at every environment, direction and distance with finite E[w⁴] ({DISTANCE}); "
        "and the deviation of its mean from the exact ∇J(θ'), where that is known.",
        found=f"Lower in {len(lower)}, higher in {len(higher)} of {len(cases)} cases; the largest ratio is "
        f"{interval:.2f}. In {same} more cases the two estimates are the same in every batch and do not "
        f"count. The largest deviation of the mean is {worst:.1f} standard errors.{_apart(past, cut)}",
        rule="Supported if every interval of the ratio is below one and no component of the mean deviates "
        "(Student's t, 0.0001 over all components); refuted if an interval is above one, or a component "
        "deviates. "
        "Bonferroni over all cases that count.",
        quantity="largest variance ratio, causal over whole trajectories, of all cases",
        n_counts=f"batches in that case{_others(cases)}",
        interval=interval,
        verdict=verdict(supported, refuted=bool(higher) or beyond),
        figure="P10",
        reason="" if supported else _why_not_lower(beyond, worst, higher, cases),
        lacks="" if cases
        else "no distance at which per_decision weights and those of whole trajectories have finite moments",
        cases=[*cases, *past, *cut],
    )  # fmt: skip


def _ratios(rows: pd.DataFrame, name: str, quantity: str) -> tuple[list[Case], int]:
    """A case for each row that counts, by intervals that hold together; and how many are the same."""
    known = rows.dropna(subset=name)
    same = alike(known[f"{name}_low"], known[f"{name}_high"])
    counted = known[~same]
    cases = []
    for _, row in counted.iterrows():
        interval = together(Interval.of_row(row, name, row["replicates"]), len(counted), logarithmic=True)
        says: Says = "for" if interval.high < 1 else "against" if interval.low > 1 else "neither"
        cases.append(Case(place_of(row), interval, says if quantity == RATIO else "neither", quantity))
    return cases, int(same.sum())


def _apart(past: list[Case], cut: list[Case]) -> str:
    """What comes from dropping past rewards, and what from leaving later ratios out."""
    spans = [
        f"{min(c.interval.estimate for c in cases):.2f} to {max(c.interval.estimate for c in cases):.2f}"
        for cases in (past, cut)
        if cases
    ]
    if len(spans) < 2:
        return ""
    return (
        f" Dropping past rewards alone gives ratios of {spans[0]}; leaving out the later ratios besides "
        f"changes the variance by a further factor of {spans[1]}."
    )


def _others(cases: list[Case]) -> str:
    """Where other cases have fewer batches."""
    fewest = min((case.interval.n for case in cases), default=0)
    places = problems(c.name.partition(",")[0] for c in cases if c.interval.n == fewest)
    return f" ({places}: {fewest})" if len({case.interval.n for case in cases}) > 1 else ""


def _why_not_lower(beyond: bool, worst: float, higher: list[Case], cases: list[Case]) -> str:
    if beyond:
        return f"The causal form's mean is {worst:.1f} standard errors off the exact gradient."
    if higher:
        return f"The causal form has the higher variance at {higher[0].name}: {higher[0].interval:.2f} times."
    unsure = [case for case in cases if case.says == "neither"]
    return f"The interval at {unsure[0].name} holds one: {unsure[0].interval:.2f}." if unsure else ""
