"""Exact objective, gradient and variances of the chain, in closed form."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pgpipe.envs.chain import ChainVectorEnv

Floats = NDArray[np.float64]


def exact(theta: Floats, environment: Mapping[str, Any]) -> tuple[float, Floats]:
    """J and ∇J of the discounted return over `horizon` steps.  theta (2,), the logits of stop and go on.

    With p the probability of going on, J = Σ_t γᵗ p^{t+1}, ∂J/∂p = Σ_t γᵗ (t+1) pᵗ and
    ∂p/∂(stop, go on) = (-1, 1) p (1 - p).  Far out of reach J = p / (1 - γp), ∂J/∂p = 1 / (1 - γp)².
    """
    p = float(expit(theta[1] - theta[0]))
    t = np.arange(ChainVectorEnv(**environment["kwargs"]).horizon)
    discounts = environment["gamma"] ** t
    slope = p * (1 - p) * float(discounts @ ((t + 1) * p**t))
    return float(discounts @ p ** (t + 1)), np.array([-slope, slope])


def variance_total_return(p: float) -> float:
    """Variance by p of one trajectory's estimate from the total return, at γ = 1."""
    return (4 * p**2 + 8 * p + 1) / (p * (1 - p) ** 4)


def variance_reward_to_go(p: float) -> float:
    """Variance by p of one trajectory's estimate from the reward to go, at γ = 1."""
    return (p**2 + 3 * p + 1) / (p * (1 - p) ** 4)
