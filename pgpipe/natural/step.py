"""From a direction to a step that keeps the KL divergence of the policies at a bound (E41)."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pgpipe.natural.conjugate_gradient import Product

Floats = NDArray[np.float64]

# A step that reaches further than the bound is made shorter, to this share of what a parabola would allow.
SHORTER = 0.99
# Attempts of the line search, each at most half as far as the one before; then no step is taken at all.
ATTEMPTS = 12

Stopped = Literal["within the bound", "direction moves nothing", "attempts used up", "direction is no number"]


class Step(NamedTuple):
    """Δθ, the KL divergence that was measured for it, and why the search for it stopped."""

    change: Floats  # (P,)
    kl: float  # nats per step; NaN where the direction is no number
    stopped: Stopped


def length_for(bound: float, direction: Floats, product: Product) -> float:
    """α = √(2ε / dᵀF d): to second order KL(π_θ ‖ π_{θ+αd}) = ½ α² dᵀF d = ε.  direction (P,).

    For d = F⁻¹g that is √(2ε / gᵀF⁻¹g).  Zero where the direction moves no probability.
    """
    square = float(direction @ product(direction))
    return float(np.sqrt(2 * bound / square)) if square > 0 else 0.0


def step_to_bound(bound: float, direction: Floats, product: Product, kl: Callable[[Floats], float]) -> Step:
    """The step Δθ along a direction (P,) for which KL(π_θ ‖ π_{θ+Δθ}) ≤ ε.  Lecture E41.

    It starts from `length_for` and goes back until the `kl` of the step is within the bound. Where it never
    is, no step is taken; a direction that is no number stays one.
    """
    if not np.isfinite(direction).all():
        return Step(direction, np.nan, "direction is no number")
    alpha = length_for(bound, direction, product)
    if alpha == 0:
        return Step(np.zeros_like(direction), 0.0, "direction moves nothing")
    for _ in range(ATTEMPTS):
        step = alpha * direction
        measured = kl(step)
        if measured <= bound:
            return Step(step, measured, "within the bound")
        too_far = np.sqrt(bound / measured) if np.isfinite(measured) else 0.0
        alpha *= max(0.5, SHORTER * too_far)
    return Step(np.zeros_like(direction), 0.0, "attempts used up")
