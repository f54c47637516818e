"""Learning curves as a table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pgpipe.training.loop import train

COLUMNS = ("environment", "recipe", "seed", "update", "env_steps", "mean_return")


def learning_curves(spec: Mapping[str, Any]) -> pd.DataFrame:
    """Train a block of seeds side by side; one row for each seed and update."""
    environment, recipe, seeds = spec["training"]["environment"]["name"], spec["recipe"], spec["seeds"]
    rows = []
    for progress in train(spec["training"], seeds):
        for seed, steps, mean_return in zip(seeds, progress.env_steps, progress.mean_return, strict=True):
            rows.append((environment, recipe, seed, progress.update, int(steps), float(mean_return)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(["seed", "update"])
