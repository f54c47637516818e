"""What the studies of γᵗ in front of the score ask about: the line, its discounts, a loop in (k, σ)."""

import numpy as np
from typing_extensions import TypedDict

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators.spec import EstimatorSpec

FORMS = {"with": True, "without": False}  # γᵗ in front of the score
# γ at which exact numbers are drawn as curves, beside those of the study.
CURVE = tuple(np.round(np.linspace(0.5, 1.0, 26), 3).tolist())


class Loop(TypedDict):
    """An ellipse around (k, σ) with these half-axes, and the points on it at which batches are sampled."""

    k: float
    sigma: float
    half_k: float
    half_sigma: float
    points: int


class DiscountSpec(TypedDict):
    """The line, its discounts, the grid, where flows start, the loop, and the rollouts at its points."""

    seed: int
    environment: LinearEnvironmentSpec
    gammas: list[float]
    k: list[float]
    sigma: list[float]
    points: int
    starts: list[list[float]]
    loop: Loop
    episodes: int
    estimator: EstimatorSpec  # with γᵗ; without it, the same with `score_discount` false


def with_discount(environment: LinearEnvironmentSpec, gamma: float) -> LinearEnvironmentSpec:
    """The same line with another γ."""
    return {**environment, "gamma": gamma}
