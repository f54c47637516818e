"""Trainings with many step sizes, along ĝ and F⁻¹ĝ, by a learning rate and by a KL bound (C35)."""

from typing import Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.lecture.natural_gradient.working_ranges import scores_of, step_contrasts, working_ranges
from pgpipe.seeding import stream
from pgpipe.statistics import LEVEL
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
    """Train every recipe of one environment with every step size: scores, where they work, and by how much
    more sizes work for one kind of step than for another.

    A size is the recipe's learning rate or its KL bound ε. As the length of a step goes with √ε, a range of ε
    counts half its decades.
    """
    finals, first = _train(spec)
    values, n = np.stack(list(finals.values()), axis=1), len(spec["seeds"])  # (seeds, cells)
    rng = stream(spec["seed"], spec["environment"], "step sizes")
    draws = rng.integers(0, n, size=(spec["resamples"], n)).T  # whole seeds, the same ones in every cell
    scores, resampled = scores_of(values, first), scores_of(values[draws], first[draws])
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    cells = pd.DataFrame(finals.keys(), columns=["recipe", "size"]).assign(
        environment=spec["environment"], seeds=n, score=scores, low=low, high=high,
        diverged=np.isnan(values).sum(0),
    )  # fmt: skip
    for column in ("direction", "key"):
        cells[column] = [spec["recipes"][name][column] for name in cells["recipe"]]
    ranges, widths = working_ranges(cells, scores, resampled, spec["works"])
    return {
        "step_size_scores": cells,
        "step_size_ranges": ranges,
        "step_size_contrasts": step_contrasts(ranges, widths),
    }


def _train(spec: StepSizesSpec) -> tuple[dict[tuple[str, float], Floats], Floats]:
    """Final returns (seeds,) by recipe and size, NaN of one that diverged; and those before training."""
    finals, first = {}, np.zeros(len(spec["seeds"]))
    for name, part in spec["recipes"].items():
        training = SideBySide([_sized(part, size) for size in part["sizes"]], spec["seeds"])
        found = [training.by_recipe(training.progress().mean_return) for _ in training.updates()]
        returns = torch.stack(found, dim=1).double().numpy()  # (sizes, updates, seeds)
        first = returns[0, 0]
        for size, own in zip(part["sizes"], returns, strict=True):
            finals[name, size] = own[-max(1, round(FINAL * len(own))) :].mean(0)
    return finals, first


def _sized(part: SweptSpec, size: float) -> TrainingSpec:
    """A recipe's training with this step size."""
    if part["key"] == "kl":
        return {**part["training"], "kl": size}
    return {**part["training"], "learning_rate": size}
