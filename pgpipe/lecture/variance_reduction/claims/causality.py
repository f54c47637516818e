"""Section 5, causality: the reward to go, and why it may stand for the return (E14 to E18, C8, C30, C31)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import Sides, environments_of
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.identities import Identities, identity_checks
from pgpipe.lecture.common.unbiasedness import (
    MARGIN,
    lacks_projection,
    largest_deviations,
    pooled_projection,
)
from pgpipe.statistics import pooled_mean

IDENTITIES = Identities(
    "causality_identities",
    {
        "E14": "The product of both sums is what one backward pass through the pseudo-loss gives.",
        "E15": "The return may be moved inside the sum over time.",
        "E16": "What is dropped, the rewards before an action, has the mean zero: in sum, and pair by pair.",
        "E17": "The reward to go obeys its recursion, and its mean over visits is the exact Q.",
    },
)


def e18(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """With the reward to go the mean is still the exact gradient."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")
    return largest_deviations(gradient_components, names)


def c8(gradient_quality: pd.DataFrame, gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """Reward to go is unbiased and has the lower variance."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")[:1]
    rows = gradient_quality[gradient_quality["estimator"].isin(names)]
    rows = rows[rows["batch_size"] == rows["batch_size"].max()].dropna(subset="variance_ratio")
    sides = Sides.of(rows, "variance_ratio")
    projection = pooled_projection(gradient_projection, names)
    n, worst = int(rows["replicates"].sum()), rows.loc[rows["variance_ratio"].idxmax()] if len(rows) else None
    return Claim(
        test="",
        found="variance of the reward to go over that of the total return, the largest of all environments "
        f"and stages{_place(worst)}. Lower in {len(sides.lower)} of {sides.n}{environments_of(sides.lower)}; "
        f"the same in {len(sides.same)}{environments_of(sides.same)}, whose rewards come with the last step; "
        f"higher in {len(sides.higher)}{environments_of(sides.higher)}. Projection on the exact gradient "
        f"{projection:.3f}",
        quantity="",
        n_counts="",
        interval=Interval.of_row(worst, "variance_ratio", n),
        rule=f"the projection within 1 ± {MARGIN:g}, and nowhere a higher variance: each interval of "
        "the ratio below one, or the two the same; refuted by one interval above one",
        verdict=verdict(
            supported=projection.within(1, MARGIN) and sides.none_higher,
            refuted=len(sides.higher) > 0 or projection.outside(1, MARGIN),
        ),
        figure="P3",
        lacks=lacks_projection(projection, names, "reward_to_go without a baseline")
        or ("" if sides.n else "the config has no total_return without a baseline to compare with"),
    )


def c30(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[∇log π_θ(a_t'|s_t') r_t] = 0 for t < t': the past has no part in the gradient."""
    pooled = _pooled(causality_effects, "past")
    pairs = identity_checks(causality_identities, "E16")
    deviates = not all(check.passed for check in pairs)
    worst = max((check.value for check in pairs if check.reference == 0), default=float("nan"))
    return Claim(
        test="",
        found="what E16 drops, along ∇J and in units of its length, over all environments and stages; "
        f"largest mean of a single pair of steps {worst:.2f} standard errors",
        quantity="",
        n_counts="",
        interval=pooled,
        rule=f"interval within ± {MARGIN:g}, and every check of E16 passed",
        verdict=verdict(
            supported=pooled.within(0, MARGIN) and not deviates,
            refuted=pooled.outside(0, MARGIN) or deviates,
        ),
        figure="E16",
        lacks="" if pooled.is_known else "no environment with rewards before its last action",
    )


def c31(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[Q̂_t | s, a] = Q(s, a): the reward to go estimates the Q-function."""
    pooled = _pooled(causality_effects, "slope of Q̂")
    checks = identity_checks(causality_identities, "E17")
    deviates = not all(check.passed for check in checks)
    return Claim(
        test="",
        found="slope of Q̂ over the exact Q(s, a) by dynamic programming, over all visits; and its mean, "
        "visit by visit, against Q in every state, for every action at every step",
        quantity="",
        n_counts="",
        interval=pooled,
        rule=f"interval within 1 ± {MARGIN:g}, and every check of E17 passed",
        verdict=verdict(
            supported=pooled.within(1, MARGIN) and not deviates,
            refuted=pooled.outside(1, MARGIN) or deviates,
        ),
        figure="E17",
        lacks="" if pooled.is_known else "the causality study has no environment with an exact Q(s, a)",
    )


def _pooled(effects: pd.DataFrame, quantity: str) -> Interval:
    """The precision-weighted mean of a quantity over environments and stages."""
    rows = effects[(effects["quantity"] == quantity) & (effects["standard_error"] > 0)]
    if rows.empty:
        return Interval.unknown()
    return pooled_mean(rows["estimate"].to_numpy(), rows["standard_error"].to_numpy(), rows["n"].sum())


def _place(row: pd.Series | None) -> str:
    return "" if row is None else f" ({row['environment']}, {row['policy']})"
