"""The exact gradient over a grid of (k, σ), and the best parameters there are (F9, F10, E1)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.line import exact, exact_by_sigma, fisher, gain_and_spread
from pgpipe.policies.spread import parameter_of

Floats = NDArray[np.float64]


def with_start(environment: LinearEnvironmentSpec, start_std: float) -> LinearEnvironmentSpec:
    """The same line with another spread of the start."""
    return {**environment, "kwargs": {**environment["kwargs"], "start_std": start_std}}


def parameters(environment: LinearEnvironmentSpec, k: float, sigma: float) -> Floats:
    """θ = (k, u) of a policy with this σ, where u is what the policy's spec says.  -> (2,)."""
    name = environment.get("policy", {}).get("parameterization", "sigma")
    return np.array([k, parameter_of(sigma, name)])


def directions(environment: LinearEnvironmentSpec, k: float, sigma: float) -> tuple[float, Floats, Floats]:
    """J, and how (k, σ) moves along ∇J and along F⁻¹∇J: (k̇, σ̇) each, with σ̇ = u̇ ∂σ/∂u.

    F is that per step. By which u a policy has its σ decides the first and not the second.
    """
    theta = parameters(environment, k, sigma)
    J, gradient = exact(theta, environment)
    moves = np.array([1.0, gain_and_spread(theta, environment)[2]])
    return J, gradient * moves, gradient / np.diagonal(fisher(theta, environment)) * moves


def gradient_field(
    environment: LinearEnvironmentSpec, start_stds: Sequence[float], ks: Floats, sigmas: Floats
) -> pd.DataFrame:
    """J and its vanilla and natural direction at every (k, σ) of the grid, for every spread of the start."""
    rows = []
    for start_std in start_stds:
        line = with_start(environment, start_std)
        for k in ks:
            for sigma in sigmas:
                J, vanilla, natural = directions(line, k, sigma)
                rows.append((start_std, k, sigma, J, *vanilla, *natural))
    names = ["start_std", "k", "sigma", "objective", "grad_k", "grad_sigma", "natural_k", "natural_sigma"]
    return pd.DataFrame(rows, columns=names)


def find_optimum(environment: LinearEnvironmentSpec, start_stds: Sequence[float]) -> pd.DataFrame:
    """θ* = argmax J for each spread of the start: at σ = 0, which no noise of the action can better.  E1.

    Walks that start at 0 and meet no noise stay there without any action, so at σ = 0 every k is as good:
    then `unique` is false, and k is the one that is best at every σ > 0.
    """
    rows = []
    for start_std in start_stds:
        line = with_start(environment, start_std)
        unique = start_std > 0 or LineVectorEnv(**line["kwargs"]).noise_std > 0
        k = best_gain(line, 0.0 if unique else 1.0)
        J, gradient = exact_by_sigma(k, 0.0, line)
        rows.append((start_std, k, 0.0, J, float(np.linalg.norm(gradient)), unique))
    return pd.DataFrame(rows, columns=["start_std", "k", "sigma", "objective", "gradient_norm", "unique"])


def best_gain(environment: LinearEnvironmentSpec, sigma: float) -> float:
    """argmax_k J(k, σ): the root of ∂J/∂k between -1, where it is positive, and 0, where it no longer is."""
    if LineVectorEnv(**environment["kwargs"]).horizon == 1:
        return 0.0
    return float(brentq(lambda k: exact_by_sigma(k, sigma, environment)[1][0], -1.0, 0.0, xtol=1e-14))
