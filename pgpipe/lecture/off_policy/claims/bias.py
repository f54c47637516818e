"""Section 6: what is biased, and what is not (C11, C12)."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, lacking
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.common.unbiasedness import CHANCE, MARGIN
from pgpipe.lecture.off_policy.claims._rows import (
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


def c11(
    off_policy_gradients: pd.DataFrame, off_policy_limits: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """Reusing old samples without weights is biased, the more the farther the policies are apart."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")
    rows = rows_of(off_policy_gradients, names)
    near = off_policy_limits[off_policy_limits["form"] == "none"]
    known = pd.concat([rows[rows["exact_bias"].notna() & (rows["distance"] > SMALL)], near])
    cases = [_exact_growth(name, own) for name, own in known.groupby(["environment", "direction"])]
    measured = rows[rows["exact_bias"].isna() & (rows["distance"] <= SMALL)]
    cases += _measured_growth(measured)
    values = [case.interval.estimate for case in cases]
    against = [case for case in cases if case.says == "against"]
    supported = bool(cases) and all(case.says == "for" for case in cases)
    return Claim(
        test="Bias of the unweighted gradient of old samples of one policy of each environment, at new "
        "policies ever farther away along the gradient and in random directions; exact where known, else the "
        "difference to the unbiased causal form on the same batches.",
        found=f"Growing with the distance in {len(cases) - len(against)} of {len(cases)} directions; at the "
        f"largest distance of each {min(values, default=np.nan):.2g} to {max(values, default=np.nan):.2g} "
        "times ‖∇J(θ)‖.",
        rule="Supported if in every environment and direction the bias is above zero and grows with every "
        f"distance (exact), or its interval at {SMALL:g} nats lies above that at the least distance "
        "(measured; Bonferroni over all intervals); refuted if it is zero or falls anywhere.",
        quantity="least bias at the largest distance, over directions",
        unit="‖∇J(θ)‖",
        n_counts="environments and directions",
        interval=Interval.over_cases(min(values, default=np.nan), values, len(cases)),
        verdict=verdict(supported, refuted=bool(against)),
        figure="P10",
        reason="" if supported else why_not(against, cases, "the bias does not grow with the distance"),
        lacks="" if cases else "the off-policy study has no reward_to_go without weights",
        cases=cases,
    )


def c12(
    off_policy_gradients: pd.DataFrame, off_policy_identities: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """With E26 it is unbiased, and at θ' = θ identical to the on-policy gradient."""
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
        "where weights have a light fourth moment; and E26 at θ' = θ against the on-policy sum, by hand.",
        found=f"Projection {projection:.3f}; the largest deviation of a component is {worst:.1f} standard "
        f"errors. At θ' = θ the two differ by {max((c.value for c in same), default=np.nan):.1g} at most, "
        "which is rounding.",
        rule=f"Supported if the interval is within 1 ± {MARGIN:g}, no component deviates by Student's t at "
        f"{CHANCE:g} over all of them, and θ' = θ leaves rounding alone; refuted if a component does, or the "
        f"interval at {CHANCE:g} is outside. Targets that share batches count as fully dependent.",
        quantity="E ĝ·∇J(θ')/‖∇J(θ')‖², one if unbiased",
        n_counts="batches",
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
    )  # fmt: skip


def _exact_growth(name: tuple[str, str], rows: pd.DataFrame) -> Case:
    """Whether an exact bias is above zero and grows from each distance to the next."""
    rows = rows.sort_values("distance")
    grows = bool((rows["exact_bias"].diff().dropna() > 0).all() and (rows["exact_bias"] > NOTHING).all())
    last = rows.iloc[-1]
    return Case(
        f"{name[0]}, {name[1]}, {last['distance']:g} nats",
        exactly(last["exact_bias"]),
        "for" if grows else "against",
    )


def _measured_growth(rows: pd.DataFrame) -> list[Case]:
    """Whether the interval at the farthest of the small distances is above that at the nearest."""
    ends, groups = [], [own.sort_values("distance") for _, own in rows.groupby(["environment", "direction"])]
    groups = [own for own in groups if len(own) > 1]
    for own in groups:
        low, high = (
            together(Interval.of_row(row, "gap", row["replicates"]), 2 * len(groups))
            for _, row in own.iloc[[0, -1]].iterrows()
        )
        says: Says = "for" if high.low > low.high else "against" if high.high < low.low else "neither"
        ends.append(Case(place_of(own.iloc[-1]), high, says))
    return ends


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
    return Case(place_of(row), Interval.by_chance(value, value - half, value + half, row["replicates"]))
