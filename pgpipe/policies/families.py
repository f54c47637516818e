"""Families of distributions over actions, as functions of their numbers, row by row.

A family is what stands behind a policy's output: `numbers` (..., O) say which of its distributions it is, and
actions are (..., E). Sampling is a function of noise, in numpy, so an action depends on nothing but its own
row; all else is torch, for any derivative.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import grad, vjp
from torch.nn.functional import softplus

from pgpipe.network import Array

# Actions (B, ..., E) by which a part's squared score is averaged, and their weights (B, ...).
Nodes = tuple[Tensor, Tensor]


class Family(ABC):
    """What a policy needs of the distributions that its output stands for.

    An action has J independent parts: all its numbers, or one alone that hangs together.
    """

    @property
    @abstractmethod
    def choices(self) -> tuple[int, ...] | None:
        """How many an action number chooses from, one by one; None if they are real."""

    @property
    @abstractmethod
    def n_numbers(self) -> int:
        """O, how many numbers say which distribution it is."""

    @property
    @abstractmethod
    def n_actions(self) -> int:
        """E, how many numbers an action has; it is drawn from as many."""

    @abstractmethod
    def sample(self, numbers: Array, noise: Array) -> Array:
        """Actions as a function of the noise.  (..., O), (..., E) -> (..., E)."""

    @abstractmethod
    def log_probs(self, numbers: Tensor, actions: Tensor) -> Tensor:
        """log π(a) of every part.  (..., O), (..., E) -> (..., J)."""

    @abstractmethod
    def entropy(self, numbers: Tensor) -> Tensor:
        """-E log π(a).  (..., O) -> (...)."""

    @abstractmethod
    def kl(self, numbers: Tensor, others: Tensor) -> Tensor:
        """E log(π(a)/π'(a)), expected by `numbers`.  (..., O), (..., O) -> (...)."""

    @abstractmethod
    def nodes(self, numbers: Tensor) -> Iterator[Nodes]:
        """For each of the J parts actions and weights that average its squared score exactly."""

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """u ~ U[0, 1) for integers, ε ~ N(0, 1) for real numbers.  -> (*size, E)."""
        return (rng.random if self.choices else rng.standard_normal)((*size, self.n_actions))

    def log_prob(self, numbers: Tensor, actions: Tensor) -> Tensor:
        """log π(a).  (..., O), (..., E) -> (...)."""
        return self.log_probs(numbers, actions).sum(-1)

    def slope(self, numbers: Tensor, actions: Tensor, credit: Tensor, bonus: Tensor | None = None) -> Tensor:
        """∂(w log π(a) + β H)/∂y by the numbers y.  (..., O), (..., E), (...), (...) -> (..., O)."""

        def gain(numbers: Tensor) -> Tensor:
            total = (credit * self.log_prob(numbers, actions)).sum()
            return total if bonus is None else total + (bonus * self.entropy(numbers)).sum()

        return grad(gain)(numbers)

    def metric(self, numbers: Tensor, change: Tensor) -> Tensor:
        """C d, with the Fisher matrix C by the numbers: the second derivative of KL.  -> (..., O)."""
        slope = grad(lambda others: self.kl(numbers, others).sum())
        return vjp(slope, numbers)[1](change)[0]  # C is symmetric


@dataclass(frozen=True)
class Categoricals(Family):
    """A choice on every axis, the j-th one of n_j, independent of each other; the numbers are logits."""

    sizes: tuple[int, ...]  # n_j

    @property
    def choices(self) -> tuple[int, ...]:
        """All n_j."""
        return self.sizes

    @property
    def n_numbers(self) -> int:
        """A logit for each choice of each axis."""
        return sum(self.sizes)

    @property
    def n_actions(self) -> int:
        """The axes."""
        return len(self.sizes)

    def sample(self, numbers: Array, noise: Array) -> Array:
        """On every axis the choice at which the cumulated probability passes u."""
        axes = np.split(numbers, np.cumsum(self.sizes)[:-1], axis=-1)
        powers = (np.exp(logits - logits.max(-1, keepdims=True)).cumsum(-1) for logits in axes)
        each = zip(powers, np.moveaxis(noise, -1, 0), strict=True)
        return np.stack([((u * p[..., -1])[..., None] > p[..., :-1]).sum(-1) for p, u in each], axis=-1)

    def log_probs(self, numbers: Tensor, actions: Tensor) -> Tensor:
        """log softmax(y)_a."""
        each = zip(self._axes(numbers), actions.long().split(1, -1), strict=True)
        return torch.cat([log_pi.gather(-1, chosen) for log_pi, chosen in each], -1)

    def entropy(self, numbers: Tensor) -> Tensor:
        """-Σ π log π, summed over the axes."""
        return -torch.stack([(log_pi.exp() * log_pi).sum(-1) for log_pi in self._axes(numbers)]).sum(0)

    def kl(self, numbers: Tensor, others: Tensor) -> Tensor:
        """Σ π (log π - log π'), summed over the axes."""
        each = zip(self._axes(numbers), self._axes(others), strict=True)
        return torch.stack([(own.exp() * (own - other)).sum(-1) for own, other in each]).sum(0)

    def nodes(self, numbers: Tensor) -> Iterator[Nodes]:
        """Every choice of an axis."""
        for axis, log_pi in enumerate(self._axes(numbers)):
            n = log_pi.shape[-1]
            actions = torch.zeros(n, *numbers.shape[:-1], self.n_actions, dtype=torch.int64)
            actions[..., axis] = torch.arange(n).reshape(-1, *(1,) * (numbers.ndim - 1))
            yield actions, log_pi.exp().movedim(-1, 0)

    def _axes(self, numbers: Tensor) -> list[Tensor]:
        """log π of every axis.  J (..., n_j)."""
        return [logits.log_softmax(-1) for logits in numbers.split(self.sizes, -1)]


@dataclass(frozen=True)
class Bernoullis(Family):
    """0 or 1 on each of E axes, independent of each other; the numbers are the logits of 1."""

    axes: int

    @property
    def choices(self) -> tuple[int, ...]:
        """Two on every axis."""
        return (2,) * self.axes

    @property
    def n_numbers(self) -> int:
        """E."""
        return self.axes

    @property
    def n_actions(self) -> int:
        """E."""
        return self.axes

    def sample(self, numbers: Array, noise: Array) -> Array:
        """1 where u < π(1)."""
        # 1 / (1 + e⁻ʸ) without overflow
        return (noise < 0.5 * (1 + np.tanh(0.5 * numbers))).astype(np.int64)

    def log_probs(self, numbers: Tensor, actions: Tensor) -> Tensor:
        """a y - log(1 + eʸ)."""
        return actions * numbers - softplus(numbers)

    def entropy(self, numbers: Tensor) -> Tensor:
        """log(1 + eʸ) - π(1) y, summed over the axes."""
        return (softplus(numbers) - numbers.sigmoid() * numbers).sum(-1)

    def kl(self, numbers: Tensor, others: Tensor) -> Tensor:
        """π(1) (y - y') - log(1 + eʸ) + log(1 + eʸ'), summed over the axes."""
        return (numbers.sigmoid() * (numbers - others) - softplus(numbers) + softplus(others)).sum(-1)

    def nodes(self, numbers: Tensor) -> Iterator[Nodes]:
        """Both."""
        for axis in range(self.axes):
            actions = torch.zeros(2, *numbers.shape, dtype=torch.int64)
            actions[1, ..., axis] = 1
            yield actions, torch.stack([(-numbers[..., axis]).sigmoid(), numbers[..., axis].sigmoid()])
