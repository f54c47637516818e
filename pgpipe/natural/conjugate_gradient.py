"""Solve F x = g by products F v alone.  Hestenes & Stiefel 1952; for policies Schulman et al. 2015."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Product = Callable[[Floats], NDArray[np.floating]]


Stopped = Literal["converged", "iterations used up", "broke down"]


class Solution(NamedTuple):
    """x, the length of g - (F + λ I) x relative to that of g, and why the iterations stopped."""

    x: Floats  # (P,)
    residuals: list[float]  # at first, and after every iteration
    stopped: Stopped

    @property
    def iterations(self) -> int:
        """Products that it took."""
        return len(self.residuals) - 1


def conjugate_gradient(
    product: Product, g: NDArray[np.floating], *, iterations: int, residual: float, damping: float = 0.0
) -> Solution:
    """x with ‖g - (F + λ I) x‖ ≤ residual ‖g‖, or as near as it came, and which of the two.  g (P,).

    F must be symmetric and have no negative eigenvalue; `damping` is λ. Where F is singular and λ = 0, x is
    the least solution if g lies in the range of F, as a gradient estimated on the same states does. It breaks
    down where no direction is left in which F is more than rounding, or at what is no number. Sums are
    carried in double precision, whatever the products'.
    """
    r = g.astype(np.float64)
    x, p, square = np.zeros_like(r), r.copy(), float(r @ r)
    length = square**0.5
    residuals = [1.0 if length else 0.0]
    while residuals[-1] > residual:
        if len(residuals) > iterations:
            return Solution(x, residuals, "iterations used up")
        Fp = product(p) + damping * p
        curvature = float(p @ Fp)
        if not 0 < curvature < np.inf:
            return Solution(x, residuals, "broke down")
        step = square / curvature
        x += step * p
        r -= step * Fp
        last, square = square, float(r @ r)
        p = r + square / last * p
        residuals.append(square**0.5 / length)
    return Solution(x, residuals, "converged" if residuals[-1] <= residual else "broke down")
