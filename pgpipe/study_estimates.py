"""All estimators of one signal on the rollouts of the study, and what each of them costs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_together
from pgpipe.operations import OperationCount
from pgpipe.oracles.values import exact_value
from pgpipe.rollout import policy_for
from pgpipe.trajectories import Trajectories


def estimate_batches(
    spec: Mapping[str, Any], theta: Tensor, batches: Sequence[Trajectories]
) -> dict[str, Tensor]:
    """ĝ of every estimator on each of R batches at theta (P,).  -> {name: (R, P)}."""
    policy, estimators = policy_for(spec["environment"]), _estimators(spec, theta)
    rows = [estimate_together(policy, theta, batch, estimators) for batch in batches]
    return {name: torch.stack([row[name] for row in rows]) for name in estimators}


def count_operations(spec: Mapping[str, Any], theta: Tensor, batch: Trajectories) -> pd.DataFrame:
    """Floating-point operations of every estimator, alone, on one batch: rows of `estimator_costs.csv`."""
    policy, steps = policy_for(spec["environment"]), int(batch.mask.sum())
    rows = []
    for name, estimator in _estimators(spec, theta).items():
        with OperationCount() as count:
            estimate_together(policy, theta, batch, {name: estimator})
        key = {"environment": spec["environment"]["name"], "estimator": name}
        rows.append(key | {"operations": count.total, "env_steps": steps, "per_step": count.total / steps})
    return pd.DataFrame(rows)


def _estimators(spec: Mapping[str, Any], theta: Tensor) -> dict[str, Estimator]:
    environment = spec["environment"]
    value = exact_value(spec["module"], theta, environment) if spec["module"] else None
    return {
        name: Estimator.from_spec(line, environment["gamma"], value) for name, line in spec["group"].items()
    }
