"""Section 6: what is biased, and what is not (C11, C12)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, lacking, problems
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.common.unbiasedness import CHANCE, MARGIN
from pgpipe.lecture.off_policy.claims._rows import (
    DISTANCE,
    HEAVIEST,
    NOTHING,
    SMALL,
    error_of,
    place_of,
    projection_of,
    rows_of,
    testable_rows,
    together,
    why_not,
    worst_deviation,
)

BIAS = "bias of the unweighted gradient, in ‖∇J(θ)‖"


def c11(
    off_policy_gradients: pd.DataFrame, off_policy_limits: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """Reusing old samples without weights is biased, the more the farther the policies are apart."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")
    rows = rows_of(off_policy_gradients, names)
    near = off_policy_limits[off_policy_limits["form"] == "none"]
    known = pd.concat([rows[rows["exact_bias"].notna() & (rows["distance"] > SMALL)], near])
    measured = rows[rows["exact_bias"].isna() & (rows["distance"] <= SMALL)]
    exact = [_exact_growth(name, own) for name, own in known.groupby(["environment", "direction"])]
    chance = _measured_growth(measured)
    cases = exact + chance
    factors = [growth.factor for growth in exact or chance]
    against = [growth.case for growth in cases if growth.case.says == "against"]
    supported = bool(cases) and all(growth.case.says == "for" for growth in cases)
    return Claim(
        test="In each environment samples of one policy are reused without weights for new policies at "
        f"growing distance, along the gradient and in random directions ({DISTANCE}): the bias, exact on "
        f"{problems(known['environment'])}, elsewhere the difference to the unbiased causal form "
        "on the same batches.",
        found=f"The bias grows with the distance in {len(cases) - len(against)} of {len(cases)} directions, "
        f"{min(factors, default=np.nan):,.0f}- to {max(factors, default=np.nan):,.0f}-fold from the least "
        f"distance to the largest{_two_ends(measured)}.",
        rule="Supported if in every environment and direction the bias is above zero and grows with every "
        f"distance (exact), or, where measured, its interval at {SMALL:g} nats lies above the one at the "
        "least distance (Bonferroni over all intervals); refuted if an exact bias is zero or falls, or a "
        "measured one surely falls.",
        quantity="factor by which the bias grows from the least to the largest distance, least of all "
        "directions",
        n_counts="environments and directions" + (" whose bias is exact" if exact and chance else ""),
        interval=Interval.over_cases(min(factors, default=np.nan), factors, len(factors)),
        verdict=verdict(supported, refuted=bool(against)),
        figure="P10",
        reason=""
        if supported
        else why_not(against, [g.case for g in cases], "the bias does not grow with the distance"),
        lacks="" if cases else "the off-policy study has no reward_to_go without weights",
        cases=[case for growth in cases for case in (growth.case, *growth.ends)],
    )


