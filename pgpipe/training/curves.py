"""Learning curves as a table, from a training that may be killed and go on."""

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from pgpipe.training.checkpoints import Checkpoint
from pgpipe.training.loop import Training

COLUMNS = ("environment", "recipe", "seed", "update", "env_steps", "mean_return", "evaluation_return")

# Seconds between two checkpoints, and between two lines that say how far it is.
SAVE_EVERY = 20.0
TELL_EVERY = 15.0


def train_block(spec: Mapping[str, Any], checkpoint: Checkpoint) -> pd.DataFrame:
    """Learning curves of one block of a recipe's seeds; how far they are goes to the log."""
    return learning_curves(spec, checkpoint, partial(print, flush=True))


def learning_curves(
    spec: Mapping[str, Any],
    checkpoint: Checkpoint | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """Train a block of seeds side by side; one row for each seed and update.

    `evaluation_return` is the mean return of episodes that train nothing, NaN where there were none. With a
    checkpoint the training goes on where an earlier one was killed, to the same table.
    """
    training, updates = Training(spec["training"], spec["seeds"]), spec["training"]["updates"]
    shape = (updates + 1, len(spec["seeds"]))
    curves = {name: torch.full(shape, torch.nan, dtype=torch.float64) for name in COLUMNS[-3:]}
    if checkpoint and (saved := checkpoint.load()):
        training.restore(saved)
        curves = {name: saved[f"curves.{name}"] for name in curves}
    first, started, saved_at, told_at = training.update, *[monotonic()] * 3
    while True:
        batches, u = training.run(), training.update
        progress = training.progress(batches)
        curves["env_steps"][u], curves["mean_return"][u] = progress.env_steps, progress.mean_return
        if (evaluation := spec["evaluation"]) and u % evaluation["every"] == 0:
            curves["evaluation_return"][u] = training.evaluate(evaluation["episodes"])
        if u == updates:
            break
        training.climb(batches)
        now = monotonic()
        if checkpoint and now - saved_at >= SAVE_EVERY:
            checkpoint.save(training.state() | {f"curves.{name}": curve for name, curve in curves.items()})
            saved_at = now
        if now - told_at >= TELL_EVERY:
            left = (now - started) / (u + 1 - first) * (updates - u)
            tell(_line(spec, u + 1, updates, curves["mean_return"][u], left))
            told_at = now
    training.close()
    return _table(spec, curves)


def _line(spec: Mapping[str, Any], update: int, updates: int, returns: Tensor, left: float) -> str:
    """How far a training is, in words."""
    seeds = f"{spec['recipe']}, seeds {spec['seeds'][0]} to {spec['seeds'][-1]}"
    minutes, seconds = divmod(round(left), 60)
    return (
        f"{seeds}: {update} of {updates} updates, mean return {returns.nanmean():.1f}, "
        f"{minutes}:{seconds:02d} left"
    )


def _table(spec: Mapping[str, Any], curves: Mapping[str, Tensor]) -> pd.DataFrame:
    """Rows of `learning_curves.csv`, seed by seed."""
    environment, n = spec["training"]["environment"]["name"], len(curves["mean_return"])
    seeds = [
        pd.DataFrame(
            {"seed": seed, "update": range(n)}
            | {name: curve[:, place].numpy() for name, curve in curves.items()}
        )
        for place, seed in enumerate(spec["seeds"])
    ]
    table = pd.concat(seeds).assign(environment=environment, recipe=spec["recipe"])
    return table.astype({"env_steps": "int64"})[list(COLUMNS)]
