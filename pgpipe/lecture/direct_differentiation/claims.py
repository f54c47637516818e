"""Section 2, direct differentiation: the derivation and its result (E3 to E11, C2 to C4, C28)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.convergence import MARGIN, is_half, is_not_half, pooled_slope
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.identities import Identities, identity_claim
from pgpipe.lecture.common.unbiasedness import (
    lacks_projection,
    largest_deviations,
    pooled_projection,
    unbiased_claim,
)

IDENTITIES = Identities(
    "trajectory_identities",
    {
        "E3": "The integral of p_θ(τ) r(τ) over all trajectories is the J of the oracle.",
        "E4": "The gradient taken under the integral is that of the oracle.",
        "E5": "The two sides of the log-derivative identity, each by automatic differentiation.",
        "E6": "The integral with the score in it is the gradient of the oracle.",
        "E7": "Its mean over real rollouts is as well.",
        "E8": "The product of start, policy and dynamics sums to one, and real rollouts follow it.",
        "E9": "Its logarithm is the sum of the logarithms, and has the right mean over real rollouts.",
        "E10": "The gradient of the whole logarithm is the sum of the scores alone.",
    },
)


def e11(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """The mean of E11 over all batches is the exact gradient, component by component."""
    names = composed_of(estimators, signal="total_return", baseline="none")
    return largest_deviations(gradient_components, names)


def c2(trajectory_identities: pd.DataFrame) -> Claim:
    """E5 holds, by automatic differentiation of both its sides."""
    return identity_claim(trajectory_identities, "E5", "of p ∇log p from ∇p")


def c3(trajectory_identities: pd.DataFrame) -> Claim:
    """With known, noisy dynamics the gradient of the full log p(τ) equals the sum of the scores."""
    return identity_claim(trajectory_identities, "E10", "of ∇log p(τ) from Σ ∇log π")


def c4(
    gradient_components: pd.DataFrame, gradient_projection: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """E11 is unbiased."""
    names = composed_of(estimators, signal="total_return", baseline="none")
    deviations = largest_deviations(gradient_components, names)
    projection = pooled_projection(gradient_projection, names)
    lacks = lacks_projection(projection, names, "total_return without a baseline")
    return unbiased_claim(deviations, projection, lacks)


def c28(gradient_convergence: pd.DataFrame) -> Claim:
    """The sample gradient converges to ∇J as N grows, and a small step along it raises the exact J."""
    slope = pooled_slope(gradient_convergence)
    largest = gradient_convergence["n_trajectories"].max()
    rows = gradient_convergence[gradient_convergence["n_trajectories"] == largest]
    unclear = [
        f"{row['environment']} {row['policy']} {Interval.of_row(row, 'raised', row['replicates']):.2f}"
        for _, row in rows[rows["raised_low"] <= 0.5].iterrows()
    ]
    lowest, highest = rows["raised"].min(), rows["raised"].max()
    shares = f"share of steps that raise J at N = {largest}: {lowest:.2f} to {highest:.2f}"
    return Claim(
        test="",
        found=f"slope of log ‖ĝ - ∇J‖ over log N, all series together; {shares}"
        + (f"; not clearly above one half: {', '.join(unclear)}" if unclear else ""),
        quantity="",
        n_counts="",
        interval=slope,
        rule=f"interval within -0.5 ± {MARGIN:g}, and at the largest N the share's lower bound above "
        "one half in every environment at every stage",
        verdict=verdict(
            supported=is_half(slope) and not unclear,
            refuted=is_not_half(slope) or bool((rows["raised_high"] < 0.5).any()),
        ),
        figure="P5",
        lacks="" if slope.is_known else "no environment whose gradients differ at two batch sizes",
    )
