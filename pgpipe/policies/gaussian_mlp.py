"""A Gaussian around the output of a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import e, log, pi

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from pgpipe import network
from pgpipe.network import Array, Factor
from pgpipe.policies.policy import Policy, normal_kl


@dataclass(frozen=True)
class GaussianMLP(Policy):
    """a ~ N(f_θ(s), diag σ²), f a tanh network, θ = (its weights and biases, log σ).  Lecture E12."""

    widths: tuple[int, ...]  # observation, hidden layers, the action's E numbers
    sigma: float = 1.0  # of an untrained policy, for each of the E; the same in every state
    dtype: torch.dtype = torch.float32

    @property
    def n_parameters(self) -> int:
        """Those of the network, then E for log σ."""
        return network.n_parameters(self.widths) + self.widths[-1]

    def initial(self, rng: np.random.Generator) -> Tensor:
        """The network's own start, and log σ as configured."""
        log_sigma = [log(self.sigma)] * self.widths[-1]
        return torch.tensor([*network.initial(self.widths, rng), *log_sigma], dtype=self.dtype)

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """ε ~ N(0, I), E numbers for each action."""
        return rng.standard_normal((*size, self.widths[-1]))

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """-½‖(f(s) - a)/σ‖² - Σ log σ - (E/2) log 2π."""
        # a is the action as sampled: of what the environment clips it to, this would not be the probability
        log_sigma = self.log_sigma(theta)
        z = (self.mean(theta, obs) - actions) * (-log_sigma).exp()
        return -0.5 * (z**2).sum(-1) - log_sigma.sum(-1) - 0.5 * self.widths[-1] * log(2 * pi)

    def entropy(self, theta: Tensor, obs: Tensor) -> Tensor:
        """(E/2) log 2πe + Σ log σ, in every state."""
        everywhere = 0.5 * self.widths[-1] * log(2 * pi * e) + self.log_sigma(theta).sum(-1)
        return everywhere.expand(obs.shape[:-1])

    def kl(self, theta: Tensor, other: Tensor, obs: Tensor) -> Tensor:
        """KL of two normal distributions, summed over the E components of the action."""
        means = (self.mean(parameters, obs) for parameters in (theta, other))
        log_sigmas = (self.log_sigma(parameters) for parameters in (theta, other))
        return normal_kl(*means, *log_sigmas).sum(-1)

    def mean(self, theta: Tensor, obs: Tensor) -> Tensor:
        """f_θ(s), by all of theta but its last E entries.  (A, P), (A, M, D) -> (A, M, E)."""
        return network.output(self.widths, theta[..., : -self.widths[-1]], obs)

    def log_sigma(self, theta: Tensor) -> Tensor:
        """The last E entries of theta.  (A, P) -> (A, 1, E)."""
        return theta[..., None, -self.widths[-1] :]

    def unflatten(self, theta: Array) -> list[Array]:
        """The network's layers, then σ, (A, 1, E)."""
        n = self.widths[-1]
        return [*network.matrices(self.widths, theta[..., :-n]), np.exp(theta[..., None, -n:])]

    def tape(self, shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
        """The inputs of the network's layers, then the mean."""
        return network.tape(self.widths, shape, dtype)

    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """The inputs of every layer, then f(s)."""
        network.forward(pieces[:-1], tape, rows)

    def sample(self, pieces: Sequence[Array], output: Array, noise: Array) -> Array:
        """a = f(s) + σ ε.  Bounds of the action space are the environment's to keep."""
        return output + pieces[-1] * noise

    def factors(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> list[Factor]:
        """By f: w z / σ; by log σ: w (z² - 1) + β, with z = (a - f) / σ."""
        *layers, sigma = pieces
        z = (actions - tape[-1]) / sigma
        w = credit[..., None]
        by_sigma = w * (z**2 - 1) if bonus is None else w * (z**2 - 1) + bonus[..., None]
        return [*network.factors(layers, tape, w * z / sigma), (np.ones_like(w), by_sigma)]

    def curvature(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> list[Factor]:
        """By f: w d / σ², where d is its derivative along v; by log σ: 2 w v."""
        *layers, sigma = pieces
        n, w = self.widths[-1], credit[..., None]
        d = network.along(layers, tape, network.matrices(self.widths, vector[..., :-n]))
        by_sigma = 2 * w * vector[..., None, -n:]
        return [*network.factors(layers, tape, w * d / sigma**2), (np.ones_like(w), by_sigma)]
