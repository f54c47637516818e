"""Integrals of polynomials against a normal density over an interval, exactly."""

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]


def partial_moments(low: float, high: float, degree: int) -> Floats:
    """M_n = ∫ zⁿ φ(z) dz from low to high, n = 0, …, degree.

    M_n = (n-1) M_{n-2} + lowⁿ⁻¹ φ(low) - highⁿ⁻¹ φ(high); at an infinite bound the last terms are zero.
    """
    edges = [(bound, float(norm.pdf(bound)) if np.isfinite(bound) else 0.0) for bound in (low, high)]
    below, above = ((b if np.isfinite(b) else 0.0, density) for b, density in edges)
    # of the tail that is nearer, so that nothing is lost to rounding
    mass = norm.cdf(high) - norm.cdf(low) if low < 0 else norm.sf(low) - norm.sf(high)
    M = [float(mass), below[1] - above[1]]
    for n in range(2, degree + 1):
        M.append((n - 1) * M[n - 2] + below[0] ** (n - 1) * below[1] - above[0] ** (n - 1) * above[1])
    return np.array(M[: degree + 1])


def integral(polynomial: Polynomial, mean: float, sd: float, low: float, high: float) -> float:
    """∫ polynomial(x) N(x; mean, sd²) dx from low to high."""
    of_z = polynomial(Polynomial([mean, sd]))
    moments = partial_moments((low - mean) / sd, (high - mean) / sd, of_z.degree())
    return float(np.asarray(of_z.coef, dtype=float) @ moments)
