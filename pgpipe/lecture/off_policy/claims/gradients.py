"""Section 6, the gradients: what each form of importance weights is worth (C11, C12, C14 to C16, C34)."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import Sides, lacking
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.common.unbiasedness import CHANCE, MARGIN
from pgpipe.lecture.off_policy.claims._rows import (
    NEAR,
    SMALL,
    exact_slopes,
    finite_rows,
    growth_of_variance,
    measured_slope,
    place_of,
    projection_of,
    rows_of,
    span,
    stretch,
    testable_rows,
    worst_deviation,
)
from pgpipe.statistics import normal_interval, share_interval

# How far from one half an exponent may be and still count as it.
EXPONENT = 0.1


def c11(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """Reusing old samples without weights is biased, the more the farther the policies are apart."""
    rows = rows_of(off_policy_gradients, composed_of(estimators, signal="reward_to_go", baseline="none"))
    slope = measured_slope(rows)
    far = rows[rows["distance"] == rows["distance"].max()]
    biased = far["bias_low"] > 0
    exact = exact_slopes(rows)
    return Claim(
        test="",
        found=f"slope of log ‖E ĝ - ∇J(θ')‖ over log KL, up to {SMALL:g} nats, all environments and "
        f"directions together; of the exact biases {span(exact)}. At {far['distance'].max():g} nats the "
        f"bias is {far['bias'].min():.2g} to {far['bias'].max():.2g} times the length of ∇J(θ), and its "
        f"interval above zero in {int(biased.sum())} of {len(far)}",
        quantity="",
        n_counts="",
        interval=slope,
        rule="interval of the slope above zero, and that of the bias at the largest distance everywhere",
        verdict=verdict(
            supported=slope.low > 0 and len(far) > 0 and bool(biased.all()),
            refuted=slope.high < 0 or bool((far["bias_high"] == 0).any()),
        ),
        figure="P10",
        lacks=lacking(
            (rows.empty, "the off-policy study has no reward_to_go without weights"),
            (
                len(rows) > 0 and not slope.is_known,
                f"no two distances up to {SMALL:g} nats with a bias to be seen",
            ),
        ),
    )


def c12(
    off_policy_gradients: pd.DataFrame, off_policy_identities: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """With E26 it is unbiased, and at θ' = θ identical to the on-policy gradient."""
    names = composed_of(estimators, signal="total_return", baseline="none", importance="trajectory")
    rows = testable_rows(rows_of(off_policy_gradients, names))
    mean, error = projection_of(rows)
    projection = normal_interval(mean, error, rows["replicates"].sum())
    worst, beyond = worst_deviation(rows)
    same = identity_checks(off_policy_identities, "E27")
    identical = all(check.passed for check in same)
    # heavy weights make the error of few batches too small: refuted is what their components would refute
    outside = abs(mean - 1) - MARGIN > float(norm.ppf(1 - CHANCE / 2)) * error
    return Claim(
        test="",
        found="ḡ·∇J(θ')/‖∇J(θ')‖² over all exact gradients and distances at which the weights have a "
        f"fourth moment; largest deviation of a component {worst:.2f} standard errors. At θ' = θ the "
        f"largest difference from the on-policy gradient is {max((c.value for c in same), default=np.nan):g}",
        quantity="",
        n_counts="",
        interval=projection,
        rule=f"interval within 1 ± {MARGIN:g}, no component beyond Student's t at {CHANCE:g} over all, "
        f"and at θ' = θ no difference at all; refuted if the interval at {CHANCE:g} is outside",
        verdict=verdict(
            supported=projection.within(1, MARGIN) and not beyond and bool(same) and identical,
            refuted=outside or beyond or not identical,
        ),
        figure="P10",
        lacks=lacking(
            (
                rows.empty,
                "no exact gradient of trajectory weights on total_return where they have a fourth moment",
            ),
            (not same, "no check of E27"),
        ),
    )


