"""What the forms of importance weights have in common on every problem: whose part each one takes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pgpipe.estimators.parts import part_names, read_part

Floats = NDArray[np.float64]


def expectations_by_form(
    expected: Callable[[Floats, Floats], Floats], behaviour: Floats, target: Floats, gradient: Floats
) -> dict[str, Floats]:
    """E_θ ĝ at θ' by form of importance weights, for reward to go without a baseline.  -> {name: (P,)}.

    `expected(states, actions)` is Σ_t γᵗ E[∇log π_θ' Q^θ] with the states of one policy, the actions of one:
    a form that corrects nothing has θ's of both, one that corrects actions (E34) those of θ', one that
    corrects states as well (E30, E32) both of θ'. With its Q, too, it is `gradient`, ∇J(θ').
    """
    by_what = {
        (): expected(behaviour, behaviour),
        ("actions",): expected(behaviour, target),
        ("actions", "states"): expected(target, target),
        ("actions", "states", "rewards"): gradient,
    }
    return {form: by_what[what] for form, what in corrected_by_form().items() if what in by_what}


def corrected_by_form() -> dict[str, tuple[str, ...]]:
    """What each form of importance weights corrects, of those that say so; cut weights do it in part."""
    found = {form: read_part("importance", form).facts for form in part_names("importance")}
    return {
        form: said.corrects for form, said in found.items() if said.corrects is not None and not said.clips
    }
