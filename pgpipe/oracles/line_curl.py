"""The expected estimate as a field over (k, σ), and whether it is a gradient at all (E49)."""

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec

STEP = 1e-30  # of a complex step, along which a polynomial is differentiated to rounding


def expected_direction(
    k: complex, sigma: complex, environment: LinearEnvironmentSpec, score_discount: bool
) -> tuple[complex, complex]:
    """Σ_t x_t E[∇log π(a_t|s_t) Q_t(s_t, a_t)] by (k, σ), x_t = γᵗ or 1: ∇J, or the direction without γᵗ.

    By Stein's lemma E[∂_k log π Q] = E[s ∂_a Q] and E[∂_σ log π Q] = σ E[∂²_a Q], where ∂_a Q_t is
    -2a - 2γ P_{t+1} (s + a), P_t = 1 + k² + γ (1+k)² P_{t+1}, P_T = 0, and E s_t² = m_t.
    """
    line, gamma = LineVectorEnv(**environment["kwargs"]), environment["gamma"]
    P: list[complex] = [0.0]
    for _ in range(line.horizon - 1):
        P.insert(0, 1 + k**2 + gamma * (1 + k) ** 2 * P[0])
    by_k: complex = 0.0
    by_sigma: complex = 0.0
    m: complex = line.start_std**2
    for t, after in enumerate(P):
        x = gamma**t if score_discount else 1.0
        by_k -= x * (2 * k + 2 * gamma * after * (1 + k)) * m
        by_sigma -= x * 2 * sigma * (1 + gamma * after)
        m = (1 + k) ** 2 * m + sigma**2 + line.noise_std**2
    return by_k, by_sigma


def curl(k: float, sigma: float, environment: LinearEnvironmentSpec, score_discount: bool) -> float:
    """∂_k g_σ - ∂_σ g_k: zero if the field is the gradient of anything.  Nota & Thomas 2020.

    The field is a polynomial, so that Im g(k + ih)/h is its derivative, whatever the size of h.
    """
    ahead = expected_direction(k + 1j * STEP, sigma, environment, score_discount)[1]
    above = expected_direction(k, sigma + 1j * STEP, environment, score_discount)[0]
    return float(np.imag(ahead - above) / STEP)


def field(
    ks: NDArray[np.float64],
    sigmas: NDArray[np.float64],
    environment: LinearEnvironmentSpec,
    score_discount: bool,
) -> NDArray[np.float64]:
    """(g_k, g_σ, curl) at every (k, σ) of the grid.  -> (K, S, 3)."""
    return np.array(
        [
            [
                [
                    *np.real(expected_direction(k, s, environment, score_discount)),
                    curl(k, s, environment, score_discount),
                ]
                for s in sigmas
            ]
            for k in ks
        ]
    )
