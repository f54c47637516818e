"""One gradient estimate from each of many independent batches sampled by the same policy."""

import torch
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import STEPS_AT_A_TIME, batch_gradient
from pgpipe.policies import Policy
from pgpipe.trajectories import Trajectories


def replicate_gradients(
    policy: Policy, theta: Tensor, trajectories: Trajectories, estimator: Estimator
) -> Tensor:
    """ĝ_r for the batches of trajectories (R, N, T), all sampled at theta (P,).  -> (R, P)."""
    replicates, n, horizon = trajectories.rewards.shape
    together = max(1, STEPS_AT_A_TIME // (n * horizon))
    estimates = []
    for start in range(0, replicates, together):
        batches = trajectories.agents(start, min(start + together, replicates))
        copies = theta.expand(len(batches.rewards), -1)
        estimates.append(batch_gradient(policy, copies, batches, estimator.step_weights(batches)))
    return torch.cat(estimates)
