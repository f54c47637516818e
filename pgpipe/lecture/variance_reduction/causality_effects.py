"""Batch by batch: what E16 drops, the slope of Q̂ over Q, what a constant changes (C30 to C32)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import batch_gradient
from pgpipe.lecture.common.identity_rows import Row
from pgpipe.lecture.variance_reduction.causality import discounted, visited
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

# What C32 adds to every return.
CONSTANT = 100.0


def q_slopes(Q: Floats, batches: Sequence[Trajectories], gamma: float) -> Floats:
    """Slope of Q̂ over the exact Q through zero, 1 + Σ Q (Q̂ - Q) / Σ Q² (C31).  -> (R,), one for each batch.

    The denominator is the mean of all batches: one batch's own goes with its rewards, and would bias it.
    """
    visits = [visited(Q, batch, gamma) for batch in batches]
    off = np.array([(v["exact"] * (v["to_go"] - v["exact"])).sum() for v in visits])
    square = np.mean([(v["exact"] ** 2).sum() for v in visits])
    return 1 + off / square


def dropped_projections(
    policy: Policy, theta: Tensor, batches: Sequence[Trajectories], gamma: float, gradient: Floats
) -> Floats:
    """What E16 drops, along ∇J and in units of ‖∇J‖: zero on average (C30).  -> (R,)."""
    along = torch.from_numpy(gradient / (gradient @ gradient))
    projections = []
    for batch in batches:
        r = discounted(batch, gamma)
        past = r.cumsum(1) - r
        projections.append(float(batch_gradient(policy, theta, batch, past * batch.mask).double() @ along))
    return np.array(projections)


def shift_changes(
    policy: Policy, theta: Tensor, batches: Sequence[Trajectories], estimator: Estimator
) -> Floats:
    """‖ĝ(r + c) - ĝ(r)‖ / ‖ĝ(r)‖ of every batch, c added to all returns (C32).  -> (R,)."""
    changes = []
    for batch in batches:
        w = estimator.weighted_advantages(batch)
        first = torch.nn.functional.one_hot(torch.tensor(0), batch.rewards.shape[1]) * CONSTANT
        raised = Trajectories(**{**vars(batch), "rewards": batch.rewards + first})
        shifted = estimator.weighted_advantages(raised)
        before, after = batch_gradient(policy, theta, batch, torch.stack([w, shifted]))
        changes.append(float((after - before).norm() / before.norm()))
    return np.array(changes)


def effect_row(quantity: str, values: Floats, batch_size: int) -> Row:
    """Mean of replicate values with its standard error; what is no number in any batch is left out."""
    known = values[np.isfinite(values)]
    error = known.std(ddof=1) / len(known) ** 0.5 if len(known) > 1 else np.nan
    numbers = {"estimate": known.mean() if len(known) else np.nan, "standard_error": error}
    largest = known.max() if len(known) else np.nan
    return {"quantity": quantity} | numbers | {"largest": largest, "n": len(known), "batch_size": batch_size}
