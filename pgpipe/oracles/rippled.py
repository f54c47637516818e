"""A bandit whose reward has ripples, r(a) = -(a - m)² + A cos ωa: steep slopes cost variance (P23).

The reward stays within A of the smooth one, its slope moves by as much as Aω.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pgpipe.oracles.outcomes import normal_nodes

Floats = NDArray[np.float64]

NODES = 200  # of a quadrature over the noise: exact to rounding for ω σ up to about ten


class Ripples(NamedTuple):
    """Distance d = μ - m, σ, and the ripples' A and ω, with μ for their place."""

    mu: float
    target: float
    sigma: float
    amplitude: float
    frequency: float

    def reward(self, a: Floats) -> Floats:
        """r(a)."""
        found: Floats = -((a - self.target) ** 2) + self.amplitude * np.cos(self.frequency * a)
        return found

    def slope(self, a: Floats) -> Floats:
        """∂r/∂a."""
        steep = self.amplitude * self.frequency
        found: Floats = -2 * (a - self.target) - steep * np.sin(self.frequency * a)
        return found


def moments(of: Ripples) -> tuple[Floats, Floats, Floats]:
    """∇J, and N Var ĝ of the score function with the best constants and of the pathwise gradient.

    By (μ, σ), (2,) each. A constant b has Var(b) = Var(r g) - 2b C + b² E g², least at C/E g².
    """
    x, weights = normal_nodes(1, NODES)
    eps = x[:, 0]
    a = of.mu + of.sigma * eps
    g = np.stack([eps, eps**2 - 1]) / of.sigma
    r, path = of.reward(a), np.stack([np.ones_like(eps), eps]) * of.slope(a)
    C, W = (g**2 * r) @ weights, g**2 @ weights
    mean = (g * r) @ weights
    score = (g**2 * r**2) @ weights - C**2 / W - mean**2
    pathwise = path**2 @ weights - (path @ weights) ** 2
    return mean, score, pathwise


def best_constants(of: Ripples) -> Floats:
    """E[g² r]/E[g²], for (μ, σ)."""
    x, weights = normal_nodes(1, NODES)
    eps = x[:, 0]
    g = np.stack([eps, eps**2 - 1]) / of.sigma
    found: Floats = ((g**2 * of.reward(of.mu + of.sigma * eps)) @ weights) / (g**2 @ weights)
    return found
