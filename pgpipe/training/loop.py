"""REINFORCE: run the policy, estimate the gradient, step along it; many seeds side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.rollout import policy_for, rollout
from pgpipe.seeding import stream
from pgpipe.training.optimisers import make_optimiser


@dataclass(frozen=True)
class Progress:
    """Where A agents stand after `update` updates."""

    update: int
    theta: Tensor  # (A, P)
    mean_return: Tensor  # (A,), undiscounted, of the batch these parameters sampled; NaN once they diverged
    env_steps: Tensor  # (A,), steps of the environment that led to these parameters


def train(spec: Mapping[str, Any], agents: Sequence[int]) -> Iterator[Progress]:
    """Train the seeds `agents` by a recipe's spec; yield `updates` + 1 times, the untrained policy first.

    The last batch only measures. A seed's path does not depend on which seeds train beside it, and two
    recipes on one environment meet the same initial parameters and the same start states.
    """
    environment, root = spec["environment"], spec["seed"]
    name = environment["name"]
    policy = policy_for(environment)
    estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
    episodes = ParallelEpisodes(environment, len(agents), spec["episodes"])
    theta = torch.stack([policy.initial(stream(root, name, "initial", agent)) for agent in agents])
    optimiser = make_optimiser(spec["optimizer"], spec["learning_rate"])
    env_steps = torch.zeros(len(agents), dtype=torch.int64)
    for update in range(spec["updates"] + 1):
        trajectories = rollout(
            policy,
            theta,
            episodes,
            [stream(root, name, "train", "environment", agent, update) for agent in agents],
            [stream(root, name, "train", "actions", agent, update) for agent in agents],
        )
        diverged = ~theta.isfinite().all(-1)
        returns = torch.stack([batch.returns.mean() for batch in trajectories.split()])
        mean_return = returns.masked_fill(diverged, torch.nan)
        yield Progress(update, theta, mean_return, env_steps)
        if update < spec["updates"]:
            theta = optimiser.step(theta, estimate_each(policy, theta, trajectories, estimator))
            env_steps = env_steps + trajectories.mask.sum((-2, -1))
    episodes.close()
