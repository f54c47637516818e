"""Exact objective and gradient of the line for a linear-Gaussian policy, in closed form."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.line import LineVectorEnv


def objective_and_gradient(
    k: float, sigma: float, *, gamma: float, horizon: int, start_std: float, noise_std: float
) -> tuple[float, NDArray[np.float64]]:
    """J and ∇J = (∂J/∂k, ∂J/∂σ) of the discounted return over `horizon` steps.  Lecture E38, E39.

    s_{t+1} = (1 + k) s_t + σ ε_t + ν w_t, so with q = (1+k)², η = σ² + ν², m_0 = start_std²

        m_t = E s_t²,  m_{t+1} = q m_t + η,   J = -Σ_t γᵗ [(1 + k²) m_t + σ²],

    and the derivatives follow m_t: ∂m_{t+1} = q ∂m_t + ∂q m_t + ∂η.
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


def exact(theta: NDArray[np.float64], environment: Mapping[str, Any]) -> tuple[float, NDArray[np.float64]]:
    """J and ∇J at theta (2,) for the environment of a spec."""
    line = LineVectorEnv(**environment["kwargs"])
    return objective_and_gradient(
        float(theta[0]),
        float(theta[1]),
        gamma=environment["gamma"],
        horizon=line.horizon,
        start_std=line.start_std,
        noise_std=line.noise_std,
    )
