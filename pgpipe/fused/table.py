"""A table of probabilities in the room of few cells, in double precision, as the plain code has it.

Rollouts are the same, bit for bit: nothing but the probabilities is rounded, and those are the plain code's.
"""

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.fused import kernel
from pgpipe.fused.compiled import compiled
from pgpipe.fused.compiled_network import Floats
from pgpipe.fused.kernel import KIND, ROWS, RUNNING, WRITTEN, finish
from pgpipe.fused.moves import observe
from pgpipe.fused.problems import move_walkers
from pgpipe.fused.rows import Array, Rows
from pgpipe.policies.categorical import SoftmaxTable, exponentials

LEAST = np.log(np.finfo(np.float64).tiny)  # where the plain code's entropy ends


class TableRows(Rows):
    """Of a table's policy."""

    n_sigma = step = 0

    def __init__(self, policy: SoftmaxTable, episodes: ParallelEpisodes) -> None:
        self.policy, self.choices, self.every_state = policy, policy.n_actions, np.eye(policy.n_obs)
        self.prepare(episodes)

    def read(self, theta: Tensor) -> None:
        """Take over θ (P,)."""
        (table,) = self.policy.unflatten(theta.detach().numpy())
        # multiplied as in the plain code, here and in `scores`, so that what is no number spreads as there
        self.logits = self.every_state @ table
        self.powers = exponentials(self.logits)  # (actions, states)

    @property
    def pi(self) -> Array:
        """π, (states, actions)."""
        return (self.powers / self.powers.sum(0)).T

    @property
    def log_pi(self) -> Array:
        """log π, (states, actions)."""
        return self.logits - self.logits.max(1, keepdims=True) - np.log(self.powers.sum(0))[:, None]

    def run(
        self,
        steps: kernel.Steps,
        tape: Floats,
        episodes: kernel.Episodes,
        noise: Array,
        generator: np.random.Generator,
        at: NDArray[np.int64],
    ) -> None:
        """As many time steps as there is noise for."""
        cumulated = np.array(list(accumulate(self.powers)))
        _run(self.rule, self.constants, cumulated, steps, episodes, noise, self.scratch, generator, at)

    def scores(
        self, steps: kernel.Steps, written: int, tape: Floats, kept: bool, credit: Array, bonus: float
    ) -> Array:
        """By θ_sa: W_sa - π_sa Σ_a' W_sa', W_sa the sum of the weights of a in s; -β π (log π + H) a step."""
        states, actions, *place = _counting(steps, written, len(credit))
        pi = self.pi
        W = np.bincount(states * self.choices + actions, credit[tuple(place)], pi.size).reshape(pi.shape)
        gradient = W - pi * W.sum(1, keepdims=True)
        if bonus:
            times, log_pi = np.bincount(states, minlength=len(pi)), np.maximum(self.log_pi, LEAST)
            entropy = -(pi * log_pi).sum(1, keepdims=True)
            gradient -= bonus * times[:, None] * pi * (log_pi + entropy)
        return (self.every_state @ gradient).reshape(-1)

    def log_probs(self, steps: kernel.Steps, written: int, tape: Floats, found: Array) -> None:
        """log π(a|s)."""
        states, actions, *place = _counting(steps, written, len(found))
        found[tuple(place)] = self.log_pi[states, actions]


def _counting(steps: kernel.Steps, written: int, n: int) -> list[NDArray[Any]]:
    """State, action, episode and time of the steps of the first n episodes."""
    counts = steps.episode[:written] < n
    every: tuple[NDArray[Any], ...] = (
        steps.obs[:written].argmax(1),
        steps.choices,
        steps.episode,
        steps.when,
    )
    return [of[:written][counts] for of in every]


@compiled
def _run(rule, constants, cumulated, steps, episodes, noise, scratch, generator, at):
    """`kernel.run` by cumulated probabilities up to a factor, (actions, states), instead of a network."""
    running = episodes.running
    for b in range(len(noise)):
        n, first = at[RUNNING], at[WRITTEN]
        if n == 0:
            return
        observe(rule[KIND], constants, episodes.state, running, n, steps.obs[first:])
        for i in range(n):
            s, chosen = int(episodes.state[running[i], 0]), 0
            for j in range(len(cumulated) - 1):
                chosen += noise[b, running[i], 0] * cumulated[-1, s] > cumulated[j, s]
            steps.choices[first + i] = scratch.actions[i] = chosen
        move_walkers(
            episodes.state, running, n, rule[ROWS], scratch.actions, constants, generator, scratch.rewards,
            scratch.arrived,
        )  # fmt: skip
        finish(rule, constants, steps, episodes, first, n, scratch, at)
