"""All learning curves in one table, and what the seeds of each recipe say together (P6, P7)."""

from collections.abc import Mapping

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.lecture.variance_reduction.learning import compare_recipes, learning_summary
from pgpipe.lecture.variance_reduction.performance import performance


class LearningSpec(TypedDict):
    """The estimator of each recipe, and how intervals are drawn."""

    seed: int
    estimators: dict[str, str]
    resamples: int


def summarise_learning(spec: LearningSpec, curves: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of the blocks' curves together."""
    together, estimators = pd.concat(curves.values()), spec["estimators"]
    return {
        "learning_curves": together,
        "learning_summary": learning_summary(together, estimators, spec["resamples"], spec["seed"]),
        "learning_improvement": compare_recipes(together, spec["resamples"], spec["seed"]),
        **performance(together, estimators, spec["resamples"], spec["seed"]),
    }