def c12(
    off_policy_gradients: pd.DataFrame, off_policy_identities: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """With the weights of E26 the off-policy gradient is unbiased, and at θ' = θ it is the on-policy
    gradient.
    """
    names = composed_of(estimators, signal="total_return", baseline="none", importance="trajectory")
    rows = testable_rows(rows_of(off_policy_gradients, names))
    projection = projection_of(rows)
    worst, beyond = worst_deviation(rows)
    same = identity_checks(off_policy_identities, "E27")
    identical = all(check.passed for check in same)
    # heavy weights make the error of few batches too small: refuted is what their components would refute
    outside = abs(projection.estimate - 1) - MARGIN > float(norm.ppf(1 - CHANCE / 2)) * error_of(projection)
    supported = projection.within(1, MARGIN) and not beyond and bool(same) and identical
    refuted = outside or beyond or not identical
    return Claim(
        test="Projection of the mean weighted gradient on the exact ∇J(θ'), over environments and distances "
        f"where E[w⁴] is at most {HEAVIEST:g} E[w²]² ({DISTANCE}; a single case is too noisy to judge, the "
        "pooled value decides); and E26 at θ' = θ compared with the on-policy gradient, written out "
        "separately.",
        found=f"Projection {projection:.3f}; the largest deviation of a component is {worst:.1f} standard "
        f"errors. At θ' = θ the two differ by {max((c.value for c in same), default=np.nan):.1g} at most, "
        "which is rounding.",
        rule=f"Supported if the interval is within 1 ± {MARGIN:g}, no component deviates by Student's t at "
        f"{CHANCE:g} over all of them, and at θ' = θ the two differ by rounding only; refuted if a component "
        f"does, or the interval at {CHANCE:g} is outside. Distances measured on the same batches count as "
        "fully dependent, so that they do not narrow the interval.",
        quantity="E ĝ·∇J(θ')/‖∇J(θ')‖², one if unbiased, all cases together",
        n_counts="batches in all environments",
        interval=projection,
        verdict=verdict(supported, refuted),
        figure="P10",
        reason="" if supported else _why_biased(projection, worst, beyond, identical),
        lacks=lacking(
            (
                rows.empty,
                "no exact gradient of trajectory weights on total_return where they have a fourth moment",
            ),
            (not same, "no check of E27"),
        ),
        cases=[_projected(row) for _, row in rows.iterrows()],
    )


@dataclass(frozen=True)
class Growth:
    """By what factor a bias grows, as a case, and the bias at both ends."""

    case: Case
    ends: tuple[Case, Case]

    @property
    def factor(self) -> float:
        """The factor alone."""
        return self.case.interval.estimate


def _growth_of(
    first: pd.Series, last: pd.Series, ends: Sequence[Interval], factor: Interval, says: Says
) -> Growth:
    place = f"{last['environment']}, {last['direction']}"
    words = f"{place}, {first['distance']:g} to {last['distance']:g} nats"
    low, high = (
        Case(place_of(row), end, quantity=BIAS) for row, end in zip((first, last), ends, strict=True)
    )
    return Growth(Case(words, factor, says, "factor by which the bias grows"), (low, high))


def _exact_growth(name: tuple[str, str], rows: pd.DataFrame) -> Growth:
    """Whether an exact bias is above zero and grows from each distance to the next."""
    rows = rows.sort_values("distance")
    grows = bool((rows["exact_bias"].diff().dropna() > 0).all() and (rows["exact_bias"] > NOTHING).all())
    first, last = rows.iloc[0], rows.iloc[-1]
    ends = [exactly(row["exact_bias"]) for row in (first, last)]
    factor = last["exact_bias"] / first["exact_bias"] if first["exact_bias"] else np.nan
    return _growth_of(first, last, ends, exactly(factor), "for" if grows else "against")


def _measured_growth(rows: pd.DataFrame) -> list[Growth]:
    """Whether the interval at the farthest of the small distances is above that at the nearest."""
    found, groups = [], [own.sort_values("distance") for _, own in rows.groupby(["environment", "direction"])]
    groups = [own for own in groups if len(own) > 1]
    for own in groups:
        first, last = own.iloc[0], own.iloc[-1]
        low, high = (
            together(Interval.of_row(row, "gap", row["replicates"]), 2 * len(groups)) for row in (first, last)
        )
        says: Says = "for" if high.low > low.high else "against" if high.high < low.low else "neither"
        # the ends of both intervals, so that it holds whatever their dependence
        factor = Interval.by_chance(
            high.estimate / low.estimate,
            high.low / low.high,
            high.high / low.low if low.low > 0 else np.inf,
            low.n,
        )
        found.append(_growth_of(first, last, (low, high), factor.together(), says))
    return found


def _two_ends(measured: pd.DataFrame) -> str:
    """What is known of the measured ones."""
    return f" (on {problems(measured['environment'])} from two distances only)" if len(measured) else ""


def _why_biased(projection: Interval, worst: float, beyond: bool, identical: bool) -> str:
    if not identical:
        return "At θ' = θ the weighted gradient is not the on-policy one."
    if beyond:
        return f"A component of the mean is {worst:.1f} standard errors off the exact gradient."
    if not projection.is_known:
        return ""
    return f"Its projection, {projection:.3f}, is not within {MARGIN:g} of one for sure."


def _projected(row: pd.Series) -> Case:
    half = float(norm.ppf(0.975)) * row["projection_error"]
    value = row["projection"]
    interval = Interval.by_chance(value, value - half, value + half, row["replicates"])
    return Case(place_of(row), interval, quantity="E ĝ·∇J(θ')/‖∇J(θ')‖², one if unbiased")
