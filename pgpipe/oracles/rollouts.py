"""Where no exact gradient exists: a large batch, disjoint from what it is compared with."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.replicates import replicate_gradients
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches

# unbiased, and the least noisy of the estimators that need no fitting
REFERENCE_ESTIMATOR = {"signal": "reward_to_go", "baseline": "mean", "score_discount": True}


def sampled(
    theta: Tensor, environment: Mapping[str, Any], seed: int, policy_name: str, replicates: int, n: int
) -> tuple[Tensor, Tensor]:
    """Return discounted returns (replicates * n,) and gradient estimates (replicates, P) at theta (P,)."""
    policy = policy_for(environment)
    estimator = Estimator.from_spec(REFERENCE_ESTIMATOR, environment["gamma"])
    returns, gradients = [], []
    for batches in sample_batches(environment, theta, seed, ("reference", policy_name), replicates, n):
        returns.append(batches.discounted_returns(environment["gamma"]).flatten())
        gradients.append(replicate_gradients(policy, theta, batches, estimator))
    return torch.cat(returns), torch.cat(gradients)
