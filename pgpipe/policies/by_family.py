"""Policies by the numbers of a family of distributions; they differ in where the numbers come from."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.network import Array
from pgpipe.policies.families import Family
from pgpipe.policies.policy import Policy


class ByFamily(Policy):
    """a ~ p(·; y), y = f_θ(s): what they share, given the numbers y."""

    family: Family
    scalar: bool  # whether an action is one choice, (), and no vector, (E,)

    @abstractmethod
    def numbers(self, theta: Tensor, obs: Tensor) -> Tensor:
        """y = f_θ(s).  (A, P), (A, M, D) -> (A, M, O)."""

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """The family's."""
        return self.family.noise(rng, size)

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """log p(a; f_θ(s))."""
        return self.family.log_prob(self.numbers(theta, obs), self.vector(actions))

    def entropy(self, theta: Tensor, obs: Tensor) -> Tensor:
        """H(p(·; f_θ(s)))."""
        return self.family.entropy(self.numbers(theta, obs))

    def kl(self, theta: Tensor, other: Tensor, obs: Tensor) -> Tensor:
        """KL(p(·; f_θ(s)) ‖ p(·; f_θ'(s)))."""
        return self.family.kl(self.numbers(theta, obs), self.numbers(other, obs))

    def sample(self, pieces: Sequence[Array], output: Array, noise: Array) -> Array:
        """The family's, by the numbers."""
        actions = self.family.sample(output, noise)
        return actions[..., 0] if self.scalar else actions

    def slope(self, numbers: Array, actions: Array, credit: Array, bonus: Array | None) -> Tensor:
        """∂(w log π + β H)/∂y of every step.  (..., O)."""
        beta = None if bonus is None else torch.from_numpy(bonus)
        chosen = self.vector(torch.from_numpy(actions))
        return self.family.slope(torch.from_numpy(numbers), chosen, torch.from_numpy(credit), beta)

    def vector(self, actions: Tensor) -> Tensor:
        """(..., [E]) -> (..., E)."""
        return actions[..., None] if self.scalar else actions
