"""Single gradient estimates on a plane: what the scatter of an estimator looks like (P3)."""

from collections.abc import Mapping
from itertools import product

import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.rollout import parameter_names

# The stage whose estimates are taken, the first of these that was trained.
STAGES = ("half_trained", "untrained")

COLUMNS = ("environment", "policy", "estimator", "batch_size", "batch", "parameter", "value", "exact")


class SamplesSpec(TypedDict):
    """Estimators of an environment whose policy has two parameters, and how many batches are taken."""

    environment: EnvironmentSpec
    estimators: list[str]
    batch_size: int
    batches: int


def list_samples(
    spec: SamplesSpec,
    policies: pd.DataFrame,
    reference: Mapping[str, Tensor],
    estimates: Mapping[str, Tensor],
) -> pd.DataFrame:
    """Rows of `gradient_samples.csv`: ĝ of the first batches, the same for all estimators, beside ∇J."""
    environment, n = spec["environment"], spec["batch_size"]
    policy = next(stage for stage in STAGES if stage in set(policies["policy"]))
    (truth,) = reference[f"{policy}.gradients"].numpy()
    rows = []
    for estimator in spec["estimators"]:
        values = estimates[f"{estimator}.{policy}.{n}"].numpy()[: spec["batches"]]
        for batch, (i, name) in product(range(len(values)), enumerate(parameter_names(environment))):
            place = (environment["name"], policy, estimator, n, batch)
            rows.append((*place, name, values[batch, i], truth[i]))
    return pd.DataFrame(rows, columns=list(COLUMNS))
