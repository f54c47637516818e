"""The bandit under one policy, seen from another: exact KL, weight moments and expectations.

With one step and one state all forms of importance weights are the same form.
"""

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.bandit import exact, offset
from pgpipe.oracles.by_form import corrected_by_form
from pgpipe.oracles.line import gain_and_spread
from pgpipe.oracles.outcomes import normal_nodes

Floats = NDArray[np.float64]


def kl(behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec) -> float:
    """KL(p_θ ‖ p_θ') = log σ'/σ + (σ² + Δ²)/(2σ'²) - ½ of two Gaussians whose means differ by Δ."""
    mu, sigma, _ = gain_and_spread(behaviour, environment)
    mu_new, sigma_new, _ = gain_and_spread(target, environment)
    spread = (sigma**2 + (mu_new - mu) ** 2) / (2 * sigma_new**2)
    return float(np.log(abs(sigma_new / sigma)) + spread - 0.5)


def weight_moments(
    behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec, n: int = 2
) -> Floats:
    """E_θ[wⁿ], for the one step there is; ∞ where it is not finite.  -> (1,).

    = σ^{n-1}/(σ'ⁿ √h) exp(n(n-1) Δ²/(2σ²σ'² h)) with h = n/σ'² - (n-1)/σ² > 0; for n = 2 it is
    σ²/(σ' √(2σ²-σ'²)) exp(Δ²/(2σ²-σ'²)).
    """
    mu, sigma, _ = gain_and_spread(behaviour, environment)
    mu_new, sigma_new, _ = gain_and_spread(target, environment)
    h = n / sigma_new**2 - (n - 1) / sigma**2
    if h <= 0:
        return np.array([np.inf])
    exponent = n * (n - 1) * (mu_new - mu) ** 2 / (2 * sigma**2 * sigma_new**2 * h)
    return np.array([abs(sigma) ** (n - 1) / (abs(sigma_new) ** n * h**0.5) * np.exp(exponent)])


def expectations(behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec) -> dict[str, Floats]:
    """E_θ ĝ at θ' by form of weights: ∇J(θ'), or E_θ[∇log π_θ' r] without any.  -> {name: (2,)}."""
    noise, weights = normal_nodes(1, nodes=4)
    mu, sigma, _ = gain_and_spread(behaviour, environment)
    mu_new, sigma_new, slope = gain_and_spread(target, environment)
    a = mu + sigma * noise[:, 0]
    z = (a - mu_new) / sigma_new
    rewards = -((a - mu + offset(behaviour, environment)[0]) ** 2)
    old = np.stack([z, (z**2 - 1) * slope]) / sigma_new @ (weights * rewards)
    new = exact(target, environment)[1]
    return {form: new if what else old for form, what in corrected_by_form().items()}


def log_state_ratios(
    behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec, obs: Floats
) -> Floats:
    """Zero: there is one state.  (..., T, 1) -> (..., T)."""
    return np.zeros(obs.shape[:-1])
