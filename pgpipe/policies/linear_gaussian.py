"""The lecture's one-dimensional policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import e, log, pi

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from pgpipe.network import Array, Factor
from pgpipe.policies.policy import Policy


@dataclass(frozen=True)
class LinearGaussian(Policy):
    """a ~ N(k s, σ²), θ = (k, σ), s and a one-dimensional.  Lecture E39.

    The density depends on σ², so a σ that a step has carried below zero is the policy of |σ|.
    """

    k: float
    sigma: float
    n_parameters: int = 2
    dtype: torch.dtype = torch.float64

    def initial(self, rng: np.random.Generator) -> Tensor:
        """(k, σ) as configured."""
        return torch.tensor([self.k, self.sigma], dtype=self.dtype)

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """ε ~ N(0, 1)."""
        return rng.standard_normal(size)

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """-(k s - a)² / (2σ²) - log σ - ½ log 2π.  The lecture hides log σ; ∂/∂σ needs it."""
        k, sigma = theta[..., :1], theta[..., 1:]
        z = (k * obs[..., 0] - actions[..., 0]) / sigma
        return -0.5 * z**2 - sigma.abs().log() - 0.5 * log(2 * pi)

    def entropy(self, theta: Tensor, obs: Tensor) -> Tensor:
        """½ log 2πe + log σ, in every state."""
        return (0.5 * log(2 * pi * e) + theta[..., 1:].abs().log()).expand(obs.shape[:-1])

    def cut(self, theta: Array) -> list[Array]:
        """K and σ.  (A, 1, 1) each."""
        return [theta[..., None, :1], theta[..., None, 1:]]

    def tape(self, shape: Sequence[int], numbers: DTypeLike) -> list[Array]:
        """The place, then the mean of the step."""
        return [np.empty((*shape, 1), numbers) for _ in range(2)]

    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """The mean, k s."""
        np.multiply(pieces[0], tape[0], out=tape[1])

    def sample(self, pieces: Sequence[Array], output: Array, noise: Array) -> Array:
        """a = k s + σ ε."""
        return output + pieces[1] * noise[..., None]

    def factors(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> list[Factor]:
        """By k: z s / σ; by σ: (z² - 1) / σ and β / σ, with z = (a - k s) / σ."""
        s, mean = tape
        sigma = pieces[1]
        z = (actions - mean) / sigma
        w = credit[..., None]
        by_sigma = w * (z**2 - 1) if bonus is None else w * (z**2 - 1) + bonus[..., None]
        delta = np.concatenate([w * z * s / sigma, by_sigma / sigma], axis=-1)
        return [(np.ones_like(s), delta)]
