"""Training by today's estimators side by side: return and length, and who ends above whom (P19)."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from pgpipe.lecture.after_the_lecture.angles import mean_together
from pgpipe.lecture.common.placing import placed
from pgpipe.seeding import stream
from pgpipe.statistics import bootstrap_interval, interquartile_mean_intervals, resample_counts
from pgpipe.training.loop import Training
from pgpipe.training.spec import TrainingSpec, TrainingsSpec

Floats = NDArray[np.float64]

FINAL = 0.1  # the share of the updates, at the end, over which a seed's final numbers are averaged
WRONG = "wrong_length"
# What is compared between two recipes: a column of the curves, and the share of the updates, from the end.
MEASURES = {
    "final return": ("mean_return", FINAL),
    "return over training": ("mean_return", 1.0),
    "final length": ("length", FINAL),
    "length over training": ("length", 1.0),
}


class RecentSpec(TrainingsSpec):
    """Recipes of one environment by name, in the config's order, and each one's estimator."""

    recipes: dict[str, TrainingSpec]
    estimators: dict[str, str]
    graded: bool  # whether an episode is right, with a return of 1, or wrong


def train_recent(spec: RecentSpec) -> dict[str, pd.DataFrame]:
    """Train by every recipe from the same start; curves, what they say together, and paired differences."""
    curves = {name: follow(part, spec["seeds"], spec["graded"]) for name, part in spec["recipes"].items()}
    named = {
        name: {"environment": spec["environment"], "recipe": name, "estimator": spec["estimators"][name]}
        for name in curves
    }
    return {
        "recent_curves": pd.concat([placed(curve, named[name]) for name, curve in curves.items()]),
        "recent_summary": pd.concat(
            [
                placed(summarise(curve, spec["resamples"], stream(spec["seed"], "recent", name)), named[name])
                for name, curve in curves.items()
            ]
        ),
        "recent_differences": placed(
            differences(curves, spec["estimators"]), {"environment": spec["environment"]}
        ),
    }


def follow(training_spec: TrainingSpec, seeds: Sequence[int], graded: bool) -> pd.DataFrame:
    """A row for each seed and update: return and length of the batch, and how many are wrong, how long."""
    rows = []
    for training in Training(training_spec, seeds).updates():
        progress = training.progress()
        for row, (seed, batch) in enumerate(zip(seeds, training.batches, strict=True)):
            lengths = batch.trajectories.lengths.double()
            wrong = batch.trajectories.returns < 1 if graded else torch.zeros(len(lengths), dtype=torch.bool)
            reached = float(progress.mean_return[row])
            length = float(lengths.mean()) if np.isfinite(reached) else np.nan
            rows.append(
                (seed, progress.update, int(progress.env_steps[row]), reached, length,
                 float(lengths[wrong].mean()), int(wrong.sum()))
            )  # fmt: skip
    columns = ["seed", "update", "env_steps", "mean_return", "length", WRONG, "wrong"]
    return pd.DataFrame(rows, columns=columns)


def summarise(curve: pd.DataFrame, resamples: int, rng: np.random.Generator) -> pd.DataFrame:
    """By update: interquartile means over seeds of return and length; the mean length of wrong episodes."""
    returns, lengths = (_by_seed(curve, name) for name in ("mean_return", "length"))
    found = {
        "update": np.arange(returns.shape[1]),
        "env_steps": curve.groupby("update")["env_steps"].mean().to_numpy(),
        "seeds": len(returns),
        "diverged": np.isnan(returns).sum(0),
    }
    for values, names in (
        (returns, ("iqm", "low", "high")),
        (lengths, ("length", "length_low", "length_high")),
    ):
        means = interquartile_mean_intervals(values, resamples, rng)
        found |= dict(pd.DataFrame([mean.named(*names) for mean in means]))
    return pd.DataFrame(found).assign(**_wrong(curve, resamples, rng))


def _wrong(curve: pd.DataFrame, resamples: int, rng: np.random.Generator) -> Mapping[str, Floats]:
    """Mean length of all seeds' wrong episodes, by update; NaN where fewer than half the seeds have any."""
    n = _by_seed(curve, "wrong")
    steps = np.nan_to_num(_by_seed(curve, WRONG)) * n
    counts = resample_counts(len(n), resamples, rng)
    known = (n > 0).mean(0) > 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, resampled = steps.sum(0) / n.sum(0), (counts @ steps) / (counts @ n)
    intervals = [
        bootstrap_interval(ratio[u], resampled[:, u], len(n)).named(WRONG, f"{WRONG}_low", f"{WRONG}_high")
        for u in range(n.shape[1])
    ]
    table = pd.DataFrame(intervals)
    return {str(name): np.where(known, table[name], np.nan) for name in table}


def differences(curves: Mapping[str, pd.DataFrame], estimators: Mapping[str, str]) -> pd.DataFrame:
    """For every two recipes and every measure: one's mean less the other's, paired by seed.

    The intervals of a measure hold for all pairs together.
    """
    pairs = list(combinations(curves, 2))
    rows = []
    for measure, (column, share) in MEASURES.items():
        values = {name: _averaged(curve, column, share) for name, curve in curves.items()}
        for name, other in pairs:
            found = mean_together(values[name] - values[other], len(pairs))
            rows.append(
                {"measure": measure, "recipe": name, "estimator": estimators[name]}
                | {"other": other, "other_estimator": estimators[other]}
                | {"value": float(values[name].mean()), "other_value": float(values[other].mean())}
                | found.named("difference", "low", "high") | {"seeds": found.n}
            )  # fmt: skip
    columns = ["measure", "recipe", "estimator", "other", "other_estimator", "value", "other_value"]
    return pd.DataFrame(rows, columns=[*columns, "difference", "low", "high", "seeds"])


def _averaged(curve: pd.DataFrame, column: str, share: float) -> Floats:
    """Each seed's mean over the last share of its updates.  -> (seeds,)."""
    values = _by_seed(curve, column)
    last = max(1, round(share * values.shape[1]))
    mean: Floats = values[:, -last:].mean(1)
    return mean


def _by_seed(curve: pd.DataFrame, column: str) -> Floats:
    """A column as (seeds, updates)."""
    table = curve.pivot_table(index="seed", columns="update", values=column, dropna=False)
    return table.reindex(columns=sorted(curve["update"].unique())).to_numpy(dtype=np.float64)
