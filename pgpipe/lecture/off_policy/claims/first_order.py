"""Section 6, the first-order form: its error as θ' comes near θ, and its variance as T grows (C16)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, lacking, problems
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.off_policy.claims._rows import (
    NOTHING,
    growth,
    quarter_and_whole,
    rows_of,
    several_steps,
)

# How far from one half an exponent may be and still count as it, and between which distances it is taken:
# there the next order, in proportion to √KL, changes it by some hundredths at most.
EXPONENT, NEAREST, NEAR = 0.05, 1e-6, 1e-4


def c16(
    off_policy_limits: pd.DataFrame, off_policy_scaling: pd.DataFrame, off_policy_weights: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Claim:  # fmt: skip
    """The first-order form is biased, with an error that vanishes like √KL, and a variance that does not
    explode in T.
    """
    names = composed_of(estimators, signal="reward_to_go", baseline="none", importance="first_order")
    whole = composed_of(estimators, signal="total_return", baseline="none", importance="trajectory")
    cases = _exponents(several_steps(off_policy_limits, off_policy_weights))
    half = bool(cases) and all(case.says == "for" for case in cases)
    first_order, others = (growth(rows_of(off_policy_scaling, of), "cost") for of in (names, whole))
    bar, horizons = _bar(off_policy_scaling)
    separates = others.low > bar
    explodes = first_order.low > bar
    values = [case.interval.estimate for case in cases]
    supported = half and first_order.high < bar and separates
    refuted = (bool(cases) and not half) or explodes
    return Claim(
        test="Exponent of the exact bias in KL as θ' → θ, in every direction on "
        f"{problems(case.name.partition(',')[0] for case in cases)}; and the factor by which the variance "
        "over the on-policy one grows on the line as T grows fourfold, k shifted by "
        f"{off_policy_scaling['shift'].iloc[0]:+g}, beside that of whole-trajectory weights.",
        found=f"The exponents are {_span(values)}. From {horizons} steps the ratio to the on-policy variance "
        f"grows by a factor {first_order:.2f}, that of whole-trajectory weights by {others:.2f}.",
        rule=f"Supported if every exponent is within 0.5 ± {EXPONENT:g}, and the factor's 95 % interval is "
        f"below {bar:.2f} (half-way, on a log scale, between no growth and that of E[w²]), while that of "
        "whole-trajectory weights is above; refuted if an exponent is outside, or the factor's interval "
        "above that. No correction, as all parts must hold.",
        quantity="exponent of the bias in KL, mean over directions",
        n_counts="environments and directions",
        interval=Interval.over_cases(float(np.mean(values)) if values else np.nan, values, len(values)),
        verdict=verdict(supported, refuted),
        figure="P9",
        reason="" if supported else _why_not_bounded(half, values, explodes, first_order, bar, others),
        lacks=lacking(
            (not cases, "no environment of several steps where the bias of the first-order form is exact"),
            (not first_order.is_known, "the horizon study has no reward_to_go with first_order weights"),
            (not others.is_known, "no cost of whole trajectories' weights with an interval at the longest "
             "horizon"),
        ),
        cases=[*cases, *_growths(first_order, others, bar, horizons)],
    )  # fmt: skip


def _exponents(limits: pd.DataFrame) -> list[Case]:
    """Exponent of the exact bias in KL, by environment and direction; no bias has none."""
    near = limits[(limits["form"] == "first_order") & limits["distance"].between(NEAREST, NEAR)]
    near = near.dropna(subset=["kl", "exact_bias"])
    cases = []
    for (environment, direction), own in near.groupby(["environment", "direction"]):
        value = 0.0
        if (own["exact_bias"] > NOTHING).all() and len(own) > 1:
            value = float(np.polyfit(np.log(own["kl"]), np.log(own["exact_bias"]), 1)[0])
        says: Says = "for" if abs(value - 0.5) <= EXPONENT else "against"
        cases.append(Case(f"{environment}, {direction}", exactly(value), says, "exponent of the bias in KL"))
    return cases


def _bar(scaling: pd.DataFrame) -> tuple[float, str]:
    """The root of E[w²]'s growth over the same horizons: in logarithms half-way between it and none."""
    ends = scaling[scaling["horizon"].isin(quarter_and_whole(scaling))]
    moments = ends.groupby("horizon")["exact_second_moment"].first().sort_index()
    if len(moments) < 2 or not (np.isfinite(moments) & (moments > 0)).all():
        return np.nan, "one horizon to the next"
    first, last = moments.index
    return float((moments[last] / moments[first]) ** 0.5), f"{first} to {last}"


def _growths(first_order: Interval, others: Interval, bar: float, horizons: str) -> list[Case]:
    what = "factor by which the variance over the on-policy one grows"
    says: Says = "for" if first_order.high < bar else "against" if first_order.low > bar else "neither"
    named = (Case(f"first-order weights, {horizons} steps", first_order, says, what),
             Case(f"weights of whole trajectories, {horizons} steps", others, "neither", what))  # fmt: skip
    return [case for case in named if case.interval.is_known]


def _why_not_bounded(
    half: bool, values: list[float], explodes: bool, first_order: Interval, bar: float, others: Interval
) -> str:
    if values and not half:
        return f"The bias does not vanish like √KL in every direction: exponents {_span(values)}."
    if explodes:
        return (
            f"The variance over the on-policy one explodes: four times T multiplies it by {first_order:.2f}."
        )
    if others.is_known and not others.low > bar:
        return f"The horizons are too short to tell: whole trajectories' weights grow by {others:.2f} alone."
    return f"The factor's interval, {first_order:.2f}, holds {bar:.2f}." if first_order.is_known else ""


def _span(values: list[float]) -> str:
    return f"{min(values):.3f} to {max(values):.3f}" if values else "not known"
