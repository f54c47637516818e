"""REINFORCE: run the policy, estimate the gradient, step along it; many seeds side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import log_probs
from pgpipe.estimators.scores import estimate, recorded_gradient, trajectory_estimates
from pgpipe.rollout import RecordedBatch, Recording, policy_for, record, rollout
from pgpipe.seeding import stream
from pgpipe.training.direction import Direction
from pgpipe.training.optimisers import make_optimiser
from pgpipe.training.value_network import ValueNetwork
from pgpipe.trajectories import Trajectories


@dataclass(frozen=True)
class Progress:
    """Where A agents stand after `update` updates."""

    update: int
    theta: Tensor  # (A, P)
    mean_return: Tensor  # (A,), undiscounted, of the batch these parameters sampled; NaN once they diverged
    env_steps: Tensor  # (A,), steps of the environment that led to these parameters


class Training:
    """Seeds `agents` of a recipe, side by side, between two updates.

    A seed's path does not depend on which seeds train beside it, and two recipes on one environment meet the
    same initial parameters and the same start states. Every random stream is named by the update, so `state`
    is all there is to remember.
    """

    def __init__(self, spec: Mapping[str, Any], agents: Sequence[int]) -> None:
        self.spec, self.agents = spec, agents
        environment = spec["environment"]
        self.policy = policy_for(environment)
        self.estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
        self.recording = Recording(self.policy, self._episodes(), keep_tape=True)
        self.theta = torch.stack([self.policy.initial(rng) for rng in self._streams("initial")])
        self.direction = Direction(self.policy, spec)
        self.optimiser = make_optimiser(spec["optimizer"], spec["learning_rate"], self.theta)
        self.critic: ValueNetwork | None = None
        if network := spec["value_network"]:
            n_obs = self.recording.obs.shape[-1]
            self.critic = ValueNetwork(network, n_obs, self._streams("value_network"))
        self.update = 0
        self.env_steps = torch.zeros(len(agents), dtype=torch.int64)

    def run(self) -> list[RecordedBatch]:
        """Sample a batch for every agent."""
        record(self.recording, self.theta, *self._two_streams("train"))
        return [self.recording.batch(row) for row in range(len(self.agents))]

    @np.errstate(all="ignore")  # a policy that diverged has no numbers, and says so in its returns
    def climb(self, batches: Sequence[RecordedBatch]) -> None:
        """A step along the gradient that the batches give, each agent's along its own; `reuse` of them."""
        behaviour = self.theta
        self._step([self.gradient(row, batch) for row, batch in enumerate(batches)], batches)
        if (reuse := self.spec.get("reuse", 1)) > 1:
            old = [log_probs(self.policy, *of) for of in zip(behaviour, _trajectories(batches), strict=True)]
            for _ in range(reuse - 1):
                again = [self.gradient_again(*of) for of in zip(range(len(old)), batches, old, strict=True)]
                self._step(again, batches)
        trajectories = _trajectories(batches)
        if self.critic:
            self.critic.fit(trajectories, self.spec["environment"]["gamma"])
        self.env_steps = self.env_steps + torch.stack([batch.mask.sum() for batch in trajectories])
        self.update += 1

    def gradient(self, row: int, batch: RecordedBatch) -> Tensor:
        """ĝ of the agent in this row, (P,), by the factors that its rollout has left."""
        theta, trajectories, entropy = self.theta[row], batch.trajectories, self.spec["entropy"]
        estimator = self._estimator(row)
        if not estimator.per_parameter:
            return recorded_gradient(self.policy, theta, batch, estimator.step_weights(trajectories), entropy)
        gradient = trajectory_estimates(self.policy, theta, trajectories, estimator).mean(0)
        if entropy:
            gradient += recorded_gradient(self.policy, theta, batch, 0 * trajectories.rewards, entropy)
        return gradient

    def gradient_again(self, row: int, batch: RecordedBatch, old: Tensor) -> Tensor:
        """ĝ of the agent in this row from an earlier policy's batch, whose log-probabilities are `old`."""
        theta, trajectories = self.theta[row], batch.trajectories
        ratios = {"log_ratios": log_probs(self.policy, theta, trajectories) - old}
        return estimate(self.policy, theta, trajectories, self._estimator(row), ratios)

    def evaluate(self, episodes: int) -> Tensor:
        """The mean return of so many episodes of their own, by streams that no training touches.  -> (A,)."""
        rows = ParallelEpisodes(self.spec["environment"], len(self.agents), episodes)
        returns = rollout(self.policy, self.theta, rows, *self._two_streams("evaluate")).returns.mean(-1)
        rows.close()
        return self._alive(returns)

    def progress(self, batches: Sequence[RecordedBatch]) -> Progress:
        """Where the agents stand, by the batches that they have just sampled."""
        returns = torch.stack([batch.trajectories.returns.mean() for batch in batches])
        return Progress(self.update, self.theta, self._alive(returns), self.env_steps)

    def state(self) -> dict[str, Tensor]:
        """All that the next updates depend on."""
        state = {"theta": self.theta, "env_steps": self.env_steps, "update": torch.tensor(self.update)}
        state |= {f"optimiser.{name}": value for name, value in self.optimiser.memory.items()}
        if self.critic:
            state |= {"phi": self.critic.phi, "scale": self.critic.scale}
            state |= {f"critic.{name}": value for name, value in self.critic.optimiser.memory.items()}
        return state

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a `state`."""
        self.theta, self.env_steps, self.update = state["theta"], state["env_steps"], int(state["update"])
        self.optimiser.memory = {name: state[f"optimiser.{name}"] for name in self.optimiser.memory}
        if self.critic:
            self.critic.phi, self.critic.scale = state["phi"], state["scale"]
            memory = self.critic.optimiser.memory
            self.critic.optimiser.memory = {name: state[f"critic.{name}"] for name in memory}

    def close(self) -> None:
        """Free what the environments hold."""
        self.recording.episodes.close()

    def _step(self, gradients: Sequence[Tensor], batches: Sequence[RecordedBatch]) -> None:
        """One step of every agent, along its own gradient (P,), or what the recipe makes of it."""
        gradient = torch.stack(list(gradients))
        if limit := self.spec["max_gradient_norm"]:
            gradient *= (limit / gradient.norm(dim=-1, keepdim=True)).clamp(max=1)
        self.theta = self.optimiser.step(self.theta, self.direction(self.theta, gradient, batches))

    def _estimator(self, row: int) -> Estimator:
        """The recipe's, with the value network of the agent in this row, if there is one."""
        if (critic := self.critic) is None:
            return self.estimator
        return replace(self.estimator, value=lambda own, _: critic.values(row, own))

    def _alive(self, returns: Tensor) -> Tensor:
        """NaN for agents whose parameters are no numbers any more."""
        return returns.masked_fill(~self.theta.isfinite().all(-1), torch.nan)

    def _episodes(self) -> ParallelEpisodes:
        environment, agents = self.spec["environment"], len(self.agents)
        if self.spec["steps"] is None:
            return ParallelEpisodes(environment, agents, self.spec["episodes"])
        return ParallelSteps(environment, agents, self.spec["steps"])

    def _two_streams(self, purpose: str) -> list[list[np.random.Generator]]:
        """Those of the environments and those of the actions, at this update."""
        return [self._streams(purpose, what, update=self.update) for what in ("environment", "actions")]

    def _streams(self, *purpose: str, update: int | None = None) -> list[np.random.Generator]:
        """One for each agent, by its number."""
        root, name = self.spec["seed"], self.spec["environment"]["name"]
        when = () if update is None else (update,)
        return [stream(root, name, *purpose, agent, *when) for agent in self.agents]


def _trajectories(batches: Sequence[RecordedBatch]) -> list[Trajectories]:
    return [batch.trajectories for batch in batches]


def train(spec: Mapping[str, Any], agents: Sequence[int]) -> Iterator[Progress]:
    """Train the seeds `agents` by a recipe's spec; yield `updates` + 1 times, the untrained policy first.

    The last batch only measures.
    """
    training = Training(spec, agents)
    while True:
        batches = training.run()
        yield training.progress(batches)
        if training.update == spec["updates"]:
            break
        training.climb(batches)
    training.close()
