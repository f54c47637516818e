"""The lecture's one-dimensional policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import e, log, pi

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from pgpipe.network import Array, Factor
from pgpipe.policies.policy import Policy, normal_kl
from pgpipe.policies.spread import parameter_of, sigma_of, slope_of


@dataclass(frozen=True)
class LinearGaussian(Policy):
    """a ~ N(k s, σ²), s and a one-dimensional, θ = (k, u), where u is σ, log σ or σ².  Lecture E39.

    The density depends on σ², so a σ that a step has carried below zero is the policy of |σ|.
    """

    k: float
    sigma: float
    parameterization: str = "sigma"
    n_parameters: int = 2
    dtype: torch.dtype = torch.float64

    def parameter_names(self, states: Sequence[str], actions: Sequence[str]) -> tuple[str, ...]:
        """k, and what stands for the spread: sigma, log_sigma or sigma_squared."""
        return ("k", self.parameterization)

    def initial(self, rng: np.random.Generator) -> Tensor:
        """(k, u) of the configured k and σ."""
        return torch.tensor([self.k, parameter_of(self.sigma, self.parameterization)], dtype=self.dtype)

    def spread(self, theta: Tensor) -> Tensor:
        """σ by the last entry of theta.  (A, P) -> (A, 1)."""
        return sigma_of(theta[..., 1:], self.parameterization)

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """ε ~ N(0, 1)."""
        return rng.standard_normal(size)

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """-(k s - a)² / (2σ²) - log σ - ½ log 2π.  The lecture hides log σ; ∂/∂σ needs it."""
        k, sigma = theta[..., :1], self.spread(theta)
        z = (k * obs[..., 0] - actions[..., 0]) / sigma
        return -0.5 * z**2 - sigma.abs().log() - 0.5 * log(2 * pi)

    def entropy(self, theta: Tensor, obs: Tensor) -> Tensor:
        """½ log 2πe + log σ, in every state."""
        return (0.5 * log(2 * pi * e) + self.spread(theta).abs().log()).expand(obs.shape[:-1])

    def kl(self, theta: Tensor, other: Tensor, obs: Tensor) -> Tensor:
        """KL of two normal distributions."""
        means = (parameters[..., :1] * obs[..., 0] for parameters in (theta, other))
        return normal_kl(*means, *(self.spread(parameters).abs().log() for parameters in (theta, other)))

    def unflatten(self, theta: Array) -> list[Array]:
        """K, σ and ∂σ/∂u.  (A, 1, 1) each."""
        u = theta[..., None, 1:]
        return [theta[..., None, :1], *(of(u, self.parameterization) for of in (sigma_of, slope_of))]

    def tape(self, shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
        """The place, then the mean of the step."""
        return [np.empty((*shape, 1), dtype) for _ in range(2)]

    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """The mean, k s."""
        np.multiply(pieces[0], tape[0], out=tape[1])

    def sample(self, pieces: Sequence[Array], output: Array, noise: Array) -> Array:
        """a = k s + σ ε."""
        return output + pieces[1] * noise[..., None]

    def reparameterised(self, theta: Tensor, obs: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        """How a = k s + σ ε changes at this ε: (s, ε ∂σ/∂u) by θ, k by s.  -> (M, T, 2), (M, T)."""
        k, s, a = theta[0], obs[..., 0], actions[..., 0]
        noise = (a - k * s) / self.spread(theta)
        of_theta = torch.stack([s, noise * slope_of(theta[1], self.parameterization)], -1)
        return of_theta, k.expand(s.shape)

    def factors(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> list[Factor]:
        """By k: z s / σ; by σ: (z² - 1) / σ and β / σ, with z = (a - k s) / σ; by u: times ∂σ/∂u."""
        s, mean = tape
        _, sigma, slope = pieces
        z = (actions - mean) / sigma
        w = credit[..., None]
        by_sigma = w * (z**2 - 1) if bonus is None else w * (z**2 - 1) + bonus[..., None]
        delta = np.concatenate([w * z * s / sigma, by_sigma / sigma * slope], axis=-1)
        return [(np.ones_like(s), delta)]

    def curvature(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> list[Factor]:
        """By k: s² v_k / σ²; by u: 2 (∂σ/∂u)² v_u / σ²."""
        s, (_, sigma, slope) = tape[0], pieces
        w = credit[..., None]
        v_k, v_u = vector[..., None, :1], vector[..., None, 1:]
        delta = np.concatenate([w * s**2 * v_k, 2 * w * slope**2 * v_u], axis=-1) / sigma**2
        return [(np.ones_like(s), delta)]
