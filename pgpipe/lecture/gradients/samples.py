"""Single gradient estimates on a plane: what the scatter of an estimator looks like (P3, and its widget)."""

from collections.abc import Mapping
from itertools import product

import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.rollout import parameter_names

# P3 shows the first of these that was trained, with the largest batches; the page's widget shows all of them.
STAGES = ("half_trained", "untrained", "trained")

# What the page can carry: so many batches of every other stage and size, and no more digits than are seen.
FEWER, DIGITS = 60, 6

COLUMNS = ("environment", "policy", "estimator", "batch_size", "batch", "parameter", "value", "exact")


class SamplesSpec(TypedDict):
    """Estimators of an environment whose policy has two parameters, and how many batches are taken."""

    environment: EnvironmentSpec
    estimators: list[str]
    batch_sizes: list[int]
    batches: int  # of the first stage and the largest size


def list_samples(
    spec: SamplesSpec,
    policies: pd.DataFrame,
    reference: Mapping[str, Tensor],
    estimates: Mapping[str, Tensor],
) -> pd.DataFrame:
    """Rows of `gradient_samples.csv`: ĝ of the first batches, the same for all estimators, beside ∇J.

    The first rows are those that P3 shows.
    """
    environment, names = spec["environment"]["name"], parameter_names(spec["environment"])
    stages = [stage for stage in STAGES if stage in set(policies["policy"])]
    sizes = sorted(spec["batch_sizes"], reverse=True)
    rows = []
    for stage, n, estimator in product(stages, sizes, spec["estimators"]):
        (truth,) = reference[f"{stage}.gradients"].numpy()
        most = spec["batches"] if (stage, n) == (stages[0], sizes[0]) else min(spec["batches"], FEWER)
        values = estimates[f"{estimator}.{stage}.{n}"].numpy()[:most]
        for batch, (i, name) in product(range(len(values)), enumerate(names)):
            value = float(f"{values[batch, i]:.{DIGITS}g}")
            rows.append((environment, stage, estimator, n, batch, name, value, truth[i]))
    return pd.DataFrame(rows, columns=list(COLUMNS))
