"""The line under one policy, seen from another: exact KLs, weight moments and expectations (math.md).

Both policies are linear Gaussians, θ = (k, u) with u = σ, log σ or σ²: the behaviour θ that samples, and the
target θ' that is asked about.
"""

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.by_form import expectations_by_form
from pgpipe.oracles.line import exact, gain_and_spread
from pgpipe.oracles.outcomes import normal_nodes

Floats = NDArray[np.float64]

# Of a quadrature in each of two dimensions: a score times a Q-value is of degree four in both.
NODES = 4


def state_moments(theta: Floats, environment: LinearEnvironmentSpec) -> Floats:
    """m_t = E s_t² under theta: m_{t+1} = (1+k)² m_t + σ² + ν².  -> (T,)."""
    line, (k, sigma, _) = LineVectorEnv(**environment["kwargs"]), gain_and_spread(theta, environment)
    m = np.full(line.horizon, line.start_std**2)
    for t in range(1, line.horizon):
        m[t] = (1 + k) ** 2 * m[t - 1] + sigma**2 + line.noise_std**2
    return m


def kl(behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec) -> float:
    """KL(p_θ ‖ p_θ') of a whole trajectory: Σ_t [log σ'/σ + (σ² + δ² m_t)/(2σ'²) - ½], δ = k' - k."""
    k, sigma, _ = gain_and_spread(behaviour, environment)
    k_new, sigma_new, _ = gain_and_spread(target, environment)
    m = state_moments(behaviour, environment)
    spread = (sigma**2 + (k_new - k) ** 2 * m) / (2 * sigma_new**2)
    return float((np.log(abs(sigma_new / sigma)) + spread - 0.5).sum())


def weight_moments(
    behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec, n: int = 2
) -> Floats:
    """E_θ[w_tⁿ] of w_t, the product of the first t ratios, for t = 1, …, T; ∞ where not finite.  -> (T,).

    From the last step back, E[Π ρⁿ | s] = α exp(β s²), from α = 1, β = 0. Noise first, a step later: with
    1 - 2βν² = u, α ← α u^{-1/2} and β ← β/u. Then the action, whose exponent is -½ h a² + l s a + c s²:

        h = n/σ'² - (n-1)/σ² - 2β,  l = n k'/σ'² - (n-1) k/σ² + 2β,  c = (n-1) k²/(2σ²) - n k'²/(2σ'²) + β,
        α ← α σ^{n-1}/(σ'ⁿ √h),  β ← c + l²/(2h),

    and E[wⁿ] = α (1 - 2β m_0)^{-1/2}. It is infinite where u, h or the last bracket is not positive.
    """
    line = LineVectorEnv(**environment["kwargs"])
    k, sigma, _ = gain_and_spread(behaviour, environment)
    k_new, sigma_new, _ = gain_and_spread(target, environment)
    precision, precision_new = 1 / sigma**2, 1 / sigma_new**2
    moments = np.full(line.horizon, np.inf)
    log_alpha, beta = 0.0, 0.0
    for t in range(line.horizon):
        u = 1 - 2 * beta * line.noise_std**2
        h = n * precision_new - (n - 1) * precision - 2 * beta / u if u > 0 else 0.0
        if h <= 0:
            break
        beta_next = beta / u
        linear = n * k_new * precision_new - (n - 1) * k * precision + 2 * beta_next
        square = (n - 1) * k**2 * precision / 2 - n * k_new**2 * precision_new / 2 + beta_next
        log_alpha += (n - 1) * np.log(abs(sigma)) - n * np.log(abs(sigma_new)) - (np.log(u) + np.log(h)) / 2
        beta = square + linear**2 / (2 * h)
        bracket = 1 - 2 * beta * line.start_std**2
        if bracket > 0:
            moments[t] = np.exp(log_alpha - np.log(bracket) / 2)
    return moments


def expectations(behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec) -> dict[str, Floats]:
    """E_θ ĝ at θ' by form of importance weights, for reward to go without a baseline.  -> {name: (2,)}."""

    def expected(states: Floats, actions: Floats) -> Floats:
        return _expected(states, actions, behaviour, target, environment)

    return expectations_by_form(expected, behaviour, target, exact(target, environment)[1])


def log_state_ratios(
    behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec, obs: Floats
) -> Floats:
    """log p_θ'(s_t)/p_θ(s_t), two centred Gaussians of variances m_t.  (..., T, 1) -> (..., T)."""
    T = obs.shape[-2]
    m, m_new = (state_moments(theta, environment)[:T] for theta in (behaviour, target))
    moving = m > 0  # with m_0 = 0 both start in the same place
    m, m_new = np.where(moving, m, 1.0), np.where(moving, m_new, 1.0)
    return 0.5 * np.log(m / m_new) + 0.5 * obs[..., 0] ** 2 * (1 / m - 1 / m_new)


def _expected(
    states: Floats, actions: Floats, follows: Floats, target: Floats, environment: LinearEnvironmentSpec
) -> Floats:
    """Σ_t γᵗ E[∇log π_θ'(a|s) Q_t(s, a)], s ~ `states`, a ~ `actions`, Q that of `follows`.  -> (2,)."""
    line, gamma = LineVectorEnv(**environment["kwargs"]), environment["gamma"]
    m = state_moments(states, environment)
    P, c = _values(follows, environment)
    nodes, weights = normal_nodes(2, NODES)
    k, sigma, _ = gain_and_spread(actions, environment)
    k_new, sigma_new, slope = gain_and_spread(target, environment)
    total = np.zeros(2)
    for t in range(line.horizon):
        s = m[t] ** 0.5 * nodes[:, 0]
        a = k * s + sigma * nodes[:, 1]
        z = (a - k_new * s) / sigma_new
        score = np.stack([z * s, (z**2 - 1) * slope]) / sigma_new
        next_value = -P[t + 1] * ((s + a) ** 2 + line.noise_std**2) - c[t + 1]
        total += gamma**t * score @ (weights * (-(s**2) - a**2 + gamma * next_value))
    return total


def _values(theta: Floats, environment: LinearEnvironmentSpec) -> tuple[Floats, Floats]:
    """P and c of V_t(s) = -P_t s² - c_t.  -> (T+1,) each."""
    line, gamma = LineVectorEnv(**environment["kwargs"]), environment["gamma"]
    k, sigma, _ = gain_and_spread(theta, environment)
    P, c = np.zeros((2, line.horizon + 1))
    for t in reversed(range(line.horizon)):
        P[t] = 1 + k**2 + gamma * (1 + k) ** 2 * P[t + 1]
        c[t] = sigma**2 + gamma * ((sigma**2 + line.noise_std**2) * P[t + 1] + c[t + 1])
    return P, c
