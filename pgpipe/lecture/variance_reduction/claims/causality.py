"""Section 5, causality: the reward to go, and why it may stand for the return (E14 to E18, C8, C30, C31)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import alike, environments_of
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.identities import Identities
from pgpipe.lecture.common.unbiasedness import (
    MARGIN,
    lacks_projection,
    largest_deviations,
    pooled_projection,
)
from pgpipe.lecture.variance_reduction.claims._cases import (
    as_case,
    exact_ratios,
    pooled_effect,
    stage_cases,
    told,
)

IDENTITIES = Identities(
    "causality_identities",
    {
        "E14": "The product of both sums is what one backward pass through the pseudo-loss gives.",
        "E15": "The return may be moved inside the sum over time: scores by autograd, and the estimators'.",
        "E16": "What is dropped, the rewards before an action, has the mean zero: in sum, and pair by pair.",
        "E17": "The reward to go is the sum term by term, and its mean over visits is the exact Q.",
    },
)


def e18(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """With the reward to go the mean is still the exact gradient."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")
    return largest_deviations(gradient_components, names)


def c8(
    gradient_quality: pd.DataFrame,
    gradient_projection: pd.DataFrame,
    gradient_exact_variance: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Claim:
    """Reward to go is unbiased and has the lower variance."""
    to_go, plain = (
        composed_of(estimators, signal=signal, baseline="none")[:1]
        for signal in ("reward_to_go", "total_return")
    )
    rows = gradient_quality[gradient_quality["estimator"].isin(to_go)]
    rows = rows[rows["batch_size"] == rows["batch_size"].max()].dropna(subset="variance_ratio")
    rows = _ratios(rows, exact_ratios(gradient_exact_variance, to_go, plain))
    lower, same, higher = (rows[rows["side"] == side] for side in ("lower", "the same", "higher"))
    worst = rows.loc[rows["ratio"].idxmax()] if len(rows) else None
    projection = pooled_projection(gradient_projection, to_go)
    none_higher = len(rows) > 0 and len(lower) + len(same) == len(rows)
    return Claim(
        test="Variance of the gradient estimate from the reward to go over that from the total return, both "
        "without a baseline, on every environment and stage of training of this seed's policies, exactly "
        "where all trajectories can be listed; and the projection of the mean estimate on the exact ∇J.",
        found=told(
            len(rows) > 0 and projection.is_known,
            f"The variance is lower in {len(lower)} of {len(rows)} policies, the same in "
            f"{len(same)}{environments_of(same)}, higher in {len(higher)}{environments_of(higher)}. The "
            f"projection on ∇J, 1 if unbiased, is {projection:.3f}.",
        ),
        rule=f"Supported if the projection is within 1 ± {MARGIN:g} and no variance is higher: each interval "
        "below 1, or the two the same batch by batch. Refuted if one lies above 1 or the projection is off; "
        f"measured intervals with Bonferroni over all {len(rows)} policies.",
        quantity="largest variance of the reward to go over that of the total return",
        unit="ratio",
        n_counts="policies",
        interval=Interval.unknown() if worst is None else as_case(worst, "ratio", len(rows)),
        verdict=verdict(
            supported=projection.within(1, MARGIN) and none_higher,
            refuted=len(higher) > 0 or projection.outside(1, MARGIN),
        ),
        reason=_why_c8(rows, projection),
        figure="P3",
        lacks=lacks_projection(projection, to_go, "reward_to_go without a baseline")
        or ("" if len(rows) else "the config has no total_return without a baseline to compare with"),
        cases=stage_cases(rows, "ratio", {"lower": "for", "higher": "against"}),
    )


def c30(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[∇log π_θ(a_t'|s_t') r_t] = 0 for t < t': the past has no part in the gradient."""
    pooled, cases = pooled_effect(causality_effects, "past")
    failed, worst = _failed(causality_identities, "E16")
    return Claim(
        test="What E16 drops, the scores times the rewards before them, projected on the exact ∇J, pooled "
        "over all environments and stages of this seed's policies; and the mean of every pair of a score "
        "and an earlier reward.",
        found=told(
            pooled.is_known,
            f"The projection is {pooled:.3f} of the length of ∇J. The largest mean of a pair is "
            f"{worst:.1f} standard errors from zero.",
        ),
        rule=f"Supported if the 95 % interval of the projection is within ± {MARGIN:g} and every check of "
        "E16 passes. Refuted if the interval is outside or a check fails; the checks allow chance 1e-4 over "
        "all comparisons.",
        quantity="projection of what E16 drops on ∇J, in lengths of ∇J",
        n_counts="batches",
        interval=pooled,
        verdict=verdict(
            supported=pooled.within(0, MARGIN) and not failed,
            refuted=pooled.outside(0, MARGIN) or bool(failed),
        ),
        reason=_why(pooled, 0, failed, "The rewards before an action have a part in the gradient"),
        figure="P4",
        lacks="" if pooled.is_known else "no environment with rewards before its last action",
        cases=cases,
    )


def c31(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[Q̂_t | s, a] = Q(s, a): the reward to go estimates the Q-function."""
    pooled, cases = pooled_effect(causality_effects, "slope of Q̂")
    failed, worst = _failed(causality_identities, "E17")
    return Claim(
        test="Slope of the reward to go Q̂ over the exact Q(s, a) by dynamic programming, over all visits "
        "of this seed's policies; and the mean of Q̂ - Q over the visits of every state and action.",
        found=told(
            pooled.is_known,
            f"The slope is {pooled:.4f}. The largest mean of Q̂ - Q is {worst:.1f} standard errors from zero.",
        ),
        rule=f"Supported if the 95 % interval of the slope is within 1 ± {MARGIN:g} and every check of E17 "
        "passes. Refuted if the interval is outside or a check fails; the checks allow chance 1e-4 over all "
        "comparisons.",
        quantity="slope of Q̂ over Q",
        n_counts="batches",
        interval=pooled,
        verdict=verdict(
            supported=pooled.within(1, MARGIN) and not failed,
            refuted=pooled.outside(1, MARGIN) or bool(failed),
        ),
        reason=_why(pooled, 1, failed, "The reward to go does not have the mean Q"),
        figure="E17",
        lacks="" if pooled.is_known else "the causality study has no environment with an exact Q(s, a)",
        cases=cases,
    )


def _ratios(rows: pd.DataFrame, exact: "pd.Series[float]") -> pd.DataFrame:
    """Each row's ratio, exact where known, else with its interval after Bonferroni; its side of one."""
    known = exact.reindex(pd.MultiIndex.from_frame(rows[["environment", "policy"]])).to_numpy(float)
    measured = rows[["variance_ratio", "variance_ratio_low", "variance_ratio_high"]].to_numpy(float).T
    wider = norm.ppf(1 - 0.025 / max(1, len(rows))) / norm.ppf(0.975)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, low, high = measured[0], *(measured[0] * (end / measured[0]) ** wider for end in measured[1:])
    ratio, low, high = (np.where(np.isnan(known), value, known) for value in (ratio, low, high))
    sides = np.select([alike(low, high), high < 1, low > 1], ["the same", "lower", "higher"], "not told")
    return rows.assign(ratio=ratio, low=low, high=high, exact=~np.isnan(known), side=sides)


def _why_c8(rows: pd.DataFrame, projection: Interval) -> str:
    """Why it is refuted, or undecided."""
    higher, not_told = rows[rows["side"] == "higher"], rows[rows["side"] == "not told"]
    if len(higher):
        worst = higher.loc[higher["ratio"].idxmax()]
        where = f"on {worst['environment'].capitalize()} it is {worst['ratio']:.1f} times higher"
        return f"Reward to go does not always lower the variance: {where}."
    if not projection.within(1, MARGIN):
        return f"The mean of the estimate is not known to be ∇J: its projection is {projection:.3f}."
    return f"In {len(not_told)} of {len(rows)} policies no lower variance was told." if len(not_told) else ""


def _failed(identities: pd.DataFrame, equation: str) -> tuple[Sequence[Check], float]:
    """The checks of an equation that did not pass, and the largest deviation of a mean in standard errors."""
    checks = IDENTITIES.checks(identities, equation)
    means = set(identities.loc[identities["kind"] == "mean", "what"])
    found = [check.value for check in checks if check.what.rpartition(", ")[0] in means]
    return [check for check in checks if not check.passed], max(found, default=float("nan"))


def _why(pooled: Interval, expected: float, failed: Sequence[Check], words: str) -> str:
    """Why such a claim is refuted, or undecided."""
    if failed:
        return f"{words}: {failed[0].what} fails, {failed[0].value:.2g}."
    if pooled.outside(expected, MARGIN):
        return f"{words}: {pooled:.3f} where {expected:g} is due."
    if pooled.is_known and not pooled.within(expected, MARGIN):
        return f"Too few batches: the interval is wider than {expected:g} ± {MARGIN:g}."
    return ""
