"""Section 5, causality: the reward to go, and why it may stand for the return (E14 to E18, C8, C30, C31)."""

from typing import NamedTuple

import pandas as pd
from scipy.stats import norm

from pgpipe.claims.identities import identity_checks
from pgpipe.claims.unbiasedness import MARGIN, largest_deviations, pooled_projection
from pgpipe.estimator_table import composed_of
from pgpipe.evidence import Check, Claim, verdict
from pgpipe.statistics import weighted_mean


def e14(causality_identities: pd.DataFrame) -> list[Check]:
    """The product of both sums is what one backward pass through the pseudo-loss gives."""
    return identity_checks(causality_identities, "E14")


def e15(causality_identities: pd.DataFrame) -> list[Check]:
    """The return may be moved inside the sum over time."""
    return identity_checks(causality_identities, "E15")


def e16(causality_identities: pd.DataFrame) -> list[Check]:
    """What is dropped, the rewards before each action, has the mean zero: in sum, and pair by pair."""
    return identity_checks(causality_identities, "E16")


def e17(causality_identities: pd.DataFrame) -> list[Check]:
    """The reward to go obeys its recursion, and its mean over visits is the exact Q."""
    return identity_checks(causality_identities, "E17")


def e18(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """With the reward to go the mean is still the exact gradient."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")
    return largest_deviations(gradient_components, names)


def c8(gradient_quality: pd.DataFrame, gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """Reward to go is unbiased and has the lower variance."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")[:1]
    rows = gradient_quality[gradient_quality["estimator"].isin(names)]
    rows = rows[rows["batch_size"] == rows["batch_size"].max()].dropna(subset="variance_ratio")
    higher, same = rows[rows["variance_ratio_low"] > 1], rows[_is_one(rows)]
    lower = rows[rows["variance_ratio_high"] < 1]
    projection = pooled_projection(gradient_projection, names)
    unbiased = projection.low > 1 - MARGIN and projection.high < 1 + MARGIN
    worst = rows.loc[rows["variance_ratio"].idxmax()] if len(rows) else None
    return Claim(
        measure="variance of the reward to go over that of the total return, the largest of all environments "
        f"and stages{_place(worst)}. Lower in {len(lower)} of {len(rows)}{_where(lower)}; the same in "
        f"{len(same)}{_where(same)}, whose rewards come with the last step; higher in {len(higher)}"
        f"{_where(higher)}. Projection on the exact gradient "
        f"{projection.estimate:.3f} [{projection.low:.3f}, {projection.high:.3f}]",
        estimate=float(worst["variance_ratio"]) if worst is not None else float("nan"),
        low=float(worst["variance_ratio_low"]) if worst is not None else float("nan"),
        high=float(worst["variance_ratio_high"]) if worst is not None else float("nan"),
        n=int(rows["replicates"].sum()),
        criterion=f"the projection within 1 ± {MARGIN:g}, and nowhere a higher variance: each interval of "
        "the ratio below one, or the two the same; refuted by one interval above one",
        verdict=verdict(
            supported=unbiased and len(rows) > 0 and len(lower) + len(same) == len(rows),
            refuted=len(higher) > 0 or projection.low > 1 + MARGIN or projection.high < 1 - MARGIN,
        ),
        figure="P3",
    )


def c30(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[∇log π_θ(a_t'|s_t') r_t] = 0 for t < t': the past has no part in the gradient."""
    pooled = _pooled(causality_effects, "past")
    pairs = identity_checks(causality_identities, "E16")
    deviates = not all(check.passed for check in pairs)
    worst = max((check.value for check in pairs if check.reference == 0), default=float("nan"))
    return Claim(
        measure="what E16 drops, along ∇J and in units of its length, over all environments and stages; "
        f"largest mean of a single pair of steps {worst:.2f} standard errors",
        **pooled._asdict(),
        criterion=f"interval within ± {MARGIN:g}, and every check of E16 passed",
        verdict=verdict(
            supported=pooled.low > -MARGIN and pooled.high < MARGIN and not deviates,
            refuted=pooled.low > MARGIN or pooled.high < -MARGIN or deviates,
        ),
        figure="E16",
    )


def c31(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[Q̂_t | s, a] = Q(s, a): the reward to go estimates the Q-function."""
    pooled = _pooled(causality_effects, "slope of Q̂")
    checks = identity_checks(causality_identities, "E17")
    deviates = not all(check.passed for check in checks)
    return Claim(
        measure="slope of Q̂ over the exact Q(s, a) by dynamic programming, over all visits; and its mean, "
        "visit by visit, against Q in every state, for every action at every step",
        **pooled._asdict(),
        criterion=f"interval within 1 ± {MARGIN:g}, and every check of E17 passed",
        verdict=verdict(
            supported=pooled.low > 1 - MARGIN and pooled.high < 1 + MARGIN and not deviates,
            refuted=pooled.low > 1 + MARGIN or pooled.high < 1 - MARGIN or deviates,
        ),
        figure="E17",
    )


class Pooled(NamedTuple):
    """A precision-weighted mean with its 95 % interval, from so many batches."""

    estimate: float
    low: float
    high: float
    n: int


def _pooled(effects: pd.DataFrame, quantity: str) -> Pooled:
    rows = effects[(effects["quantity"] == quantity) & (effects["standard_error"] > 0)]
    if rows.empty:
        return Pooled(float("nan"), float("nan"), float("nan"), 0)
    mean, error = weighted_mean(rows["estimate"].to_numpy(), rows["standard_error"].to_numpy())
    half = float(norm.ppf(0.975)) * error
    return Pooled(mean, mean - half, mean + half, int(rows["n"].sum()))


def _is_one(rows: pd.DataFrame) -> pd.Series:
    """Where both estimators are the same, batch by batch, but for rounding."""
    return (rows["variance_ratio_low"] > 1 - 1e-4) & (rows["variance_ratio_high"] < 1 + 1e-4)


def _place(row: pd.Series | None) -> str:
    return "" if row is None else f" ({row['environment']}, {row['policy']})"


def _where(rows: pd.DataFrame) -> str:
    return f" ({', '.join(rows['environment'].unique())})" if len(rows) else ""
