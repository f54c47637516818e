"""The rollouts that every estimator of the study shares, at every stage of training."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

import pandas as pd
from torch import Tensor

from pgpipe.envs import BATCHED
from pgpipe.envs.spec import SampledSpec
from pgpipe.faults import Fault, first_fault
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories


class RolloutsSpec(SampledSpec):
    """`replicates` batches of n."""

    replicates: int
    n: int


def collect_rollouts(spec: RolloutsSpec, policies: Mapping[str, Tensor]) -> dict[str, Any]:
    """Independent batches of n episodes at each policy theta (P,), by names that begin with its stage.

    Where the environment gave what is no number, a stage has no estimates; `stopped_cells` says where.
    """
    rollouts: dict[str, Tensor] = {}
    stops = []
    for policy, theta in sorted(policies.items()):
        words = ("study", policy)
        sizes = spec["replicates"], spec["n"]
        batches = sample_batches(spec["environment"], theta, spec["seed"], words, *sizes)
        together = Trajectories.concatenate(list(batches))
        rollouts |= together.tensors(f"{policy}.")
        if spec["environment"]["id"] not in BATCHED and (found := _first_of(together)):
            batch, fault = found
            stops.append((spec["environment"]["name"], policy, batch, *astuple(fault)))
    columns = ["environment", "policy", "batch", "episode", "step", "found"]
    return {"rollouts": rollouts, "stopped_cells": pd.DataFrame(stops, columns=columns)}


def _first_of(batches: Trajectories) -> tuple[int, Fault] | None:
    """The first batch (R, N, T) with a fault, and that."""
    found = ((r, fault) for r, batch in enumerate(batches.split()) if (fault := first_fault(batch)))
    return next(found, None)
