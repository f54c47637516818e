"""Policies over finitely many actions; they differ in where the logits come from."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from pgpipe import network
from pgpipe.network import Array, Factor
from pgpipe.policies.on_network import OnNetwork
from pgpipe.policies.policy import Policy


class _Categorical(Policy):
    """What they share, given the logits."""

    @abstractmethod
    def logits(self, theta: Tensor, obs: Tensor) -> Tensor:
        """(A, P), (A, M, D) -> (A, M, n_actions)."""

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """u ~ U[0, 1)."""
        return rng.random(size)

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """log softmax(logits)_a."""
        return self.logits(theta, obs).log_softmax(-1).gather(-1, actions[..., None])[..., 0]

    def entropy(self, theta: Tensor, obs: Tensor) -> Tensor:
        """-Σ_a π_a log π_a."""
        log_probs = self.logits(theta, obs).log_softmax(-1)
        return -(log_probs.exp() * log_probs).sum(-1)

    def kl(self, theta: Tensor, other: Tensor, obs: Tensor) -> Tensor:
        """Σ_a π_a (log π_a - log π'_a)."""
        log_probs, others = (self.logits(parameters, obs).log_softmax(-1) for parameters in (theta, other))
        return (log_probs.exp() * (log_probs - others)).sum(-1)

    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """The inputs of every layer, then the logits."""
        network.forward(pieces, tape, rows)

    def sample(self, pieces: Sequence[Array], output: Array, noise: Array) -> Array:
        """The action at which the cumulated probability passes u."""
        *cumulated, total = accumulate(exponentials(output))
        return sum(noise.T * total > below for below in cumulated).T

    def factors(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> list[Factor]:
        """By the logits: w (1[a] - π) and, of the entropy, -β π (log π + H)."""
        pi = exponentials(tape[-1])
        pi /= pi.sum(0)
        every = np.arange(len(pi)).reshape(-1, *(1,) * actions.ndim)
        delta = credit.T * ((every == actions.T) - pi)
        if bonus is not None:
            log_pi = np.log(np.maximum(pi, np.finfo(pi.dtype).tiny))
            delta -= bonus.T * pi * (log_pi - (pi * log_pi).sum(0))
        return network.factors(pieces, tape, np.ascontiguousarray(delta.T))

    def curvature(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> list[Factor]:
        """By the logits: w π (d - πᵀd), where d is their derivative along v."""
        powers = exponentials(tape[-1])
        pi = (powers / powers.sum(0)).T
        d = network.along(pieces, tape, self.unflatten(vector))
        d -= (pi * d).sum(-1, keepdims=True)
        return network.factors(pieces, tape, credit[..., None] * pi * d)


def exponentials(logits: Array) -> Array:
    """exp(logits) up to a factor, all axes turned round: numpy adds up fastest along the first.

    (..., n) -> (n, ...).
    """
    powers = np.array(logits.T, order="C")
    powers -= powers.max(0)
    return np.exp(powers, out=powers)


@dataclass(frozen=True)
class SoftmaxTable(_Categorical):
    """π_θ(a|s) = softmax(θ_s)_a, one logit for every observation-action pair, for one-hot observations."""

    n_obs: int
    n_actions: int
    start: tuple[float, ...] = ()  # logits of an untrained policy in every state; empty: all zero
    dtype: torch.dtype = torch.float64

    @property
    def n_parameters(self) -> int:
        """Observations × actions; θ_{s,a} stands at s * n_actions + a."""
        return self.n_obs * self.n_actions

    def parameter_names(self, states: Sequence[str], actions: Sequence[str]) -> tuple[str, ...]:
        """A state and an action."""
        return tuple(f"{state} {action}".strip() for state in states for action in actions)

    def initial(self, rng: np.random.Generator) -> Tensor:
        """The configured logits in every state; without any, every action is equally likely."""
        return torch.tensor(self.start or (0.0,) * self.n_actions, dtype=self.dtype).repeat(self.n_obs)

    def logits(self, theta: Tensor, obs: Tensor) -> Tensor:
        """The row of the table that the one-hot observation picks."""
        return obs @ theta.reshape(*theta.shape[:-1], self.n_obs, self.n_actions)

    def unflatten(self, theta: Array) -> list[Array]:
        """The table.  (A, n_obs, n_actions)."""
        return [theta.reshape(*theta.shape[:-1], self.n_obs, self.n_actions)]

    def tape(self, shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
        """The one-hot observation, then the logits."""
        return [np.empty((*shape, width), dtype) for width in (self.n_obs, self.n_actions)]


@dataclass(frozen=True)
class CategoricalMLP(_Categorical, OnNetwork):
    """A tanh network from observations to the logits of a discrete action."""

    widths: tuple[int, ...]  # observation, hidden layers, actions
    dtype: torch.dtype = torch.float32

    def logits(self, theta: Tensor, obs: Tensor) -> Tensor:
        """The network's output."""
        return network.output(self.widths, theta, obs)
