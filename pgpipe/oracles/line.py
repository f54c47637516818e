"""Exact objective and gradient of the line for a linear-Gaussian policy, in closed form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.outcomes import Outcomes, normal_nodes
from pgpipe.policies.spread import sigma_of, slope_of

Floats = NDArray[np.float64]

MOST_DIMENSIONS = 5  # of a quadrature: 7⁵ = 16,807 nodes


def gain_and_spread(theta: Floats, environment: LinearEnvironmentSpec) -> tuple[float, float, float]:
    """(k, σ, ∂σ/∂u) of θ = (k, u), where u is what the policy's spec says: σ, log σ or σ²."""
    name = environment.get("policy", {}).get("parameterization", "sigma")
    k, u = (float(number) for number in theta)
    return k, float(sigma_of(u, name)), float(slope_of(u, name))


def objective_and_gradient(
    k: Any, sigma: Any, *, gamma: float, horizon: int, start_std: Any, noise_std: float
) -> tuple[Any, Floats]:
    """J and ∇J = (∂J/∂k, ∂J/∂σ) of the discounted return over `horizon` steps.  Lecture E38, E39.

    s_{t+1} = (1 + k) s_t + σ ε_t + ν w_t, so with q = (1+k)², η = σ² + ν², m_0 = start_std²

        m_t = E s_t²,  m_{t+1} = q m_t + η,   J = -Σ_t γᵗ [(1 + k²) m_t + σ²],

    and the derivatives follow m_t: ∂m_{t+1} = q ∂m_t + ∂q m_t + ∂η.  Arrays of k, σ and start_std that go
    together give arrays, (...) and (2, ...).
    """
    q, d_q = (1 + k) ** 2, 2 * (1 + k)
    m, m_k, m_sigma = start_std**2, 0.0, 0.0
    J, J_k, J_sigma = 0.0, 0.0, 0.0
    for t in range(horizon):
        discount = gamma**t
        J -= discount * ((1 + k**2) * m + sigma**2)
        J_k -= discount * (2 * k * m + (1 + k**2) * m_k)
        J_sigma -= discount * ((1 + k**2) * m_sigma + 2 * sigma)
        m, m_k, m_sigma = (
            q * m + sigma**2 + noise_std**2,
            q * m_k + d_q * m,
            q * m_sigma + 2 * sigma,
        )
    return J, np.array([J_k, J_sigma])


def values(theta: Floats, environment: LinearEnvironmentSpec, obs: Floats) -> Floats:
    """V_t(s) = -P_t s² - c_t, the rewards still to come at step t.  obs (..., T+1, 1) -> (..., T+1).

    P_t = 1 + k² + γq P_{t+1} and c_t = σ² + γ(η P_{t+1} + c_{t+1}) with P, c zero from the horizon on.
    """
    line = LineVectorEnv(**environment["kwargs"])
    gamma, (k, sigma, _) = environment["gamma"], gain_and_spread(theta, environment)
    P, c = np.zeros((2, max(line.horizon + 1, obs.shape[-2])))
    for t in reversed(range(line.horizon)):
        P[t] = 1 + k**2 + gamma * (1 + k) ** 2 * P[t + 1]
        c[t] = sigma**2 + gamma * ((sigma**2 + line.noise_std**2) * P[t + 1] + c[t + 1])
    steps = obs.shape[-2]
    return -P[:steps] * obs[..., 0] ** 2 - c[:steps]


