"""What the variance of one trajectory's gradient is made of (P24, Tucker et al. 2018)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class VarianceTerms(NamedTuple):
    """Four terms of N Var ĝ, (P,) each, of x_t = γᵗ ∇log π(a_t|s_t) (R_t - b_t(s_t)) summed over the steps.

    | term       | sum over t of           | what is left without it                         |
    |------------|-------------------------|-------------------------------------------------|
    | state      | Var E[x_t|s_t]          | one state for all; no baseline changes it       |
    | action     | E Var(E[x_t|s_t, a_t]|s_t) | all actions of a state at once; b changes it |
    | trajectory | E Var(x_t|s_t, a_t)     | the exact Q in place of R; b does not change it |
    | between    | Cov(x_t, x_t'), t' ≠ t  | steps that know nothing of each other           |

    The first three are never negative. A state in which no step is taken any more is a state, too.
    """

    state: Floats
    action: Floats
    trajectory: Floats
    between: Floats

    @property
    def total(self) -> Floats:
        """N Var ĝ."""
        return self.state + self.action + self.trajectory + self.between
