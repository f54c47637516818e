"""Optimisers that a recipe can name.  Agents do not mix: each treats every number, or every row, by itself.

They climb: θ is (A, P), a row for each agent, and the gradient ĝ of J points up. Written out here because
torch's own take two seconds to import their compiler, in every job; a test holds them equal to torch's.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor


class Optimiser(ABC):
    """A rule for the next θ.  `memory` is all that it remembers of the gradients so far, by name."""

    memory: dict[str, Tensor]

    @abstractmethod
    def step(self, theta: Tensor, gradient: Tensor) -> Tensor:
        """θ, ĝ -> the next θ, all (A, P)."""


class Momentum(Optimiser):
    """v ← β v + ĝ,  θ ← θ + α v.  With β = 0 plain gradient ascent, θ ← θ + α ĝ."""

    def __init__(self, theta: Tensor, learning_rate: float, beta: float) -> None:
        self.learning_rate, self.beta = learning_rate, beta
        self.memory = {"velocity": torch.zeros_like(theta)}

    def step(self, theta: Tensor, gradient: Tensor) -> Tensor:
        """One step along the velocity."""
        velocity = self.memory["velocity"] = self.beta * self.memory["velocity"] + gradient
        return theta + self.learning_rate * velocity


class Adam(Optimiser):
    """m ← β₁ m + (1-β₁) ĝ,  v ← β₂ v + (1-β₂) ĝ²,  θ ← θ + α m̂ / (√v̂ + ε).  Kingma & Ba 2015.

    m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ) undo that both start at zero.
    """

    def __init__(
        self,
        theta: Tensor,
        learning_rate: float,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:
        self.learning_rate, self.beta1, self.beta2, self.eps = learning_rate, beta1, beta2, eps
        self.memory = {"m": torch.zeros_like(theta), "v": torch.zeros_like(theta), "t": torch.tensor(0)}

    def step(self, theta: Tensor, gradient: Tensor) -> Tensor:
        """One step, of at most about α in each number."""
        m = self.beta1 * self.memory["m"] + (1 - self.beta1) * gradient
        v = self.beta2 * self.memory["v"] + (1 - self.beta2) * gradient**2
        t = int(self.memory["t"]) + 1
        self.memory = {"m": m, "v": v, "t": torch.tensor(t)}
        m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        return theta + self.learning_rate * m_hat / (torch.sqrt(v_hat) + self.eps)


class Normalized(Optimiser):
    """θ ← θ + α ĝ/‖ĝ‖: steps of one length, an agent's by the length of its own gradient.

    No step where the gradient is zero.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self.memory = {}

    def step(self, theta: Tensor, gradient: Tensor) -> Tensor:
        """One step of length α."""
        return theta + self.learning_rate * torch.nn.functional.normalize(gradient, dim=-1, eps=1e-30)


def make_optimiser(name: str, learning_rate: float, theta: Tensor) -> Optimiser:
    """`sgd`, `normalized`, `momentum` (β = 0.9) or `adam`, for parameters of the shape of theta."""
    if name == "adam":
        return Adam(theta, learning_rate)
    if name == "normalized":
        return Normalized(learning_rate)
    return Momentum(theta, learning_rate, beta=0.9 if name == "momentum" else 0.0)
