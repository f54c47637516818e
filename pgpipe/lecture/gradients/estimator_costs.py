"""Operations of every estimator on one batch."""

from collections.abc import Mapping

import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.estimators.pseudo_loss import differentiated
from pgpipe.lecture.common.operations import OperationCount
from pgpipe.lecture.gradients.estimates import GroupSpec, estimators_of
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches


class OperationsSpec(TypedDict):
    """The estimators of every environment, and how many trajectories they are counted on."""

    seed: int
    parts: list[GroupSpec]
    n: int


def operations_of(part: GroupSpec, theta: Tensor, seed: int, n: int) -> pd.DataFrame:
    """Floating-point operations of every estimator, alone, on one batch: rows of `estimator_costs.csv`.

    Counted where they are written down plainly, by automatic differentiation.
    """
    environment = part["environment"]
    policy, rows = policy_for(environment), []
    ((batch,),) = (b.split() for b in sample_batches(environment, theta, seed, ("costs",), 1, n))
    steps = int(batch.mask.sum())
    for name, estimator in estimators_of(part, theta).items():
        with OperationCount() as count:
            differentiated(policy, theta, batch, estimator)
        key = {"environment": environment["name"], "estimator": name}
        rows.append(key | {"operations": count.total, "env_steps": steps, "per_step": count.total / steps})
    return pd.DataFrame(rows)


def count_operations(spec: OperationsSpec, policies: Mapping[str, Mapping[str, Tensor]]) -> pd.DataFrame:
    """Operations of every estimator on one batch of each environment, at its untrained policy."""
    each = zip(spec["parts"], policies.values(), strict=True)
    return pd.concat([operations_of(part, own["untrained"], spec["seed"], spec["n"]) for part, own in each])
