"""The line's average reward, J = -σ² f(k): no start, no discount, no end.  math.md.

A walk with -2 < k < 0 and no noise but its own settles at E s² = σ²/(1 - (1+k)²), so

    J = -[(1 + k²) E s² + σ²] = -σ² f(k),   f(k) = (2k - 1)/(k (k + 2)).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def slowness(k: float) -> float:
    """f(k) = (2k - 1)/(k (k + 2)), positive between -2 and 0."""
    return (2 * k - 1) / (k * (k + 2))


def slowness_slope(k: float) -> float:
    """f'(k), zero at the best k = (1 - √5)/2 = -0.618."""
    return (2 * k * (k + 2) - (2 * k - 1) * (2 * k + 2)) / (k * (k + 2)) ** 2


def exact(k: float, sigma: float) -> tuple[float, Floats]:
    """J and ∇J by (k, σ)."""
    return -(sigma**2) * slowness(k), np.array([-(sigma**2) * slowness_slope(k), -2 * sigma * slowness(k)])


def fisher(k: float, sigma: float) -> Floats:
    """Per step, of the settled walk: diag(m̄/σ², 2/σ²) with m̄ = σ²/(1 - (1+k)²).  -> (2, 2)."""
    return np.diag([1 / (1 - (1 + k) ** 2), 2 / sigma**2])
