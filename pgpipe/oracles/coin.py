"""Exact objective and gradient of the coin, in closed form."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


def exact(theta: Floats, environment: Mapping[str, Any]) -> tuple[float, Floats]:
    """J = γp and ∇J = γp(1-p) (-1, 1), with p the probability of action 1.  theta (2,), the two logits.

    The coin's mean is zero, so of X + γ(a_2 - X) only γ E a_2 = γp is left.
    """
    p = float(expit(theta[1] - theta[0]))
    slope = environment["gamma"] * p * (1 - p)
    return environment["gamma"] * p, np.array([-slope, slope])
