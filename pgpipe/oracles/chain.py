"""Exact objective, gradient and variances of the chain, in closed form."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pgpipe.envs.chain import ChainVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]


def exact(theta: Floats, environment: EnvironmentSpec) -> tuple[float, Floats]:
    """J and ∇J of the discounted return over `horizon` steps.  theta (2,), the logits of stop and go on.

    With p the probability of going on, J = Σ_t γᵗ p^{t+1}, ∂J/∂p = Σ_t γᵗ (t+1) pᵗ and
    ∂p/∂(stop, go on) = (-1, 1) p (1 - p).  Far out of reach J = p / (1 - γp), ∂J/∂p = 1 / (1 - γp)².
    """
    p = float(expit(theta[1] - theta[0]))
    t = np.arange(ChainVectorEnv(**environment["kwargs"]).horizon)
    discounts = environment["gamma"] ** t
    slope = p * (1 - p) * float(discounts @ ((t + 1) * p**t))
    return float(discounts @ p ** (t + 1)), np.array([-slope, slope])


def values(theta: Floats, environment: EnvironmentSpec, obs: Floats) -> Floats:
    """V_t = Σ_{k≥t} γ^{k-t} p^{k-t+1} up to the horizon, before a stop.  obs (..., T+1, 1) -> (..., T+1)."""
    p = float(expit(theta[1] - theta[0]))
    horizon = ChainVectorEnv(**environment["kwargs"]).horizon
    V = np.zeros(max(horizon + 1, obs.shape[-2]))
    for t in reversed(range(horizon)):
        V[t] = p * (1 + environment["gamma"] * V[t + 1])
    return np.broadcast_to(V[: obs.shape[-2]], obs.shape[:-1])


def outcomes(theta: Floats, environment: EnvironmentSpec) -> Outcomes:
    """The horizon + 1 walks: those that stop at step 0, 1, …, and the one that never does."""
    p = float(expit(theta[1] - theta[0]))
    horizon = ChainVectorEnv(**environment["kwargs"]).horizon
    stop, t = np.arange(horizon + 1)[:, None], np.arange(horizon)
    went_on, mask = t < stop, t <= stop
    score = np.where(went_on, 1 - p, -p) * mask  # of going on; that of stopping is its negative
    last = np.where(stop[:, 0] < horizon, 1 - p, 1.0)
    probabilities = np.power(p, stop[:, 0], dtype=np.float64) * last
    obs = np.pad(mask, ((0, 0), (1, 0)), constant_values=True)[..., None].astype(float)
    return Outcomes(probabilities, obs, went_on.astype(float), np.stack([-score, score], axis=2), mask)


def variance_total_return(p: float) -> float:
    """Variance by p of one trajectory's estimate from the total return, at γ = 1."""
    return (4 * p**2 + 8 * p + 1) / (p * (1 - p) ** 4)


def variance_reward_to_go(p: float) -> float:
    """Variance by p of one trajectory's estimate from the reward to go, at γ = 1."""
    return (p**2 + 3 * p + 1) / (p * (1 - p) ** 4)


def values_of_actions(
    theta: Floats, environment: EnvironmentSpec, obs: Floats, actions: NDArray[np.int64]
) -> Floats:
    """Q_t(go on) = 1 + γ V_{t+1} and Q_t(stop) = 0.  (..., T, 1), (..., T, K) -> (..., T, K)."""
    T = obs.shape[-2]
    V = values(theta, environment, np.ones((T + 1, 1)))
    return np.where(actions == 1, 1 + environment["gamma"] * V[1:, None], 0.0)
