"""The shape of J on the line as σ falls: derivatives, and two matrices that say how it is bent (C23, C25)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.line import exact, exact_by_sigma, fisher
from pgpipe.oracles.line_field import parameters, with_start

Floats = NDArray[np.float64]

SIGMAS = tuple(float(sigma) for sigma in np.logspace(0, -3, 13))
# Step of the differences that the Hessian is taken by, relative to each parameter.
STEP = 1e-4


def derivatives(environment: LinearEnvironmentSpec, start_stds: Sequence[float]) -> pd.DataFrame:
    """|∂J/∂k| and |∂J/∂σ| at the configured k by σ, for each spread of the start."""
    k, rows = environment["policy"]["k"], []
    for start_std in start_stds:
        line = with_start(environment, start_std)
        for sigma in SIGMAS:
            # by σ itself, as the statement is, whatever the policy's own parameter
            by_k, by_sigma = np.abs(exact_by_sigma(k, sigma, line)[1])
            rows.append((start_std, k, sigma, by_k, by_sigma, by_sigma / by_k))
    return pd.DataFrame(rows, columns=["start_std", "k", "sigma", "by_k", "by_sigma", "ratio"])


def conditions(environment: LinearEnvironmentSpec, start_stds: Sequence[float]) -> pd.DataFrame:
    """The largest over the smallest |eigenvalue|, at the configured k by σ, of the Fisher matrix per step and
    of the Hessian of J, both by the policy's own parameters.
    """
    k, rows = environment["policy"]["k"], []
    for start_std in start_stds:
        line = with_start(environment, start_std)
        for sigma in SIGMAS:
            theta = parameters(line, k, sigma)
            for name, matrix in (("fisher", fisher(theta, line)), ("hessian", hessian(theta, line))):
                sizes = np.abs(np.linalg.eigvalsh(matrix))
                rows.append((start_std, k, sigma, name, sizes.max(), sizes.min(), sizes.max() / sizes.min()))
    names = ["start_std", "k", "sigma", "matrix", "largest", "smallest", "ratio"]
    return pd.DataFrame(rows, columns=names)


def hessian(theta: Floats, environment: LinearEnvironmentSpec) -> Floats:
    """∂²J/∂θ², by central differences of the exact gradient.  (2,) -> (2, 2)."""
    steps = np.diag(STEP * np.maximum(np.abs(theta), 1e-3))
    rows = [
        (exact(theta + step, environment)[1] - exact(theta - step, environment)[1]) / (2 * step.sum())
        for step in steps
    ]
    return (np.array(rows) + np.array(rows).T) / 2
