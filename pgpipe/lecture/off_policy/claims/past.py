"""Section 6, the ratios of the past: what it costs to leave them out (C34)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, problems
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Claim, verdict
from pgpipe.lecture.off_policy.claims._rows import (
    DISTANCE,
    NOTHING,
    SMALL,
    place_of,
    rows_of,
    several_steps,
    together,
    why_not,
)

CHANGE = "change of the expected gradient when past ratios are left out, in ‖∇J(θ)‖"


def c34(
    off_policy_gradients: pd.DataFrame, off_policy_limits: pd.DataFrame, off_policy_weights: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Claim:  # fmt: skip
    """Past weights cannot be left out for free: without them the states are the old policy's."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none", importance="first_order")
    first_order = off_policy_limits["form"] == "first_order"
    known = off_policy_limits[first_order & (off_policy_limits["distance"] == SMALL)]
    known = several_steps(known, off_policy_weights)
    cases = [_exact_gap(row) for _, row in known.iterrows()]
    rows = several_steps(rows_of(off_policy_gradients, names), off_policy_weights)
    measured = rows[rows["exact_bias"].isna() & (rows["distance"] <= SMALL)]
    for environment, own in measured.groupby("environment"):
        cases.append(_measured_gap(str(environment), own, len(measured)))
    values = [case.interval.estimate for case in cases]
    exact = values[: len(known)] or values
    against = [case for case in cases if case.says == "against"]
    supported = bool(cases) and all(case.says == "for" for case in cases)
    return Claim(
        test="Difference that leaving the past ratios out makes to the expected gradient, ‖E[E34] - E[E30]‖, "
        f"at up to {SMALL:g} nats on {problems(case.name.partition(',')[0] for case in cases)}; exact where "
        f"known, else on the same batches ({DISTANCE}).",
        found=f"The difference is {min(values, default=np.nan):.2g} to {max(values, default=np.nan):.2g} "
        f"times ‖∇J(θ)‖, and above zero in {sum(case.says == 'for' for case in cases)} of {len(cases)} "
        "cases.",
        rule="Supported if it is above zero in every exact direction, and in every other environment at one "
        "distance at least (Bonferroni over distances and directions); refuted if an exact one is zero.",
        quantity="least change of the expected gradient by leaving past ratios out",
        unit="‖∇J(θ)‖",
        n_counts="environments and directions" + (" whose difference is exact" if len(known) else ""),
        interval=Interval.over_cases(min(exact, default=np.nan), exact, len(exact)),
        verdict=verdict(supported, refuted=bool(against)),
        figure="P10",
        reason=_how_little(cases)
        if supported
        else why_not(against, cases, "leaving past ratios out changes nothing"),
        lacks="" if cases else "no first_order estimator beside no_future where a past ratio matters",
        cases=cases,
    )


def _how_little(cases: list[Case]) -> str:
    """Where leaving past ratios out changes least."""
    least = min(cases, key=lambda case: case.interval.estimate)
    return f"The gradient always changes, if by only {least.interval.estimate:.2%} of ‖∇J(θ)‖ ({least.name})."


def _exact_gap(row: pd.Series) -> Case:
    return Case(
        place_of(row),
        exactly(row["exact_past_gap"]),
        "for" if row["exact_past_gap"] > NOTHING else "against",
        CHANGE,
    )


def _measured_gap(environment: str, rows: pd.DataFrame, looks: int) -> Case:
    """The distance and direction of an environment where the difference is surest."""
    found = [
        (place_of(row), together(Interval.of_row(row, "past_gap", row["replicates"]), looks))
        for _, row in rows.iterrows()
    ]
    place, interval = max(found, key=lambda pair: pair[1].low)
    return Case(place, interval, "for" if interval.low > 0 else "neither", CHANGE)
