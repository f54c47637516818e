"""Learning curves as a table, from a training that may be killed and go on."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from time import monotonic

import pandas as pd
import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.training.checkpoints import Checkpoint, resumed
from pgpipe.training.loop import Training
from pgpipe.training.spec import STOPS, TrainingSpec

COLUMNS = ("environment", "recipe", "seed", "update", "env_steps", "mean_return", "evaluation_return")

# Seconds between two lines that say how far it is.
REPORT_EVERY = 15.0


class EvaluationSpec(TypedDict):
    """Every so many updates the mean return of so many episodes that train nothing."""

    every: int
    episodes: int


class BlockSpec(TypedDict):
    """Seeds of a recipe that are trained side by side."""

    recipe: str
    seeds: list[int]
    training: TrainingSpec
    evaluation: EvaluationSpec | None


def train_block(spec: BlockSpec, checkpoint: Checkpoint) -> pd.DataFrame:
    """Learning curves of one block of a recipe's seeds; how far they are goes to the log."""
    return learning_curves(spec, checkpoint, partial(print, flush=True))


def learning_curves(
    spec: BlockSpec,
    checkpoint: Checkpoint | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """Train a block of seeds side by side; one row for each seed and update.

    `evaluation_return` is the mean return of episodes that train nothing, NaN where there were none. Where an
    environment gave what is no number, the seed has no returns any more, and a row says why. With a
    checkpoint the training goes on where an earlier one was killed, to the same table.
    """
    training, evaluation = Training(spec["training"], spec["seeds"]), spec["evaluation"]
    shape = (spec["training"]["updates"] + 1, len(spec["seeds"]))
    curves = {name: torch.full(shape, torch.nan, dtype=torch.float64) for name in COLUMNS[-3:]}
    for _ in _told(resumed(training, checkpoint, curves), spec, curves["mean_return"], tell):
        u, progress = training.n_updates, training.progress()
        curves["env_steps"][u], curves["mean_return"][u] = progress.env_steps, progress.mean_return
        if evaluation and u % evaluation["every"] == 0:
            curves["evaluation_return"][u] = training.evaluate(evaluation["episodes"])
    return _table(spec, curves).join(_stops(spec, training), on=["seed", "update"])


def _stops(spec: BlockSpec, training: Training) -> pd.DataFrame:
    """Episode, step and what was found, by the seeds that were stopped and the update."""
    seeds = [(spec["seeds"][row], at, fault) for row, (at, fault) in sorted(training.stopped.items())]
    index = pd.MultiIndex.from_tuples([(seed, at) for seed, at, _ in seeds], names=["seed", "update"])
    rows = {(seed, at): (fault.episode, fault.step, fault.found) for seed, at, fault in seeds}
    return pd.DataFrame(list(rows.values()), index=index, columns=list(STOPS), dtype=object)


def _told(
    updates: Iterator[Training], spec: BlockSpec, returns: Tensor, tell: Callable[[str], None]
) -> Iterator[Training]:
    """The same updates; now and then a line says how far they are, with what stands in returns (U + 1, A)."""
    started = told_at = monotonic()
    for done, training in enumerate(updates, start=1):
        yield training
        now, u = monotonic(), training.n_updates
        if now - told_at >= REPORT_EVERY:
            left = (now - started) / done * (len(returns) - 1 - u)
            tell(_line(spec, u, len(returns) - 1, returns[u], left))
            told_at = now


def _line(spec: BlockSpec, update: int, updates: int, returns: Tensor, left: float) -> str:
    """How far a training is, in words."""
    seeds = f"{spec['recipe']}, seeds {spec['seeds'][0]} to {spec['seeds'][-1]}"
    minutes, seconds = divmod(round(left), 60)
    return (
        f"{seeds}: {update} of {updates} updates, mean return {returns.nanmean():.1f}, "
        f"{minutes}:{seconds:02d} left"
    )


def _table(spec: BlockSpec, curves: Mapping[str, Tensor]) -> pd.DataFrame:
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
