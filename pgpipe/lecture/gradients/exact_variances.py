"""Exact variances of the study's policies, where all trajectories that can happen can be listed."""

from collections.abc import Mapping
from importlib import import_module
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.oracles.constants import reduction
from pgpipe.oracles.outcomes import Outcomes
from pgpipe.oracles.variances import exact_variance, is_exact
from pgpipe.rollout import parameter_names

Floats = NDArray[np.float64]

PLACE = ["environment", "policy"]
VARIANCE_COLUMNS = [*PLACE, "estimator", "batch_size", "parameter", "variance"]
REDUCTION_COLUMNS = [*PLACE, "none", "mean", "optimal", "possible", "achieved", "share"]


class VariancesSpec(TypedDict):
    """Estimators in an environment, whose outcomes a `module` may list."""

    environment: EnvironmentSpec
    group: dict[str, EstimatorSpec]
    batch_sizes: list[int]
    module: str | None


def derive_variances(spec: VariancesSpec, policies: Mapping[str, Tensor]) -> dict[str, pd.DataFrame]:
    """The tables gradient_exact_variance and gradient_reduction for the policies (P,) of one environment.

    No rows for an environment whose trajectories cannot be listed, nor for a variance that is known up to
    O(1/N²) only: at the sizes of a study a ratio of heavy-tailed sums can be far from its limit.
    """
    oracle: Any = import_module(spec["module"]) if spec["module"] else None
    environment, rows, reductions = spec["environment"], [], []
    for policy, parameters in sorted(policies.items()) if hasattr(oracle, "outcomes") else ():
        theta = parameters.numpy()
        outcomes = oracle.outcomes(theta, environment)
        if outcomes is None:
            break
        place = (environment["name"], policy)
        reductions.append(dict(zip(PLACE, place, strict=True)) | reduction(outcomes, environment["gamma"]))
        rows += [
            (*place, *row)
            for row in _variances(spec, outcomes, oracle.values(theta, environment, outcomes.obs))
        ]
    return {
        "gradient_exact_variance": pd.DataFrame(rows, columns=VARIANCE_COLUMNS),
        "gradient_reduction": pd.DataFrame(reductions, columns=REDUCTION_COLUMNS),
    }


def _variances(spec: VariancesSpec, outcomes: Outcomes, values: Floats) -> list[tuple[Any, ...]]:
    """Estimator, batch size, parameter and variance, wherever nothing is left out."""
    rows: list[tuple[Any, ...]] = []
    names, group = parameter_names(spec["environment"]), spec["environment"].get("group", 1)
    for (name, line), n in product(spec["group"].items(), spec["batch_sizes"]):
        if is_exact(outcomes, line):
            variance = exact_variance(outcomes, line, spec["environment"]["gamma"], n, values, group)
            if variance is not None:
                rows += [(name, n, p, v) for p, v in zip(names, variance, strict=True)]
    return rows
