"""What an estimator does on average where every batch that can happen can be listed: no chance is in it."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.estimators.aggregates.trajectories import trajectories as by_number
from pgpipe.estimators.baselines.none import none
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios, log_probs
from pgpipe.estimators.scores import estimate
from pgpipe.lecture.certificate.problems import Problem
from pgpipe.oracles.batches import all_batches, moments, table_actions
from pgpipe.oracles.outcomes import Floats, Outcomes
from pgpipe.trajectories import Trajectories


@dataclass(frozen=True)
class Listed:
    """All batches of a problem whose trajectories can be listed."""

    problem: Problem

    @cached_property
    def outcomes(self) -> Outcomes:
        """All trajectories at θ."""
        return self._outcomes_at(self.problem.theta)

    @cached_property
    def target(self) -> Tensor:
        """θ', (P,)."""
        return torch.tensor(self.problem.target, dtype=torch.float64)

    @property
    def _actions(self) -> Tensor:
        """What was done in the outcomes, (M, T)."""
        return table_actions(self.outcomes, len(self.problem.theta) // self.outcomes.obs.shape[-1])

    @cached_property
    def all(self) -> tuple[Trajectories, Floats, NDArray[np.int64]]:
        """Every batch, its probability, and which outcomes it holds."""
        return all_batches(self.outcomes, self._actions, self.problem.batch_size, self.problem.group)

    @cached_property
    def each(self) -> list[Trajectories]:
        """The batches one by one."""
        return self.all[0].split()

    @cached_property
    def ratios(self) -> list[Ratios]:
        """Those of θ' to θ for each batch, the states' own among them."""
        policy, theta = self.problem.policy, self.problem.start
        states = torch.from_numpy(self._log_state_ratios())[self.all[2]]
        return [
            {
                "log_ratios": log_probs(policy, self.target, batch) - log_probs(policy, theta, batch),
                "log_state_ratios": states[i, :, : batch.mask.shape[1]],
            }
            for i, batch in enumerate(self.each)
        ]

    def on_policy(self, estimator: Estimator) -> tuple[Floats, Floats]:
        """(E ĝ, Var ĝ) of a batch at θ, (P,) each."""
        policy, theta = self.problem.policy, self.problem.start
        return moments(lambda i: estimate(policy, theta, self.each[i], estimator), self.all[1])

    def off_policy(self, estimator: Estimator) -> Floats:
        """E ĝ at θ' of a batch that θ sampled.  (P,)."""
        policy = self.problem.policy
        return moments(
            lambda i: estimate(policy, self.target, self.each[i], estimator, self.ratios[i]), self.all[1]
        )[0]

    def corrected(self, corrects: tuple[str, ...]) -> Floats:
        """What weights that correct so much make of it: Σ_t γᵗ E[w_t ∇log π_θ'(a_t|s_t) Q_t].  (P,).

        States and actions are those of θ or θ'; Q is θ's, where rewards are corrected that of θ', and with
        states as well it is ∇J(θ').
        """
        if {"states", "rewards"} <= set(corrects):
            return self.problem.gradient(self.target)
        old, new = self.outcomes, self._outcomes_at(self.problem.target)
        gamma = self.problem.environment["gamma"]
        to_go, ratios = np.array(old.rewards), np.exp(self._log_action_ratios())
        for t in reversed(range(to_go.shape[1] - 1)):
            later = ratios[:, t + 1] if "rewards" in corrects else 1.0
            to_go[:, t] += gamma * later * to_go[:, t + 1]
        weights = ratios * gamma ** np.arange(to_go.shape[1])
        if "states" in corrects:
            weights = weights * np.exp(self._log_state_ratios())
        return old.mean(np.einsum("mt,mtp->mp", weights * to_go, new.scores))

    def _outcomes_at(self, theta: tuple[float, ...]) -> Outcomes:
        assert self.problem.listed is not None
        return self.problem.listed(np.array(theta), self.problem.environment)

    def _log_action_ratios(self) -> Floats:
        """log π_θ'(a|s)/π_θ(a|s) of every outcome's steps, (M, T)."""
        batch, policy = all_batches(self.outcomes, self._actions, 1)[0].joined(), self.problem.policy
        found = log_probs(policy, self.target, batch) - log_probs(policy, self.problem.start, batch)
        ratios: Floats = found.numpy()
        return ratios

    def _log_state_ratios(self) -> Floats:
        """log p_θ'(s_t = s)/p_θ(s_t = s) of every outcome's steps, zero on padding, (M, T)."""
        old, new = self.outcomes, self._outcomes_at(self.problem.target)
        found = np.zeros(old.mask.shape)
        for t in range(old.mask.shape[1]):
            running = np.flatnonzero(old.mask[:, t])
            same = (old.obs[running, None, t] == old.obs[None, running, t]).all(-1)
            found[running, t] = np.log(same @ new.probabilities[running])
            found[running, t] -= np.log(same @ old.probabilities[running])
        return found


def core(estimator: Estimator, problem: Problem, theta: Tensor) -> Estimator:
    """The estimator without what it says is a bias, and with the true V of theta: its mean has to be ∇J."""
    knows_own = estimator.composed.baseline.facts.source == "batch"
    return replace(
        estimator,
        baseline=none if knows_own else estimator.baseline,
        normalize=False,
        self_normalize=False,
        score_discount=True,
        aggregate=by_number,
        longest=None,
        clip=inf,
        truncation=inf,
        value=problem.value(theta),
    )


def off(found: Floats, expected: Floats) -> float:
    """‖x - y‖/‖y‖."""
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
