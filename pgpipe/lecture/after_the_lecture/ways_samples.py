"""What a trajectory contributes by each way to the gradient, from the package's parts."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.intervals import Interval
from pgpipe.policies.policy import Policy
from pgpipe.statistics import mean_interval
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]


def less_constants(
    policy: Policy, theta: Tensor, batch: Trajectories, estimator: Estimator, constants: Floats
) -> Tensor:
    """Σ_t γᵗ ∇log π (Q̂_t - b_p), with a given constant for each parameter p.  -> (N, P)."""
    weightings = torch.stack([estimator.weighted_advantages(batch), estimator.score_weights(batch)])
    rows, scores = trajectory_gradients(policy, theta, batch, weightings)
    return rows - torch.from_numpy(constants).to(rows.dtype) * scores


def measured_moments(rows: Floats) -> dict[str, Any]:
    """Mean and variance of independent rows (N,), with 95 % intervals by Student's t."""
    n = len(rows)
    mean, squares = mean_interval(rows), mean_interval((rows - rows.mean()) ** 2 * (n / (n - 1)))
    spread = Interval.by_chance(squares.estimate, max(0.0, squares.low), squares.high, n)
    return {"n": n} | mean.columns("measured_mean") | spread.columns("measured_variance")
