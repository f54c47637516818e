"""Families of normal distributions: of independent numbers, and of numbers that hang together."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import e, log, pi

import numpy as np
import torch
from torch import Tensor

from pgpipe.network import Array
from pgpipe.policies.families import Family, Nodes
from pgpipe.policies.policy import normal_kl

# A score has degree two in the noise, its square four: three Gauss-Hermite nodes are exact up to degree five.
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(3)


@dataclass(frozen=True)
class Normals(Family):
    """N(μ, diag σ²) of E numbers; the numbers are μ, then σ."""

    axes: int

    @property
    def choices(self) -> None:
        """None: real numbers."""

    @property
    def n_numbers(self) -> int:
        """E means and E spreads."""
        return 2 * self.axes

    @property
    def n_actions(self) -> int:
        """E."""
        return self.axes

    def sample(self, numbers: Array, noise: Array) -> Array:
        """μ + σ ε."""
        return numbers[..., : self.axes] + numbers[..., self.axes :] * noise

    def log_probs(self, numbers: Tensor, actions: Tensor) -> Tensor:
        """-½ (a - μ)²/σ² - log σ - ½ log 2π."""
        mean, sigma = numbers.split(self.axes, -1)
        return -0.5 * ((actions - mean) / sigma) ** 2 - sigma.log() - 0.5 * log(2 * pi)

    def entropy(self, numbers: Tensor) -> Tensor:
        """(E/2) log 2πe + Σ log σ."""
        return 0.5 * self.axes * log(2 * pi * e) + numbers[..., self.axes :].log().sum(-1)

    def kl(self, numbers: Tensor, others: Tensor) -> Tensor:
        """That of every number, summed."""
        (mean, sigma), (other, wide) = numbers.split(self.axes, -1), others.split(self.axes, -1)
        return normal_kl(mean, other, sigma.log(), wide.log()).sum(-1)

    def nodes(self, numbers: Tensor) -> Iterator[Nodes]:
        """Gauss-Hermite nodes along one number, the others at their mean."""
        mean, sigma = numbers.split(self.axes, -1)
        for axis in range(self.axes):
            noise = torch.zeros(len(POINTS), self.axes, dtype=numbers.dtype)
            noise[:, axis] = torch.as_tensor(POINTS)
            yield mean + sigma * _at_every(noise, numbers), _weights(1, numbers)


@dataclass(frozen=True)
class MultivariateNormal(Family):
    """N(μ, L Lᵀ) of E numbers; the numbers are μ, then the lower triangle L row by row."""

    axes: int

    @property
    def choices(self) -> None:
        """None: real numbers."""

    @property
    def n_numbers(self) -> int:
        """E and E (E + 1)/2."""
        return self.axes * (self.axes + 3) // 2

    @property
    def n_actions(self) -> int:
        """E."""
        return self.axes

    def sample(self, numbers: Array, noise: Array) -> Array:
        """μ + L ε."""
        E = self.axes
        lower = np.zeros((*numbers.shape[:-1], E, E), numbers.dtype)
        lower[(..., *np.tril_indices(E))] = numbers[..., E:]
        # not a product of matrices, whose last bits may depend on how many there are
        return numbers[..., :E] + (lower * noise[..., None, :]).sum(-1)

    def log_probs(self, numbers: Tensor, actions: Tensor) -> Tensor:
        """-½ ‖L⁻¹ (a - μ)‖² - Σ log L_ii - (E/2) log 2π."""
        E, lower = self.axes, self._lower(numbers)
        z = torch.linalg.solve_triangular(lower, (actions - numbers[..., :E])[..., None], upper=False)
        square = (z**2).sum((-1, -2))
        return (-0.5 * square - _log_volume(lower) - 0.5 * E * log(2 * pi))[..., None]

    def entropy(self, numbers: Tensor) -> Tensor:
        """(E/2) log 2πe + Σ log L_ii."""
        return 0.5 * self.axes * log(2 * pi * e) + _log_volume(self._lower(numbers))

    def kl(self, numbers: Tensor, others: Tensor) -> Tensor:
        """½ (‖L'⁻¹ L‖² + ‖L'⁻¹ (μ' - μ)‖² - E) + Σ log L'_ii - Σ log L_ii."""
        E, lower, wide = self.axes, self._lower(numbers), self._lower(others)
        apart = torch.cat([lower, (others - numbers)[..., :E, None]], -1)
        square = (torch.linalg.solve_triangular(wide, apart, upper=False) ** 2).sum((-1, -2))
        return 0.5 * (square - E) + _log_volume(wide) - _log_volume(lower)

    def nodes(self, numbers: Tensor) -> Iterator[Nodes]:
        """Gauss-Hermite nodes in all directions at once: the numbers are one part."""
        points = torch.tensor(list(product(POINTS, repeat=self.axes)), dtype=numbers.dtype)
        noise = _at_every(points, numbers)
        spread = (self._lower(numbers) * noise[..., None, :]).sum(-1)
        yield numbers[..., : self.axes] + spread, _weights(self.axes, numbers)

    def _lower(self, numbers: Tensor) -> Tensor:
        """L.  (..., E, E)."""
        E = self.axes
        # a product with zeros and ones: `torch.func` does not follow what is written into a tensor
        place = torch.zeros(E * (E + 1) // 2, E, E, dtype=numbers.dtype)
        place[(torch.arange(len(place)), *torch.tril_indices(E, E))] = 1
        return (numbers[..., E:] @ place.flatten(1)).unflatten(-1, (E, E))


def _log_volume(lower: Tensor) -> Tensor:
    """Σ log L_ii."""
    return lower.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def _at_every(points: Tensor, numbers: Tensor) -> Tensor:
    """Points (B, E) for every row of numbers.  -> (B, ..., E)."""
    lead = numbers.shape[:-1]
    return points.reshape(len(points), *(1,) * len(lead), -1).expand(-1, *lead, -1)


def _weights(axes: int, numbers: Tensor) -> Tensor:
    """Those of the nodes in so many directions, for every row of numbers.  (B, ...)."""
    each = WEIGHTS / WEIGHTS.sum()
    weights = torch.tensor(list(product(each, repeat=axes)), dtype=numbers.dtype).prod(-1)
    return _at_every(weights[:, None], numbers)[..., 0]