def outcomes(theta: Floats, environment: LinearEnvironmentSpec) -> Outcomes | None:
    """A quadrature over start, actions and noise, exact for polynomials of degree 13 in each of them.

    That is enough for the variance of every estimator whose baseline is a mean or the exact value function.
    None for a line too long to list.
    """
    line = LineVectorEnv(**environment["kwargs"])
    (k, sigma, slope), T = gain_and_spread(theta, environment), line.horizon
    noisy = T - 1 if line.noise_std else 0  # what moves the last state moves no reward
    if 1 + T + noisy > MOST_DIMENSIONS:
        return None
    x, weights = normal_nodes(1 + T + noisy, nodes=7)
    start, actions, pushes = np.split(x, [1, 1 + T], axis=1)
    s = np.zeros((len(x), T + 1))
    s[:, 0] = line.start_std * start[:, 0]
    for t in range(T):
        push = line.noise_std * pushes[:, t] if t < noisy else 0.0
        s[:, t + 1] = (1 + k) * s[:, t] + sigma * actions[:, t] + push
    rewards = -(s[:, :-1] ** 2) - (k * s[:, :-1] + sigma * actions) ** 2
    scores = np.stack([actions * s[:, :-1], (actions**2 - 1) * slope], axis=2) / sigma
    return Outcomes(weights, s[..., None], rewards, scores, np.ones_like(rewards, dtype=bool))


def second_moments(k: Any, sigma: Any, line: LineVectorEnv) -> Floats:
    """m_t = E s_t², t < T:  m_{t+1} = (1+k)² m_t + σ² + ν².  -> (T,), or (T, ...) for arrays of k and σ."""
    m = [line.start_std**2 + 0 * k]
    for _ in range(line.horizon - 1):
        m.append((1 + k) ** 2 * m[-1] + sigma**2 + line.noise_std**2)
    return np.array(m)


def fisher(theta: Floats, environment: LinearEnvironmentSpec) -> Floats:
    """F = E[∇log π ∇log πᵀ] of the policy, averaged over the steps, undiscounted.  -> (2, 2).  E40.

    diag(m̄/σ², 2/σ²) by (k, σ), with m̄ the mean of E s_t² over t; by log σ the second is 2, by σ² it is
    1/(2σ⁴). The Fisher matrix of the trajectory is horizon times this.
    """
    k, sigma, slope = gain_and_spread(theta, environment)
    m = second_moments(k, sigma, LineVectorEnv(**environment["kwargs"]))
    return np.diag([m.mean(), 2.0 * slope**2]) / sigma**2


def exact(theta: Floats, environment: LinearEnvironmentSpec) -> tuple[float, Floats]:
    """J and ∇J at theta (2,) for the environment of a spec."""
    k, sigma, slope = gain_and_spread(theta, environment)
    J, gradient = exact_by_sigma(k, sigma, environment)
    return J, gradient * [1.0, slope]


def exact_by_sigma(k: float, sigma: float, environment: LinearEnvironmentSpec) -> tuple[float, Floats]:
    """J and ∇J by (k, σ), whatever the policy's own parameters are."""
    line = LineVectorEnv(**environment["kwargs"])
    return objective_and_gradient(
        k,
        sigma,
        gamma=environment["gamma"],
        horizon=line.horizon,
        start_std=line.start_std,
        noise_std=line.noise_std,
    )


def values_of_actions(
    theta: Floats, environment: LinearEnvironmentSpec, obs: Floats, actions: Floats
) -> Floats:
    """Q_t(s, a) = -s² - a² - γ (P_{t+1} ((s + a)² + ν²) + c_{t+1}).  (..., T, K, 1) -> (..., T, K).

    V_{t+1} at s = 0 and 1 gives c and P.  obs (..., T, 1).
    """
    line, gamma, T = LineVectorEnv(**environment["kwargs"]), environment["gamma"], obs.shape[-2]
    at = np.array([np.zeros((T + 1, 1)), np.ones((T + 1, 1))])
    c, P = values(theta, environment, at)[:, 1:] * [[-1], [-1]]
    P = (P - c)[:, None]  # (T, 1), beside K actions
    s, a = obs, actions[..., 0]
    return -(s**2) - a**2 - gamma * (P * ((s + a) ** 2 + line.noise_std**2) + c[:, None])


def slopes(environment: LinearEnvironmentSpec, s: Floats, a: Floats) -> tuple[Floats, ...]:
    """∂r/∂s = -2s, ∂r/∂a = -2a, ∂s'/∂s = ∂s'/∂a = 1.  (N, T) -> (N, T) each."""
    return -2 * s, -2 * a, np.ones_like(s), np.ones_like(s)
