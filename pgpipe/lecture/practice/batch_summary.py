"""What all batch sizes say together: returns, directions, the size that a usable one takes (P13, C19)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.seeding import stream
from pgpipe.statistics import (
    LEVEL,
    bootstrap_mean,
    interquartile_mean_intervals,
    resample_counts,
)

Floats = NDArray[np.float64]
Row = dict[str, Any]

# Error of a reference over its length, from which on it shows no direction.
UNUSABLE = 1 / 3


class BatchSummarySpec(TypedDict):
    """The cosine from which on a direction is usable, and how intervals are drawn."""

    seed: int
    usable_cosine: float
    resamples: int


def summarise_batches(
    spec: BatchSummarySpec, returns: Mapping[str, pd.DataFrame], cosines: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The tables batch_returns, batch_directions and batch_crossings, from the parts of all sizes.

    A seed is left out at a stage where its reference is too noisy to have a direction.
    """
    directions = pd.concat(cosines.values())
    directions = directions[directions["reference_error"] <= UNUSABLE]
    return {
        "batch_returns": pd.DataFrame(list(_return_rows(spec, pd.concat(returns.values())))),
        "batch_directions": pd.DataFrame(list(_direction_rows(spec, directions))),
        "batch_crossings": pd.DataFrame(list(_crossing_rows(spec, directions))),
    }


def _return_rows(spec: BatchSummarySpec, returns: pd.DataFrame) -> Iterator[Row]:
    keys = ["environment", "budget", "batch_steps"]
    for (environment, budget, size), group in returns.groupby(keys, sort=False):
        values = group["return"].to_numpy(float)[:, None]  # (seeds, 1)
        rng = stream(spec["seed"], str(environment), "batch_returns", str(budget), int(size))
        (mean,) = interquartile_mean_intervals(values, spec["resamples"], rng)
        yield {
            "environment": environment, "budget": budget, "batch_steps": size, "seeds": len(group),
            "updates": group["update"].iloc[0], "env_steps": group["env_steps"].mean(),
            **mean.named("iqm", "low", "high"),
            "diverged": int(group["return"].isna().sum()),
        }  # fmt: skip


def _direction_rows(spec: BatchSummarySpec, directions: pd.DataFrame) -> Iterator[Row]:
    keys = ["environment", "stage", "batch_steps"]
    for (environment, stage, size), group in directions.groupby(keys, sort=False):
        rng = stream(spec["seed"], str(environment), "batch_directions", round(1000 * stage), int(size))
        counts = resample_counts(len(group), spec["resamples"], rng)
        mean = bootstrap_mean(group["cosine"].to_numpy(), counts)
        yield {
            "environment": environment, "stage": stage, "batch_steps": size, "seeds": len(group),
            **mean.named("cosine", "low", "high"),
        }  # fmt: skip


def _crossing_rows(spec: BatchSummarySpec, directions: pd.DataFrame) -> Iterator[Row]:
    for (environment, stage), group in directions.groupby(["environment", "stage"], sort=False):
        table = group.pivot_table(index="batch_steps", columns="seed", values="cosine").sort_index()
        sizes, values = table.index.to_numpy(float), table.to_numpy()
        rng = stream(spec["seed"], str(environment), "batch_crossings", round(1000 * stage))
        # a seed is resampled with all its sizes, as its policy is the same at each
        means = resample_counts(values.shape[1], spec["resamples"], rng) @ values.T / values.shape[1]
        found = [crossing(sizes, row, spec["usable_cosine"]) for row in means]
        # one of the values: between a number and infinity there is none
        low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")
        yield {
            "environment": environment, "stage": stage, "usable_cosine": spec["usable_cosine"],
            "batch_steps": crossing(sizes, values.mean(1), spec["usable_cosine"]), "low": low, "high": high,
            "smallest": sizes[0], "largest": sizes[-1], "seeds": values.shape[1],
        }  # fmt: skip


def crossing(sizes: Floats, cosine: Floats, usable: float) -> float:
    """The size at which the cosine first passes `usable`, interpolated over log size.

    The smallest size if its cosine is there already, infinity if none is.
    """
    above = np.flatnonzero(cosine >= usable)
    if not len(above):
        return np.inf
    if (place := above[0]) == 0:
        return float(sizes[0])
    share = (usable - cosine[place - 1]) / (cosine[place] - cosine[place - 1])
    return float(sizes[place - 1] * (sizes[place] / sizes[place - 1]) ** share)
