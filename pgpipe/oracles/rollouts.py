"""Where no exact gradient exists: a large batch, disjoint from what it is compared with."""

import torch
from torch import Tensor

from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches


class SampledReferenceSpec(SampledSpec):
    """`replicates` batches of n, and an estimator, in an environment that no `module` knows."""

    module: None
    replicates: int
    n: int
    estimator: PlainEstimatorSpec


def sampled(theta: Tensor, spec: SampledReferenceSpec, policy_name: str) -> tuple[Tensor, Tensor]:
    """Return discounted returns (R * n,) and gradient estimates (R, P) of R batches of n at theta (P,)."""
    environment, words = spec["environment"], ("reference", policy_name)
    policy = policy_for(environment)
    estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
    returns, gradients = [], []
    for batches in sample_batches(environment, theta, spec["seed"], words, spec["replicates"], spec["n"]):
        returns.append(batches.discounted_returns(environment["gamma"]).flatten())
        copies = theta.expand(len(batches.rewards), -1)
        gradients.append(estimate_each(policy, copies, batches, estimator))
    return torch.cat(returns), torch.cat(gradients)
