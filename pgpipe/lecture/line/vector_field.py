"""The exact gradient over a grid of (k, σ), and the best parameters, for every spread of the start (F9)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.line_field import find_optimum, gradient_field

Floats = NDArray[np.float64]


class FieldSpec(TypedDict):
    """Ranges of k and σ, so many points on each, and the spreads of the start."""

    environment: LinearEnvironmentSpec
    start_stds: list[float]
    k: list[float]
    sigma: list[float]
    points: int


def map_field(spec: FieldSpec) -> dict[str, pd.DataFrame]:
    """The tables `vector_field` and `optimum`."""
    ks, sigmas = grid_of(spec)
    return {
        "vector_field": gradient_field(spec["environment"], spec["start_stds"], ks, sigmas),
        "optimum": find_optimum(spec["environment"], spec["start_stds"]),
    }


def grid_of(spec: FieldSpec) -> tuple[Floats, Floats]:
    """The values of k and of σ at which the field is taken."""
    (k_low, k_high), (sigma_low, sigma_high), points = spec["k"], spec["sigma"], spec["points"]
    return np.linspace(k_low, k_high, points), np.linspace(sigma_low, sigma_high, points)