def c14(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """The causal form is unbiased, and has a lower variance than the weights of whole trajectories."""
    causal = rows_of(
        off_policy_gradients,
        composed_of(estimators, signal="reward_to_go", baseline="none", importance="per_decision"),
    )
    dropped = rows_of(
        off_policy_gradients,
        composed_of(estimators, signal="reward_to_go", baseline="none", importance="trajectory"),
    )
    worst, beyond = worst_deviation(testable_rows(causal))
    rows = finite_rows(causal)
    ratio = Sides.of(rows, "variance_ratio")
    past, cut = Sides.of(finite_rows(dropped), "variance_ratio"), Sides.of(rows, "truncation_ratio")
    highest = rows.loc[rows["variance_ratio"].idxmax()] if ratio.n else None
    return Claim(
        test="",
        found="variance of E29 over that of E26 on the same batches, the largest where the moments are "
        f"finite{place_of(highest)}: {ratio}. Of its two parts, past rewards dropped: {past}; ratios after "
        f"the reward dropped as well: {cut}. Largest deviation of its mean from ∇J(θ'): {worst:.2f} "
        "standard errors",
        quantity="",
        n_counts="",
        interval=Interval.of_row(highest, "variance_ratio", rows["replicates"].sum()),
        rule="no component off by Student's t, and nowhere a higher variance: each interval of the "
        "ratio below one, or the two the same; refuted by one interval above one",
        verdict=verdict(
            supported=ratio.none_higher and not beyond,
            refuted=len(ratio.higher) > 0 or beyond,
        ),
        figure="P10",
        lacks=""
        if ratio.n
        else "no distance at which per_decision weights and those of whole trajectories have finite moments",
    )


def c15(off_policy_steps: pd.DataFrame) -> Claim:
    """Without the weights on the rewards the step still improves the policy: over the old one, for small
    steps.
    """
    uphill = off_policy_steps[off_policy_steps["direction"] == "gradient"]
    small = uphill[uphill["distance"] <= SMALL]
    others = off_policy_steps[off_policy_steps["direction"] != "gradient"]
    shares = [share_interval(int(row.above_old), int(row.n)) for row in small.itertuples()]
    expected = bool((small["expected"] > small["old"]).all())
    farthest = off_policy_steps[off_policy_steps["distance"] == off_policy_steps["distance"].max()]
    least = min(shares, key=lambda share: share.low, default=Interval.unknown())
    over_new = int((off_policy_steps["expected"] > off_policy_steps["new"]).sum())
    aside = "; ".join(
        f"{(rows['expected'] > rows['old']).sum()} of {len(rows)} at {distance:g}"
        for distance, rows in others.groupby("distance")
    )
    return Claim(
        test="",
        found="share of steps from θ', which lies uphill of θ, after which J is above J(θ), the smallest "
        f"of all environments up to {SMALL:g} nats. The exact expected step raises J over J(θ') in "
        f"{over_new} of {len(off_policy_steps)}, in whatever direction θ' lies; over J(θ) in random "
        f"directions, by nats, in {aside or 'none'}. Cosine of E30's expectation to ∇J(θ') at the largest "
        f"distance: {farthest['cosine_new'].min():.2f} at least",
        quantity="",
        n_counts="",
        interval=replace(least, n=int(small["n"].sum())),
        rule="uphill and at small distances each interval of the share above one half, and J after "
        "the exact expected step above J(θ)",
        verdict=verdict(
            supported=len(small) > 0 and expected and all(share.low > 0.5 for share in shares),
            refuted=any(share.high < 0.5 for share in shares) or not expected,
        ),
        figure="P10",
        lacks=""
        if len(small)
        else f"no distance up to {SMALL:g} nats in an environment with an exact J, or no no_future estimator",
    )


def c16(
    off_policy_gradients: pd.DataFrame, off_policy_scaling: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """The first-order form is biased, with an error that vanishes like √KL, and a variance that does not
    explode in T.
    """
    names = composed_of(estimators, signal="reward_to_go", baseline="none", importance="first_order")
    rows = rows_of(off_policy_gradients, names)
    exact = exact_slopes(rows)
    measured = measured_slope(rows)
    growth = growth_of_variance(rows_of(off_policy_scaling, names))
    whole = composed_of(estimators, signal="total_return", baseline="none", importance="trajectory")
    other = growth_of_variance(rows_of(off_policy_scaling, whole))
    times = stretch(off_policy_scaling)
    half = bool(exact) and all(abs(slope - 0.5) <= EXPONENT for slope in exact)
    return Claim(
        test="",
        found=f"exponent of its exact bias in KL up to {NEAR:g} nats, mean over environments and "
        "directions; there is no chance in it, so the bounds are its smallest and largest value; measured, "
        f"up to {SMALL:g} nats, {measured:.2f}. Its "
        f"variance over ‖∇J‖² grows from the second longest horizon to the longest, {times:g} times that, "
        f"by {growth:.2f}, that of whole trajectories' weights by {other:.2f}",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(
            float(np.mean(exact)) if exact else np.nan, exact, rows["replicates"].sum()
        ),
        rule=f"every exact exponent within 0.5 ± {EXPONENT:g}, and the interval of the variance's "
        "growth below that of the horizon",
        verdict=verdict(half and growth.high < times, (bool(exact) and not half) or growth.low > times),
        figure="P10",
        lacks=lacking(
            (rows.empty, "the off-policy study has no reward_to_go with first_order weights"),
            (len(rows) > 0 and not exact, f"no two distances up to {NEAR:g} nats at which the bias is exact"),
            (not growth.is_known, "the horizon study has no reward_to_go with first_order weights"),
        ),
    )


def c34(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """Past weights cannot be left out for free: without them the states are the old policy's."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none", importance="first_order")
    rows = finite_rows(rows_of(off_policy_gradients, names))
    moving = rows[~(rows["exact_past_gap"] < 1e-9)]  # a bandit has one state
    far = moving.loc[moving.groupby(["environment", "direction"])["distance"].idxmax()]
    seen = far["past_gap_low"] > 0
    largest = far.loc[far["past_gap"].idxmax()] if len(far) else None
    shares = (far["exact_past_gap"] / far["exact_bias"]).dropna()
    return Claim(
        test="",
        found="‖E[E34] - E[E30]‖, what the past ratios' absence changes, over ‖∇J(θ)‖, the largest of "
        f"all environments{place_of(largest)}. Above zero in {int(seen.sum())} of {len(far)} at the "
        f"farthest distance with a finite moment; where it is exact it is {span(list(shares))} times the "
        "first-order bias",
        quantity="",
        n_counts="",
        interval=Interval.of_row(largest, "past_gap", far["replicates"].sum()),
        rule="interval above zero in at least one environment; refuted if the exact difference is "
        "zero in all",
        verdict=verdict(
            supported=bool(seen.any()) and len(far) > 0,
            refuted=bool((far["exact_past_gap"] < 1e-9).all()) and len(far) > 0,
        ),
        figure="P10",
        lacks="" if len(far) else "no first_order estimator beside no_future where a past ratio matters",
    )
