"""What the forms of importance weights have in common on every problem: whose part each one takes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expectations_by_form(
    expected: Callable[[Floats, Floats], Floats], behaviour: Floats, target: Floats, gradient: Floats
) -> dict[str, Floats]:
    """E_θ ĝ at θ' by form of importance weights, for reward to go without a baseline.  -> {name: (P,)}.

    `expected(states, actions)` is Σ_t γᵗ E[∇log π_θ' Q^θ] with the states of one policy, the actions of one:
    `none` has θ's of both, `first_order` (E34) the actions of θ', `no_future` (E30) and `marginal` (E32) its
    states as well. With its Q, too, it is `gradient`, ∇J(θ').
    """
    no_future = expected(target, target)
    return {
        "none": expected(behaviour, behaviour),
        "first_order": expected(behaviour, target),
        "no_future": no_future,
        "marginal": no_future,
        "trajectory": gradient,
        "per_decision": gradient,
    }
