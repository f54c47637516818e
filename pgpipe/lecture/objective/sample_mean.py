"""How far the mean of N returns is from the exact J, by N (E2, P1)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.spec import SampledSpec
from pgpipe.lecture.common.placing import placed
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.statistics import bootstrap_interval, resample_counts

Floats = NDArray[np.float64]


class ObjectiveSpec(SampledSpec):
    """Numbers of trajectories, and how often each is tried."""

    sizes: list[int]
    replicates: int
    resamples: int


def measure_objective(
    spec: ObjectiveSpec, policies: Mapping[str, Tensor], reference: Mapping[str, Tensor]
) -> pd.DataFrame:
    """Error of the mean return of N trajectories against the exact J, at every stage of training."""
    environment, seed, n = spec["environment"], spec["seed"], sum(spec["sizes"])
    tables = []
    for policy, theta in policies.items():
        batches = sample_batches(environment, theta, seed, ("objective", policy), spec["replicates"], n)
        returns = torch.cat([b.discounted_returns(environment["gamma"]) for b in batches]).double()
        exact = float(reference[f"{policy}.returns"].mean())
        rng = stream(seed, environment["name"], "objective", policy)
        table = objective_error(returns.numpy(), exact, spec["sizes"], spec["resamples"], rng)
        tables.append(placed(table, {"environment": environment["name"], "policy": policy}))
    return pd.concat(tables)


def objective_error(
    returns: Floats, exact: float, sizes: Sequence[int], resamples: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Error of Ĵ = (1/N) Σ_i r(τ_i) against J for every N in `sizes`, from R batches of each size.

    returns (R, Σ sizes) are discounted returns; every size takes columns of its own, so the rows of the table
    are independent.
    """
    counts = resample_counts(len(returns), resamples, rng)
    rows = []
    for n, batches in zip(sizes, np.split(returns, np.cumsum(sizes)[:-1], axis=1), strict=True):
        errors = batches.mean(1) - exact  # (R,)
        rmse = bootstrap_interval(
            (errors**2).mean() ** 0.5, (counts @ errors**2 / len(errors)) ** 0.5, len(errors)
        )
        rows.append(
            {
                "n_trajectories": n,
                "replicates": len(errors),
                "exact": exact,
                "mean_error": errors.mean(),
                "standard_error": errors.std(ddof=1) / len(errors) ** 0.5,
                **rmse.columns("rmse"),
            }
        )
    return pd.DataFrame(rows)
