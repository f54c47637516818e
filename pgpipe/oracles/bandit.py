"""Exact objective, gradient and variances of the Gaussian bandit, in closed form."""

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.bandit import BanditVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.line import gain_and_spread
from pgpipe.oracles.outcomes import Outcomes, normal_nodes

Floats = NDArray[np.float64]


def offset(theta: Floats, environment: LinearEnvironmentSpec) -> tuple[float, float]:
    """(d, σ) of θ = (μ, u), with d = μ - target: all that J, ∇J and the variances depend on."""
    mu, sigma, _ = gain_and_spread(theta, environment)
    return mu - BanditVectorEnv(**environment["kwargs"]).target, sigma


def exact(theta: Floats, environment: LinearEnvironmentSpec) -> tuple[float, Floats]:
    """J = -(d² + σ²) and ∇J = (-2d, -2σ ∂σ/∂u) for a ~ N(μ, σ²), d = μ - target, θ = (μ, u)."""
    d, sigma = offset(theta, environment)
    slope = gain_and_spread(theta, environment)[2]
    return float(-(d**2) - sigma**2), np.array([-2 * d, -2 * sigma * slope])


def values(theta: Floats, environment: LinearEnvironmentSpec, obs: Floats) -> Floats:
    """V_0 = J, and nothing after the only step.  obs (..., T+1, 1) -> (..., T+1)."""
    V = np.zeros(obs.shape[-2])
    V[0] = exact(theta, environment)[0]
    return np.broadcast_to(V, obs.shape[:-1])


def outcomes(theta: Floats, environment: LinearEnvironmentSpec) -> Outcomes:
    """A quadrature over the one action, exact for polynomials of degree 23 in it."""
    mu, sigma, slope = gain_and_spread(theta, environment)
    noise, weights = normal_nodes(1, nodes=12)
    x = noise[:, 0]
    a = mu + sigma * x
    return Outcomes(
        probabilities=weights,
        obs=np.ones((len(x), 2, 1)),
        rewards=-((a - BanditVectorEnv(**environment["kwargs"]).target) ** 2)[:, None],
        scores=np.stack([x, (x**2 - 1) * slope], axis=1)[:, None] / sigma,
        mask=np.ones((len(x), 1), dtype=bool),
    )


def variance(d: float, sigma: float) -> Floats:
    """Variance of one trajectory's g r, for (μ, σ): no baseline."""
    d2, s2 = d**2, sigma**2
    return np.array([d2**2 / s2 + 14 * d2 + 15 * s2, 2 * d2**2 / s2 + 60 * d2 + 74 * s2])


def variance_with_mean(d: float, sigma: float, n: int) -> Floats:
    """N times the variance of a batch of N with the mean of the others subtracted, for (μ, σ).

    That with the constant mean, plus what the mean's own noise adds, (Var g Var r + Cov(g, r)²) / (N - 1),
    where Var g = (1, 2)/σ², Var r = 4d²σ² + 2σ⁴ and Cov(g, r) = ∇J.
    """
    d2, s2 = d**2, sigma**2
    constant = np.array([8 * d2 + 10 * s2, 40 * d2 + 56 * s2])
    score, reward = np.array([1.0, 2.0]) / s2, 4 * d2 * s2 + 2 * s2**2
    covariance = np.array([-2 * d, -2 * sigma])
    return constant + (score * reward + covariance**2) / (n - 1)


def kurtosis_with_constant(theta: Floats, environment: LinearEnvironmentSpec, constant: float) -> Floats:
    """Excess kurtosis of one trajectory's g (r + c), for (μ, σ), by quadrature: of degree 16, so exact."""
    listed = outcomes(theta, environment)
    terms = listed.scores[:, 0] * (listed.rewards + constant)
    squares = (terms - listed.mean(terms)) ** 2
    excess: Floats = listed.mean(squares**2) / listed.mean(squares) ** 2 - 3
    return excess


def variance_pathwise(d: float, sigma: float) -> Floats:
    """Variances of -2x and -2xε at x = d + σε, the pathwise gradient of one trajectory, for (μ, σ).  E50."""
    return np.array([4 * sigma**2, 4 * d**2 + 8 * sigma**2])


def score_second_moment(sigma: float) -> Floats:
    """E[g²] = (1, 2)/σ² of the score g = ∇log π, for (μ, σ)."""
    return np.array([1.0, 2.0]) / sigma**2


def best_constant(d: float, sigma: float) -> Floats:
    """The constant that makes the variance least: c = -E[g² r]/E[g²] = (d² + 3σ², d² + 5σ²), for (μ, σ).

    It is added to the return; minus the optimal baseline of E21.
    """
    return d**2 + np.array([3.0, 5.0]) * sigma**2


def variance_with_constant(d: float, sigma: float, constant: float) -> Floats:
    """Variance of one trajectory's g (r + c): Var(c) = Var(0) + 2c E[g² r] + c² E[g²], for (μ, σ).

    The mean E[g (r + c)] = ∇J does not depend on c, as E[g] = 0: only E[g² (r + c)²] does.
    """
    second = score_second_moment(sigma)
    return variance(d, sigma) - 2 * constant * best_constant(d, sigma) * second + constant**2 * second


def values_of_actions(
    theta: Floats, environment: LinearEnvironmentSpec, obs: Floats, actions: Floats
) -> Floats:
    """Q(a) = r(a) = -(a - target)², whatever the policy.  (..., 1, 1), (..., 1, K, 1) -> (..., 1, K)."""
    return -((actions[..., 0] - BanditVectorEnv(**environment["kwargs"]).target) ** 2)


def slopes(environment: LinearEnvironmentSpec, s: Floats, a: Floats) -> tuple[Floats, ...]:
    """∂r/∂a = -2 (a - target); no state changes anything.  (N, 1) -> (N, 1) each."""
    nothing = np.zeros_like(s)
    return nothing, -2 * (a - BanditVectorEnv(**environment["kwargs"]).target), nothing, nothing
