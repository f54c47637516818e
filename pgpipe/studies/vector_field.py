"""The exact gradient over a grid of (k, σ), and the best parameters, for every spread of the start (F9)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pgpipe.oracles.line_field import find_optimum, gradient_field


def map_field(spec: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables `vector_field` and `optimum`."""
    ks, sigmas = (np.linspace(*spec[axis], spec["points"]) for axis in ("k", "sigma"))
    return {
        "vector_field": gradient_field(spec["environment"], spec["start_stds"], ks, sigmas),
        "optimum": find_optimum(spec["environment"], spec["start_stds"]),
    }
