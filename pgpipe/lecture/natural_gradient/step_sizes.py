"""Which step sizes work, for vanilla and for natural steps (C35)."""

from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.seeding import stream
from pgpipe.statistics import bootstrap_interval, interquartile_mean
from pgpipe.training.side_by_side import SideBySide
from pgpipe.training.spec import TrainingSpec, TrainingsSpec

Floats = NDArray[np.float64]

# The last tenth of the updates, over which a seed's final return is averaged.
FINAL = 0.1


class SweptSpec(TypedDict):
    """A recipe's training, and the sizes that one of its keys takes."""

    training: TrainingSpec
    key: Literal["kl", "learning_rate"]
    sizes: list[float]
    direction: Literal["vanilla", "natural"]


class StepSizesSpec(TrainingsSpec):
    """Recipes by name, and the share of the best score from which on a size works."""

    recipes: dict[str, SweptSpec]
    works: float


def sweep_steps(spec: StepSizesSpec) -> dict[str, pd.DataFrame]:
    """Train every recipe of one environment with every step size; what it scores, and where it works.

    A size is the recipe's learning rate or its KL bound ε. As the length of a step goes with √ε, a range of ε
    counts half its decades.
    """
    finals, first = {}, np.zeros(len(spec["seeds"]))
    for name, part in spec["recipes"].items():
        training = SideBySide([_sized(part, size) for size in part["sizes"]], spec["seeds"])
        found = [training.by_recipe(training.progress().mean_return) for _ in training.updates()]
        returns = torch.stack(found, dim=1).double().numpy()  # (sizes, updates, seeds)
        first = returns[0, 0]
        for size, own in zip(part["sizes"], returns, strict=True):
            finals[name, size] = own[-max(1, round(FINAL * len(own))) :].mean(0)  # NaN if it diverged
    values = np.stack(list(finals.values()), axis=1)  # (seeds, cells)
    rng = stream(spec["seed"], spec["environment"], "step sizes")
    draws = rng.integers(0, len(values), size=(spec["resamples"], len(values)))
    scores = scores_of(values, first)
    resampled = np.stack([scores_of(values[rows], first[rows]) for rows in draws])
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
    cells = pd.DataFrame(finals.keys(), columns=["recipe", "size"]).assign(
        environment=spec["environment"], seeds=len(values), score=scores, low=low, high=high,
        diverged=np.isnan(values).sum(0),
    )  # fmt: skip
    ranges = [_range(spec, name, cells, scores, resampled) for name in spec["recipes"]]
    return {"step_size_scores": cells, "step_size_ranges": pd.DataFrame(ranges)}


def _sized(part: SweptSpec, size: float) -> TrainingSpec:
    """A recipe's training with this step size."""
    if part["key"] == "kl":
        return {**part["training"], "kl": size}
    return {**part["training"], "learning_rate": size}


def scores_of(final: Floats, first: Floats) -> Floats:
    """(R - R_random)/(R_best - R_random) of every cell, from its seeds.  (S, cells), (S,) -> (cells,).

    R is the interquartile mean over seeds, R_random the mean before training, and R_best the best cell's of
    all recipes. A training that diverged is worth what no training is; no score is below zero.
    """
    random = float(first.mean())
    means = interquartile_mean(np.where(np.isfinite(final), final, random))
    best = means.max() - random
    return np.clip((means - random) / best, 0, None) if best > 0 else np.zeros(len(means))


def working_range(logs: Floats, scores: Floats, works: float) -> tuple[float, float, bool, bool]:
    """The widest contiguous range in which straight lines through the scores stay at `works` or above.

    (low, high, whether each end is only where the grid ends), by log₁₀ of the size; low = high if none works.
    """
    found = (0.0, 0.0, False, False)
    start = None
    for i, score in enumerate([*scores, -np.inf]):
        if score >= works and start is None:
            start = i
        if score < works and start is not None:
            low = _crossing(logs, scores, works, start, start - 1)
            high = _crossing(logs, scores, works, i - 1, i)
            if high - low >= found[1] - found[0]:
                found = (low, high, start == 0, i == len(scores))
            start = None
    return found


def _crossing(logs: Floats, scores: Floats, works: float, inside: int, outside: int) -> float:
    """Where the line from a size that works to its neighbour passes the mark; the grid's end without one."""
    if not 0 <= outside < len(scores):
        return float(logs[inside])
    share = (scores[inside] - works) / (scores[inside] - scores[outside])
    return float(logs[inside] + share * (logs[outside] - logs[inside]))


def _range(
    spec: StepSizesSpec, name: str, cells: pd.DataFrame, scores: Floats, resampled: Floats
) -> dict[str, Any]:
    """A recipe's row: its range in decades of step length, with the bootstrap interval."""
    own = np.flatnonzero(cells["recipe"] == name)
    logs = np.log10(cells["size"].to_numpy()[own])
    part = spec["recipes"][name]
    lengths = logs / 2 if part["key"] == "kl" else logs

    def width(values: Floats) -> float:
        low, high, *_ = working_range(lengths, values[own], spec["works"])
        return high - low

    low, high, low_censored, high_censored = working_range(logs, scores[own], spec["works"])
    widths = np.array([width(values) for values in resampled])
    decades = bootstrap_interval(width(scores), widths, len(spec["seeds"]))
    return {
        "environment": spec["environment"], "recipe": name, "direction": part["direction"],
        "key": part["key"], "works": spec["works"], "seeds": len(spec["seeds"]), "from_size": 10**low,
        "to_size": 10**high, **decades.named("decades", "low", "high"),
        "low_censored": low_censored, "high_censored": high_censored, "best_score": scores[own].max(),
    }  # fmt: skip
