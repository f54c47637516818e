"""REINFORCE: run the policy, estimate the gradient, step along it; many seeds side by side."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps
from pgpipe.envs.spec import alone
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import log_probs_of_batch
from pgpipe.estimators.scores import gradient_elsewhere, recorded_gradient, trajectory_estimates
from pgpipe.faults import FOUND, Fault, first_fault
from pgpipe.recording import Batch
from pgpipe.rollout import policy_for, record, recording_of, rollout
from pgpipe.seeding import stream
from pgpipe.training.direction import Direction
from pgpipe.training.optimisers import make_optimiser
from pgpipe.training.spec import RecipeSpec, TrainingSpec
from pgpipe.training.value_network import ValueNetwork
from pgpipe.trajectories import Trajectories

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """Where A agents stand after `update` updates."""

    update: int
    theta: Tensor  # (A, P)
    mean_return: Tensor  # (A,), undiscounted, of the batch these parameters sampled; NaN once they diverged
    env_steps: Tensor  # (A,), steps of the environment that led to these parameters


class Training:
    """Seeds `agents` of a recipe, side by side, between two updates.

        for training in Training(spec, agents).updates():
            print(training.n_updates, training.progress().mean_return)

    A seed's path does not depend on which seeds train beside it, and two recipes on one environment meet the
    same initial parameters and the same start states. Every random stream is named by the update, so `state`
    is all there is to remember.
    """

    def __init__(self, spec: TrainingSpec, agents: Sequence[int]) -> None:
        self.spec, self.agents = spec, agents
        environment = spec["environment"]
        self.policy = policy_for(environment)
        self.estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
        self.recording = recording_of(self.policy, batches_of(spec, len(agents)), keep_tape=True)
        self.theta = torch.stack([self.policy.initial(rng) for rng in self._streams("initial")])
        self.direction = Direction(self.policy, spec)
        self.optimiser = make_optimiser(spec["optimizer"], spec["learning_rate"], self.theta)
        self.critic: ValueNetwork | None = None
        if network := spec["value_network"]:
            n_obs = self.recording.n_obs
            self.critic = ValueNetwork(network, n_obs, self._streams("value_network"))
        self.estimators = [self._estimator(row) for row in self._rows]
        self.n_updates = 0
        self.env_steps = torch.zeros(len(agents), dtype=torch.int64)
        self.stopped: dict[int, tuple[int, Fault]] = {}  # by row: at which update, and why
        self._batches: list[Batch] | None = None
        self._gradients: dict[int, Tensor] = {}  # by row, of these batches, where they were at hand

    def updates(self) -> Iterator[Self]:
        """Train: yield this training before the first update and after each, so `updates` + 1 times.

        Whoever has seen enough breaks off; in either case the environments are closed, and the log says why
        solvers stopped. After the last update no batch is sampled, unless somebody asks for it.
        """
        try:
            yield self
            while self.n_updates < self.spec["updates"]:
                self.update()
                yield self
        finally:
            self.recording.episodes.close()
            for reason, count in sorted(self.direction.stopped.items()):
                LOG.info("%s, %d times", reason, count)

    @property
    def batches(self) -> list[Batch]:
        """Every agent's batch, sampled by its parameters of the moment when it is first asked for."""
        if self._batches is None:
            acting, purpose = self._acting()
            self._gradients = {}
            record(self.recording, acting, *self._two_streams(purpose), told=self._take_gradient)
            self._batches = [self.recording.batch(row) for row in range(len(self.agents))]
            self._look_for_faults(self._batches)
        return self._batches

    @np.errstate(all="ignore")  # as in an update
    def _take_gradient(self, row: int, batch: Batch) -> None:
        """The one that the next update will ask for, if there is one."""
        if self.n_updates < self.spec["updates"]:
            self._gradients[row] = self.gradient(row, batch)

    def _look_for_faults(self, batches: Sequence[Batch]) -> None:
        """Stop agents whose environment gave what is no number, unless their policy has diverged before."""
        if not self.recording.episodes.stepped_in_turn:
            return
        sound = self.theta.isfinite().all(-1).tolist()
        for row, batch in enumerate(batches):
            if sound[row] and row not in self.stopped and (fault := first_fault(batch.trajectories)):
                self._stop(row, self.n_updates, fault)
                where = f"{self.spec['environment']['name']}, seed {self.agents[row]}"
                LOG.warning("%s, update %d: stopped, %s", where, self.n_updates, fault)

    def _stop(self, row: int, update: int, fault: Fault) -> None:
        self.stopped[row] = update, fault
        self.recording.episodes.stop(row)

    @np.errstate(all="ignore")  # a policy that diverged has no numbers, and says so in its returns
    def update(self) -> None:
        """A step along the gradient that the batches give, each agent's along its own; `reuse` of them."""
        behaviour, batches = self.theta, self.batches
        self._step([self._gradient(row, batch) for row, batch in enumerate(batches)], batches)
        if (reuse := self.spec.get("reuse", 1)) > 1:
            old = [log_probs_of_batch(self.policy, *of) for of in zip(behaviour, batches, strict=True)]
            for _ in range(reuse - 1):
                again = [self.gradient_again(*of) for of in zip(range(len(old)), batches, old, strict=True)]
                self._step(again, batches)
        trajectories = _trajectories(batches)
        if self.critic:
            self.critic.fit(trajectories, self.spec["environment"]["gamma"])
        running = [row not in self.stopped or self.stopped[row][0] == self.n_updates for row in self._rows]
        steps = torch.stack([batch.mask.sum() for batch in trajectories])
        self.env_steps = self.env_steps + steps * torch.tensor(running)
        self.n_updates += 1
        self._batches, self._gradients = None, {}

    @property
    def _rows(self) -> range:
        return range(len(self.agents))

    def _gradient(self, row: int, batch: Batch) -> Tensor:
        """The gradient, which is no number for an agent that was stopped."""
        if row in self.stopped:
            return torch.full_like(self.theta[row], torch.nan)
        taken = self._gradients.get(row)
        return self.gradient(row, batch) if taken is None else taken

    def gradient(self, row: int, batch: Batch) -> Tensor:
        """ĝ of the agent in this row, (P,), by the factors that its rollout has left."""
        theta, trajectories, entropy = self.theta[row], batch.trajectories, self.spec["entropy"]
        estimator = self.estimators[row]
        if not estimator.by_rows:
            return recorded_gradient(
                self.policy, theta, batch, estimator.weighted_advantages(trajectories), entropy
            )
        gradient = trajectory_estimates(self.policy, theta, trajectories, estimator).mean(0)
        if entropy:
            gradient += recorded_gradient(self.policy, theta, batch, 0 * trajectories.rewards, entropy)
        return gradient

    def gradient_again(self, row: int, batch: Batch, old: Tensor) -> Tensor:
        """ĝ of the agent in this row from an earlier policy's batch, whose log-probabilities are `old`."""
        theta, estimator = self.theta[row], self.estimators[row]
        ratios = {"log_ratios": log_probs_of_batch(self.policy, theta, batch) - old}
        if estimator.by_rows:
            return trajectory_estimates(self.policy, theta, batch.trajectories, estimator, ratios).mean(0)
        weights = estimator.weighted_advantages(batch.trajectories, ratios)
        return gradient_elsewhere(self.policy, theta, batch, weights)

    def evaluate(self, episodes: int) -> Tensor:
        """The mean return of so many episodes of their own, by streams that no training touches.  -> (A,).

        Each from a start state of its own.
        """
        with closing(ParallelEpisodes(alone(self.spec["environment"]), len(self.agents), episodes)) as rows:
            for row in self.stopped:
                rows.stop(row)
            batches = rollout(self.policy, self.theta, rows, *self._two_streams("evaluate"))
        return self._alive(batches.returns.mean(-1))

    def progress(self) -> Progress:
        """Where the agents stand, by their batches."""
        returns = torch.stack([batch.trajectories.returns.mean() for batch in self.batches])
        return Progress(self.n_updates, self.theta, self._alive(returns), self.env_steps)

    def state(self) -> dict[str, Tensor]:
        """All that the next updates depend on."""
        state = {"theta": self.theta, "env_steps": self.env_steps, "n_updates": torch.tensor(self.n_updates)}
        state |= {f"optimiser.{name}": value for name, value in self.optimiser.memory.items()}
        stops = [[row, at, f.episode, f.step, FOUND.index(f.found)] for row, (at, f) in self.stopped.items()]
        state["stopped"] = torch.tensor(stops, dtype=torch.int64).reshape(-1, 5)
        if self.critic:
            state |= {"phi": self.critic.phi, "scale": self.critic.scale}
            state |= {f"critic.{name}": value for name, value in self.critic.optimiser.memory.items()}
        return state

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a `state`."""
        self.theta, self.env_steps = state["theta"], state["env_steps"]
        self.n_updates, self._batches, self._gradients = int(state["n_updates"]), None, {}
        for row, at, episode, step, found in state["stopped"].tolist():
            self._stop(row, at, Fault(episode, step, FOUND[found]))
        self.optimiser.memory = {name: state[f"optimiser.{name}"] for name in self.optimiser.memory}
        if self.critic:
            self.critic.phi, self.critic.scale = state["phi"], state["scale"]
            memory = self.critic.optimiser.memory
            self.critic.optimiser.memory = {name: state[f"critic.{name}"] for name in memory}

    def _acting(self) -> tuple[Tensor, str]:
        """The parameters (A, P) that sample the batches, and the name of the streams they draw from."""
        return self.theta, "train"

    def _step(self, gradients: Sequence[Tensor], batches: Sequence[Batch]) -> None:
        """One step of every agent, along its own gradient (P,), or what the recipe makes of it."""
        gradient = torch.stack(list(gradients))
        if limit := self.spec["max_gradient_norm"]:
            gradient *= (limit / gradient.norm(dim=-1, keepdim=True)).clamp(max=1)
        self.theta = self.optimiser.step(self.theta, self.direction(self.theta, gradient, batches))
        self.theta[list(self.stopped)] = torch.nan

    def _estimator(self, row: int) -> Estimator:
        """The recipe's, with the value network of the agent in this row, if there is one."""
        if (critic := self.critic) is None:
            return self.estimator
        return replace(self.estimator, value=lambda own, _: critic.values(row, own))

    def _alive(self, returns: Tensor) -> Tensor:
        """NaN for agents whose parameters are no numbers any more."""
        return returns.masked_fill(~self.theta.isfinite().all(-1), torch.nan)

    def _two_streams(self, purpose: str) -> list[list[np.random.Generator]]:
        """Those of the environments and those of the actions, at this update."""
        return [self._streams(purpose, what, update=self.n_updates) for what in ("environment", "actions")]

    def _streams(self, *purpose: str, update: int | None = None) -> list[np.random.Generator]:
        """One for each agent, by its number."""
        root, name = self.spec["seed"], self.spec["environment"]["name"]
        when = () if update is None else (update,)
        return [stream(root, name, *purpose, agent, *when) for agent in self.agents]


def _trajectories(batches: Sequence[Batch]) -> list[Trajectories]:
    return [batch.trajectories for batch in batches]


def batches_of(spec: RecipeSpec, agents: int) -> ParallelEpisodes:
    """Rows for one batch of every agent, of as many episodes or steps as the training's spec says."""
    if spec["steps"] is not None:
        return ParallelSteps(spec["environment"], agents, spec["steps"])
    assert spec["episodes"] is not None  # one of the two, the config sees to that
    return ParallelEpisodes(spec["environment"], agents, spec["episodes"])


def train(spec: TrainingSpec, agents: Sequence[int]) -> Iterator[Progress]:
    """Train the seeds `agents` by a recipe's spec; yield `updates` + 1 times, the untrained policy first.

    The last batch only measures.
    """
    for training in Training(spec, agents).updates():
        yield training.progress()
