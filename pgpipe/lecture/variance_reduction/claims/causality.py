"""Section 5, causality: the reward to go, and why it may stand for the return (E14 to E18, C8, C30, C31)."""

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
    stage_cases,
    told,
)

RATIO = "variance of the reward to go over that of the total return"

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
    projection = pooled_projection(_but(gradient_projection, same), to_go)
    none_higher = len(rows) > 0 and len(lower) + len(same) == len(rows)
    return Claim(
        test="Variance of the gradient estimate from the reward to go over that from the total return, both "
        "without a baseline, for the policies of one training run at three stages on every environment, "
        "exactly where all trajectories can be listed; and the projection of the mean estimate on the exact "
        "∇J, pooled where the two estimates differ, stages by precision and environments equally.",
        found=told(
            len(rows) > 0 and projection.is_known,
            f"The variance is lower in {len(lower)} of {len(rows)} policies, the same in "
            f"{len(same)}{environments_of(same)}, higher in {len(higher)}{environments_of(higher)}. The "
            f"projection on ∇J, 1 if unbiased, is {projection:.3f}.",
        ),
        rule=f"Supported if the projection's 95 % interval is within 1 ± {MARGIN:g} and no variance is "
        "higher: each interval below 1, or both estimates the same in every batch; refuted if one lies above "
        f"1 or the projection's outside; measured intervals with Bonferroni over all {len(rows)} policies.",
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
        cases=stage_cases(rows, "ratio", {"lower": "for", "higher": "against"}, RATIO),
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
        worst, fine = higher.loc[higher["ratio"].idxmax()], len(rows) - len(higher) - len(not_told)
        unbiased = f"Unbiased: {'yes' if projection.within(1, MARGIN) else 'undecided'}. Lower variance:"
        built = ", a small problem built to show it" if worst["environment"] == "coin" else ""
        return (
            f"{unbiased} not always. It is lower or equal in {fine} of {len(rows)} policies, but "
            f"{worst['ratio']:.1f} times as high on {worst['environment'].capitalize()}{built}."
        )
    if not projection.within(1, MARGIN):
        return f"The mean of the estimate is not known to be ∇J: its projection is {projection:.3f}."
    return f"In {len(not_told)} of {len(rows)} policies no lower variance was told." if len(not_told) else ""


def _but(projections: pd.DataFrame, same: pd.DataFrame) -> pd.DataFrame:
    """The projections but those of policies for which both estimates are the same."""
    places = pd.MultiIndex.from_frame(projections[["environment", "policy"]])
    return projections[~places.isin(pd.MultiIndex.from_frame(same[["environment", "policy"]]))]
