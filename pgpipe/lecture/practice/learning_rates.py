"""Train with one learning rate: a column of the sweep (P14, C20, C21)."""

from collections.abc import Mapping, Sequence
from itertools import product

import pandas as pd
import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.lecture.practice.teachers import dealt_out
from pgpipe.training.side_by_side import SideBySide, imitations
from pgpipe.training.spec import OptimizerName, RecipeSpec, TrainingSpec

COLUMN = ("environment", "learner", "optimizer", "learning_rate", "seed", "first_return", "final_return")


class AnyOptimizerSpec(RecipeSpec):
    """A training for which every optimiser is tried."""

    optimizer: None


class LearningRateSpec(TypedDict):
    """One learning rate, in its `training`, by several optimisers and seeds."""

    training: AnyOptimizerSpec
    optimizers: Sequence[OptimizerName]
    seeds: list[int]
    episodes: int


def train_learning_rate(spec: LearningRateSpec, teachers: Mapping[str, Tensor]) -> pd.DataFrame:
    """A column of the sweep; imitation learns from the teachers, seed by seed."""
    return learning_rate_column(spec, dealt_out(teachers["teachers"], len(spec["seeds"])))


def learning_rate_column(spec: LearningRateSpec, teachers: Tensor) -> pd.DataFrame:
    """Train with one learning rate by every optimiser, by REINFORCE and by imitation of the teachers (S, P).

    One row for each seed: its return before and after. NaN is a training that diverged.
    """
    base, seeds, tables = spec["training"], spec["seeds"], []
    recipes: list[TrainingSpec] = [{**base, "optimizer": optimizer} for optimizer in spec["optimizers"]]
    alone = SideBySide(recipes, seeds)
    returns = {
        "policy_gradient": [
            alone.by_recipe(alone.evaluate(spec["episodes"]))
            for _ in alone.updates()
            if alone.n_updates in (0, base["updates"])
        ],
        "supervised": [
            torch.stack([training.evaluate(spec["episodes"]) for training in taught])
            for taught in imitations(recipes, seeds, teachers)
            if taught[0].n_updates in (0, base["updates"])
        ],
    }
    for (row, optimizer), learner in product(enumerate(spec["optimizers"]), returns):
        first, final = (ends[row].numpy() for ends in (returns[learner][0], returns[learner][-1]))
        table = pd.DataFrame({"seed": seeds, "first_return": first, "final_return": final})
        tables.append(table.assign(learner=learner, optimizer=optimizer))
    same = {"environment": base["environment"]["name"], "learning_rate": base["learning_rate"]}
    return pd.concat(tables).assign(**same)[list(COLUMN)]
