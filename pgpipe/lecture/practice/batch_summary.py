"""What all batch sizes say together: returns, directions, the size that a usable one takes (P13, C19)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.stats import binom
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
    """The cosine of a usable direction, the steps behind a sampled ∇J, and how intervals are drawn."""

    seed: int
    usable_cosine: float
    reference_steps: int
    resamples: int


def summarise_batches(
    spec: BatchSummarySpec, returns: Mapping[str, pd.DataFrame], cosines: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The tables batch_returns, batch_directions and batch_crossings, from the parts of all sizes.

    A seed whose reference is too noisy to have a direction has no cosine. It is among the noisiest ones, so
    it must not be dropped where the question is how large a batch has to be: there it is censored.
    """
    directions = pd.concat(cosines.values())
    told = directions[directions["reference_error"] <= UNUSABLE]
    return {
        "batch_returns": pd.DataFrame(list(_return_rows(spec, pd.concat(returns.values())))),
        "batch_directions": pd.DataFrame(list(_direction_rows(spec, told))),
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
    groups = directions.groupby(["environment", "stage"], sort=False)
    for (environment, stage), group in groups:
        table = group.pivot_table(index="batch_steps", columns="seed", values="cosine").sort_index()
        sizes, usable = table.index.to_numpy(float), spec["usable_cosine"]
        error = group.groupby("seed")["reference_error"].first().reindex(table.columns)
        limit = censored_from(spec["reference_steps"], usable)
        bounds = np.array([
            crossing(sizes, table[seed].to_numpy(), usable) if error[seed] <= UNUSABLE else (limit, np.inf)
            for seed in table.columns
        ])  # fmt: skip
        lower, upper = np.sort(bounds, 0).T
        middle = (len(lower) - 1) // 2
        low, high = median_bounds(lower, upper, 1 - LEVEL)
        low_all, high_all = median_bounds(lower, upper, (1 - LEVEL) / groups.ngroups)
        yield {
            "environment": environment, "stage": stage, "usable_cosine": usable,
            "usable_steps": lower[middle] or upper[middle],
            "usable_steps_low": low, "usable_steps_high": high,
            "low_all": low_all, "high_all": high_all, "at_least": bool(np.isinf(upper[middle])),
            "censored": int(np.isinf(upper).sum()), "smallest": sizes[0], "largest": sizes[-1],
            "seeds": len(lower),
        }  # fmt: skip


def crossing(sizes: Floats, cosine: Floats, usable: float) -> tuple[float, float]:
    """Bounds of the size from which on a seed's cosine is at least `usable`: alike where it is found.

    The cosines are made to rise with the size, as their expectation does, and interpolated over log size.
    Below the smallest size nothing is known but that, nor above the largest.
    """
    rising = isotonic_regression(cosine).x
    above = np.flatnonzero(rising >= usable)
    if not len(above):
        return float(sizes[-1]), np.inf
    if (place := above[0]) == 0:
        return 0.0, float(sizes[0])
    share = (usable - rising[place - 1]) / (rising[place] - rising[place - 1])
    found = float(sizes[place - 1] * (sizes[place] / sizes[place - 1]) ** share)
    return found, found


def censored_from(reference_steps: int, usable: float) -> float:
    """The batch size that a seed needs more than, if its reference of so many steps shows no direction.

    A batch of B steps has the error e(B) = e √(reference_steps/B) in units of ‖∇J‖, and the cosine
    1/√(1 + e(B)²). The reference's error is told in units of its own length, so that
    e² = UNUSABLE²/(1 - UNUSABLE²).
    """
    square = UNUSABLE**2 / (1 - UNUSABLE**2)
    return reference_steps * square / (1 / usable**2 - 1)


def median_bounds(lower: Floats, upper: Floats, chance: float) -> tuple[float, float]:
    """The interval of a median, by order statistics of values of which sorted bounds are known.  (S,), (S,).

    Exact for any distribution, and for any censoring, as each value lies within its bounds.
    """
    rank = int(binom.ppf(chance / 2, len(lower), 0.5))  # fewer than this many lie below in chance/2 of cases
    while rank and binom.cdf(rank - 1, len(lower), 0.5) > chance / 2:
        rank -= 1
    return (float(lower[rank - 1]), float(upper[-rank])) if rank else (0.0, np.inf)
