"""The exact gradient over a grid of (k, σ), and the best parameters there are (F9, E1)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from pgpipe.oracles.line import exact

Floats = NDArray[np.float64]

# (k, σ) from which the climb starts: walks neither explode nor stand still, whatever the config's own policy.
STABLE = np.array([-0.5, 0.5])


def with_start(environment: Mapping[str, Any], start_std: float) -> dict[str, Any]:
    """The same line with another spread of the start."""
    return {**environment, "kwargs": {**environment["kwargs"], "start_std": start_std}}


def gradient_field(
    environment: Mapping[str, Any], start_stds: Sequence[float], ks: Floats, sigmas: Floats
) -> pd.DataFrame:
    """J, ∂J/∂k and ∂J/∂σ at every (k, σ) of the grid, for every spread of the start."""
    rows = []
    for start_std in start_stds:
        line = with_start(environment, start_std)
        for k in ks:
            for sigma in sigmas:
                J, (J_k, J_sigma) = exact(np.array([k, sigma]), line)
                rows.append((start_std, k, sigma, J, J_k, J_sigma))
    return pd.DataFrame(rows, columns=["start_std", "k", "sigma", "objective", "grad_k", "grad_sigma"])


def find_optimum(environment: Mapping[str, Any], start_stds: Sequence[float]) -> pd.DataFrame:
    """θ* = argmax J, climbed with the exact gradient, for each spread of the start.  Lecture E1."""
    rows = []
    for start_std in start_stds:
        line = with_start(environment, start_std)
        best = minimize(_descent, STABLE, args=(line,), jac=True, method="BFGS", options={"gtol": 1e-10})
        J, gradient = exact(best.x, line)
        rows.append((start_std, best.x[0], abs(best.x[1]), J, float(np.linalg.norm(gradient))))
    return pd.DataFrame(rows, columns=["start_std", "k", "sigma", "objective", "gradient_norm"])


def _descent(theta: Floats, line: Mapping[str, Any]) -> tuple[float, Floats]:
    J, gradient = exact(theta, line)
    return -J, -gradient
