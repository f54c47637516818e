"""Policies: pure functions of a flat parameter vector, for many agents at once.

A policy object holds its shape and no parameters. `theta` is (P,) for one agent or (A, P) for A agents; then
observations, actions and noise carry the same leading axis, and agent i acts by row i.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, pi
from typing import Any, Protocol

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray
from torch import Tensor

from pgpipe import network


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
        """Draw what `act` turns into actions: one number, or a vector of E, for each.  -> (*size, [E])."""

    def act(self, theta: Tensor, obs: Tensor, noise: Tensor) -> Tensor:
        """a ~ π_θ(·|s), as a function of the noise.  (A, P), (A, M, D), (A, M, [E]) -> (A, M, [E])."""

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
    start: tuple[float, ...] = ()  # logits of an untrained policy in every state; empty: all zero
    dtype: torch.dtype = torch.float64

    @property
    def n_parameters(self) -> int:
        """Observations × actions; θ_{s,a} stands at s * n_actions + a."""
        return self.n_obs * self.n_actions

    def initial(self, rng: np.random.Generator) -> Tensor:
        """The configured logits in every state; without any, every action is equally likely."""
        return torch.tensor(self.start or (0.0,) * self.n_actions, dtype=self.dtype).repeat(self.n_obs)

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
        return network.n_parameters(self.widths)

    def initial(self, rng: np.random.Generator) -> Tensor:
        """The network's own start."""
        return torch.as_tensor(network.initial(self.widths, rng), dtype=self.dtype)

    def logits(self, theta: Tensor, obs: Tensor) -> Tensor:
        """The network's output."""
        return network.output(self.widths, theta, obs)


@dataclass(frozen=True)
class GaussianMLP:
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

    def act(self, theta: Tensor, obs: Tensor, noise: Tensor) -> Tensor:
        """a = f(s) + σ ε.  Bounds of the action space are the environment's to keep."""
        return self.mean(theta, obs) + self.log_sigma(theta).exp() * noise

    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """-½‖(f(s) - a)/σ‖² - Σ log σ - (E/2) log 2π."""
        # a is the action as sampled: of what the environment clips it to, this would not be the probability
        log_sigma = self.log_sigma(theta)
        z = (self.mean(theta, obs) - actions) * (-log_sigma).exp()
        return -0.5 * (z**2).sum(-1) - log_sigma.sum(-1) - 0.5 * self.widths[-1] * log(2 * pi)

    def mean(self, theta: Tensor, obs: Tensor) -> Tensor:
        """f_θ(s), by all of theta but its last E entries.  (A, P), (A, M, D) -> (A, M, E)."""
        return network.output(self.widths, theta[..., : -self.widths[-1]], obs)

    def log_sigma(self, theta: Tensor) -> Tensor:
        """The last E entries of theta.  (A, P) -> (A, 1, E)."""
        return theta[..., None, -self.widths[-1] :]


def make_policy(spec: Mapping[str, Any], obs_shape: Sequence[int], action_space: Any) -> Policy:
    """Build the policy that `spec` (kind and its arguments) asks for, to fit an environment.

    Raises `ValueError` if the environment's spaces do not suit the policy.
    """
    n_obs, kind = obs_shape[0], spec["kind"]
    shape = action_space.shape if isinstance(action_space, Box) else ()
    got = f"got {obs_shape}, {action_space}"
    if kind == "linear_gaussian":
        if n_obs != 1 or shape != (1,):
            raise ValueError(f"linear_gaussian needs one observation and one action, {got}")
        return LinearGaussian(spec["k"], spec["sigma"])
    if kind == "gaussian_mlp":
        if len(shape) != 1:
            raise ValueError(f"gaussian_mlp needs actions in a Box of one axis, {got}")
        return GaussianMLP((n_obs, *spec["hidden"], *shape), spec["sigma"])
    if not isinstance(action_space, Discrete):
        raise ValueError(f"{kind} needs discrete actions, {got}")
    if kind == "softmax_table":
        return SoftmaxTable(n_obs, int(action_space.n), tuple(spec.get("logits") or ()))
    return CategoricalMLP((n_obs, *spec["hidden"], int(action_space.n)))
