"""What all batch sizes say together: returns, directions, the size that a usable one takes (P13, C19)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgpipe.seeding import stream
from pgpipe.statistics import (
    LEVEL,
    bootstrap_mean,
    interquartile_mean,
    interquartile_mean_interval,
    resample_counts,
)

Floats = NDArray[np.float64]
Row = dict[str, Any]


def summarise_batches(
    spec: Mapping[str, Any], returns: pd.DataFrame, directions: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables batch_returns, batch_directions and batch_crossings, from the parts of all sizes."""
    return {
        "batch_returns": pd.DataFrame(list(_return_rows(spec, returns))),
        "batch_directions": pd.DataFrame(list(_direction_rows(spec, directions))),
        "batch_crossings": pd.DataFrame(list(_crossing_rows(spec, directions))),
    }


def _return_rows(spec: Mapping[str, Any], returns: pd.DataFrame) -> Iterator[Row]:
    keys = ["environment", "budget", "batch_steps"]
    for (environment, budget, size), group in returns.groupby(keys, sort=False):
        values = group["return"].to_numpy(float)[:, None]  # (seeds, 1)
        rng = stream(spec["seed"], str(environment), "batch_returns", str(budget), int(size))
        low, high = interquartile_mean_interval(values, spec["resamples"], rng)
        yield {
            "environment": environment, "budget": budget, "batch_steps": size, "seeds": len(group),
            "updates": group["update"].iloc[0], "env_steps": group["env_steps"].mean(),
            "iqm": interquartile_mean(values)[0], "low": low[0], "high": high[0],
            "diverged": int(group["return"].isna().sum()),
        }  # fmt: skip


def _direction_rows(spec: Mapping[str, Any], directions: pd.DataFrame) -> Iterator[Row]:
    keys = ["environment", "policy", "batch_steps"]
    for (environment, policy, size), group in directions.groupby(keys, sort=False):
        rng = stream(spec["seed"], str(environment), "batch_directions", str(policy), int(size))
        counts = resample_counts(len(group), spec["resamples"], rng)
        low, high = bootstrap_mean(group["cosine"].to_numpy(), counts)
        yield {
            "environment": environment, "policy": policy, "batch_steps": size, "replicates": len(group),
            "cosine": group["cosine"].mean(), "low": low, "high": high,
            "reference_error": group["reference_error"].iloc[0],
        }  # fmt: skip


def _crossing_rows(spec: Mapping[str, Any], directions: pd.DataFrame) -> Iterator[Row]:
    for (environment, policy), group in directions.groupby(["environment", "policy"], sort=False):
        table = group.pivot_table(index="batch_steps", columns="replicate", values="cosine").sort_index()
        sizes, values = table.index.to_numpy(float), table.to_numpy()
        rng = stream(spec["seed"], str(environment), "batch_crossings", str(policy))
        R = values.shape[1]
        # each size has batches of its own, so each is resampled by itself
        means = np.stack([resample_counts(R, spec["resamples"], rng) @ row / R for row in values])
        found = [crossing(sizes, column, spec["usable_cosine"]) for column in means.T]
        # one of the values: between a number and infinity there is none
        low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")
        yield {
            "environment": environment, "policy": policy, "usable_cosine": spec["usable_cosine"],
            "batch_steps": crossing(sizes, values.mean(1), spec["usable_cosine"]), "low": low, "high": high,
            "smallest": sizes[0], "largest": sizes[-1], "replicates": R,
            "reference_error": group["reference_error"].iloc[0],
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
