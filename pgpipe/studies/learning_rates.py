"""Train with one learning rate: a column of the sweep (P14, C20, C21)."""

from collections.abc import Mapping, Sequence
from itertools import product

import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.training.imitation import Imitation
from pgpipe.training.loop import Training
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


def train_learning_rate(spec: LearningRateSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """A column of the sweep; imitation learns from the trained one of the policies."""
    return learning_rate_column(spec, policies["trained"])


def learning_rate_column(spec: LearningRateSpec, teacher: Tensor) -> pd.DataFrame:
    """Train with one learning rate by every optimiser, by REINFORCE and by imitation of the teacher (P,).

    One row for each seed: its return before and after. NaN is a training that diverged.
    """
    base, seeds, tables = spec["training"], spec["seeds"], []
    for optimizer, learner in product(spec["optimizers"], ("policy_gradient", "supervised")):
        recipe: TrainingSpec = {**base, "optimizer": optimizer}
        training = (
            Training(recipe, seeds) if learner == "policy_gradient" else Imitation(recipe, seeds, teacher)
        )
        ends = [
            training.evaluate(spec["episodes"]).numpy()
            for _ in training.updates()
            if training.n_updates in (0, base["updates"])
        ]
        table = pd.DataFrame({"seed": seeds, "first_return": ends[0], "final_return": ends[-1]})
        tables.append(table.assign(learner=learner, optimizer=optimizer))
    same = {"environment": base["environment"]["name"], "learning_rate": base["learning_rate"]}
    return pd.concat(tables).assign(**same)[list(COLUMN)]
