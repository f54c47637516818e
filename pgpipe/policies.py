"""Policies: pure functions of a flat parameter vector, for many agents at once.

A policy object holds its shape and no parameters. `theta` is (P,) for one agent or (A, P) for A agents; then
observations, actions and noise carry the same leading axis, and agent i acts by row i.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, pi
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Policy(Protocol):
    """What rollouts, estimators and training need of a policy."""

    @property
    def n_parameters(self) -> int:
        """P."""

    @property
    def dtype(self) -> torch.dtype:
        """The number format of parameters and observations."""

    def initial(self, rng: np.random.Generator) -> Tensor:
        """Draw the parameters of an untrained policy.  -> (P,)."""

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Draw what `act` turns into actions: one number for each action."""

    def act(self, theta: Tensor, obs: Tensor, noise: Tensor) -> Tensor:
        """a ~ π_θ(·|s), as a function of the noise.  (A, P), (A, M, D), (A, M) -> (A, M, [E])."""

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """log π_θ(a|s).  (A, P), (A, M, D), (A, M, [E]) -> (A, M)."""


@dataclass(frozen=True)
class LinearGaussian:
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

    def act(self, theta: Tensor, obs: Tensor, noise: Tensor) -> Tensor:
        """a = k s + σ ε."""
        k, sigma = theta[..., :1], theta[..., 1:]
        return (k * obs[..., 0] + sigma * noise)[..., None]

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """-(k s - a)² / (2σ²) - log σ - ½ log 2π.  The lecture hides log σ; ∂/∂σ needs it."""
        k, sigma = theta[..., :1], theta[..., 1:]
        z = (k * obs[..., 0] - actions[..., 0]) / sigma
        return -0.5 * z**2 - sigma.abs().log() - 0.5 * log(2 * pi)


class _Categorical(ABC):
    """What policies over finitely many actions share: they differ in where the logits come from."""

    @abstractmethod
    def logits(self, theta: Tensor, obs: Tensor) -> Tensor:
        """(A, P), (A, M, D) -> (A, M, n_actions)."""

    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """u ~ U[0, 1)."""
        return rng.random(size)

    def act(self, theta: Tensor, obs: Tensor, noise: Tensor) -> Tensor:
        """The action at which the cumulated probability passes u."""
        cumulated = self.logits(theta, obs).softmax(-1).cumsum(-1)
        return (noise[..., None] > cumulated[..., :-1]).sum(-1)

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """log softmax(logits)_a."""
        return self.logits(theta, obs).log_softmax(-1).gather(-1, actions[..., None])[..., 0]


@dataclass(frozen=True)
class SoftmaxTable(_Categorical):
    """π_θ(a|s) = softmax(θ_s)_a, one logit for every observation-action pair, for one-hot observations."""

    n_obs: int
    n_actions: int
    dtype: torch.dtype = torch.float64

    @property
    def n_parameters(self) -> int:
        """Observations × actions; θ_{s,a} stands at s * n_actions + a."""
        return self.n_obs * self.n_actions

    def initial(self, rng: np.random.Generator) -> Tensor:
        """All zero: every action equally likely."""
        return torch.zeros(self.n_parameters, dtype=self.dtype)

    def logits(self, theta: Tensor, obs: Tensor) -> Tensor:
        """The row of the table that the one-hot observation picks."""
        return obs @ theta.reshape(*theta.shape[:-1], self.n_obs, self.n_actions)


@dataclass(frozen=True)
class CategoricalMLP(_Categorical):
    """A tanh network from observations to the logits of a discrete action."""

    widths: tuple[int, ...]  # observation, hidden layers, actions
    dtype: torch.dtype = torch.float32

    @property
    def n_parameters(self) -> int:
        """All weights and biases, layer by layer."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.widths))

    def initial(self, rng: np.random.Generator) -> Tensor:
        """Weights and biases uniform in ±1/√fan_in, as torch's linear layers start."""
        layers = [
            rng.uniform(-1, 1, size=(fan_in + 1) * fan_out) / fan_in**0.5
            for fan_in, fan_out in pairwise(self.widths)
        ]
        return torch.as_tensor(np.concatenate(layers), dtype=self.dtype)

    def logits(self, theta: Tensor, obs: Tensor) -> Tensor:
        """W_L tanh(… tanh(W_1 s + b_1) …) + b_L."""
        layers = list(pairwise(self.widths))
        x = obs
        for depth, (fan_in, fan_out) in enumerate(layers):
            weights, theta = theta[..., : fan_in * fan_out], theta[..., fan_in * fan_out :]
            bias, theta = theta[..., None, :fan_out], theta[..., fan_out:]
            x = x @ weights.reshape(*theta.shape[:-1], fan_in, fan_out) + bias
            if depth < len(layers) - 1:
                x = x.tanh()
        return x


def make_policy(spec: Mapping[str, Any], obs_shape: Sequence[int], action_space: Any) -> Policy:
    """Build the policy that `spec` (kind and its arguments) asks for, to fit an environment.

    Raises `ValueError` if the environment's spaces do not suit the policy.
    """
    n_obs = obs_shape[0]
    if spec["kind"] == "linear_gaussian":
        if n_obs != 1 or action_space.shape != (1,):
            raise ValueError(
                f"linear_gaussian needs one observation and one action, got {obs_shape}, {action_space}"
            )
        return LinearGaussian(spec["k"], spec["sigma"])
    n_actions = int(action_space.n)
    if spec["kind"] == "softmax_table":
        return SoftmaxTable(n_obs, n_actions)
    return CategoricalMLP((n_obs, *spec["hidden"], n_actions))
