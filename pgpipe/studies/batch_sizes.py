"""Return and direction by batch size: what steps are worth, and what an update is (P13, C19)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.studies.gradients import Reference
from pgpipe.studies.replicates import replicate_gradients
from pgpipe.training.loop import Training

Floats = NDArray[np.float64]

BUDGETS = ("env_steps", "updates")
STAGES = ("untrained", "half_trained", "trained")


def batch_returns(spec: Mapping[str, Any]) -> pd.DataFrame:
    """Train with one batch size; each seed's return when the steps, and when the updates are used up.

    One row for each seed and budget.
    """
    training, size = Training(spec["training"], spec["seeds"]), spec["training"]["steps"]
    rows, left = [], list(BUDGETS)
    while left:
        # whole episodes: a batch is a little more than its size, so the steps that were made are counted
        used = {"env_steps": float(training.env_steps.double().mean()), "updates": training.update}
        for budget in [name for name in left if used[name] >= spec[name]]:
            returns = training.evaluate(spec["episodes"]).tolist()
            rows += [
                (budget, seed, training.update, steps, found)
                for seed, steps, found in zip(
                    spec["seeds"], training.env_steps.tolist(), returns, strict=True
                )
            ]
            left.remove(budget)
        if left:
            training.climb(training.run())
    training.close()
    table = pd.DataFrame(rows, columns=["budget", "seed", "update", "env_steps", "return"])
    table.insert(0, "batch_steps", size)
    table.insert(0, "environment", spec["training"]["environment"]["name"])
    return table


def batch_cosines(
    spec: Mapping[str, Any], policies: Mapping[str, Tensor], references: Mapping[str, Tensor]
) -> pd.DataFrame:
    """Cosine to ∇J of the gradient of R independent batches of one size, at every stage of training.

    One row for each batch; `reference_error` is the error of the reference in units of its length.
    """
    size, environment = spec["training"]["steps"], spec["training"]["environment"]["name"]
    tables = []
    for policy, theta in ((stage, policies[stage]) for stage in STAGES if stage in policies):
        words = [("direction", policy, size)]
        found = (
            replicate_gradients(spec["training"], theta[None], words, spec["replicates"])[0].double().numpy()
        )
        truth = Reference(references[f"{policy}.gradients"].double().numpy())
        table = pd.DataFrame({"replicate": range(len(found)), "cosine": cosines(found, truth.mean)})
        table["reference_error"] = truth.error**0.5 / truth.norm if truth.norm else np.inf
        tables.append(table.assign(environment=environment, policy=policy, batch_steps=size))
    columns = ["environment", "policy", "batch_steps", "replicate", "cosine", "reference_error"]
    return pd.concat(tables)[columns]


def cosines(estimates: Floats, target: Floats) -> Floats:
    """Cosine of each row (R, P) to the target (P,); one of length zero points nowhere and counts as zero."""
    lengths = np.linalg.norm(estimates, axis=1) * np.linalg.norm(target)
    return np.divide(estimates @ target, lengths, out=np.zeros(len(estimates)), where=lengths > 0)
