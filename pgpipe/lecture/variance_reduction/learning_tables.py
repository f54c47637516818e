"""All learning curves in one table, and what the seeds of each recipe say together (P6, P7)."""

from collections.abc import Mapping

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.lecture.variance_reduction.learning import compare_recipes, learning_summary
from pgpipe.lecture.variance_reduction.performance import performance
from pgpipe.training.spec import STOPS


class LearningSpec(TypedDict):
    """The estimator of each recipe, and how intervals are drawn."""

    seed: int
    estimators: dict[str, str]
    resamples: int


def summarise_learning(spec: LearningSpec, curves: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of the blocks' curves together."""
    together = pd.concat([block.drop(columns=list(STOPS)) for block in curves.values()])
    estimators = spec["estimators"]
    return {
        "learning_curves": together,
        "stopped_seeds": stopped_seeds(curves),
        "learning_summary": learning_summary(together, estimators, spec["resamples"], spec["seed"]),
        "learning_improvement": compare_recipes(together, spec["resamples"], spec["seed"]),
        **performance(together, estimators, spec["resamples"], spec["seed"]),
    }


def stopped_seeds(curves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The seeds whose environment gave what is no number: at which update, episode and step."""
    columns = ["environment", "recipe", "seed", "update", *STOPS]
    rows = [
        row for block in curves.values() for row in block[block["found"].notna()][columns].to_dict("records")
    ]
    return pd.DataFrame(rows, columns=columns).astype({"episode": "int64", "step": "int64"})
