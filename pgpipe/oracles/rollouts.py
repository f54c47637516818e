"""Where no exact gradient exists: a large batch, disjoint from what it is compared with."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches


def sampled(theta: Tensor, spec: Mapping[str, Any], policy_name: str) -> tuple[Tensor, Tensor]:
    """Return discounted returns (R * n,) and gradient estimates (R, P) of R batches of n at theta (P,).

    `spec` says with which estimator, in which environment and from which seed.
    """
    environment, words = spec["environment"], ("reference", policy_name)
    policy = policy_for(environment)
    estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
    returns, gradients = [], []
    for batches in sample_batches(environment, theta, spec["seed"], words, spec["replicates"], spec["n"]):
        returns.append(batches.discounted_returns(environment["gamma"]).flatten())
        copies = theta.expand(len(batches.rewards), -1)
        gradients.append(estimate_each(policy, copies, batches, estimator))
    return torch.cat(returns), torch.cat(gradients)
