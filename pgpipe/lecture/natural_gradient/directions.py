"""Vanilla, normalised and natural steps side by side: what they learn, how far each goes (P17)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.natural.fisher import fisher_of
from pgpipe.seeding import stream
from pgpipe.statistics import (
    bootstrap_interval,
    interquartile_mean_intervals,
    probability_of_improvement,
)
from pgpipe.training.side_by_side import STEPPING, SideBySide
from pgpipe.training.spec import TrainingSpec, TrainingsSpec

Floats = NDArray[np.float64]

NAMES = [
    "recipe",
    "step",
    "other",
    "other_step",
    "target",
    "probability",
    "low",
    "high",
    "n",
    "median",
    "other_median",
]


class DirectionsSpec(TrainingsSpec):
    """Recipes by name, and the return of a batch whose first time is compared."""

    recipes: dict[str, TrainingSpec]
    target: float


def compare_directions(spec: DirectionsSpec) -> dict[str, pd.DataFrame]:
    """Train every recipe of one environment; its curves, and who comes to a return in fewer steps."""
    curves: dict[str, pd.DataFrame] = {}
    for names in _alike(spec["recipes"]):
        together = follow([spec["recipes"][name] for name in names], spec["seeds"])
        curves |= dict(zip(names, together, strict=True))
    curves = {name: curves[name] for name in spec["recipes"]}
    kinds = {name: kind_of_step(part) for name, part in spec["recipes"].items()}
    every = pd.concat([curve.assign(recipe=name, step=kinds[name]) for name, curve in curves.items()])
    rng = stream(spec["seed"], spec["environment"], "directions")
    summaries = [
        summarise(curve, spec["resamples"], rng).assign(
            recipe=name, step=kinds[name], bound=spec["recipes"][name]["kl"]
        )
        for name, curve in curves.items()
    ]
    columns = {"environment": spec["environment"]}
    return {
        "direction_curves": every.assign(**columns),
        "direction_summary": pd.concat(summaries).assign(**columns),
        "direction_speed": _speeds(spec, curves, kinds, rng).assign(**columns),
    }


def kind_of_step(training_spec: TrainingSpec) -> str:
    """natural, normalized or adam, as the recipe says; every other step is vanilla."""
    if training_spec["estimator"]["direction"] == "natural":
        return "natural"
    name = str(training_spec["optimizer"])
    return name if name in ("normalized", "adam") else "vanilla"


def _alike(recipes: Mapping[str, TrainingSpec]) -> list[list[str]]:
    """The names of recipes that differ in how they step alone, together."""
    groups: dict[str, list[str]] = {}
    for name, recipe in recipes.items():
        same = {key: value for key, value in recipe.items() if key not in STEPPING}
        groups.setdefault(repr(same), []).append(name)
    return list(groups.values())


def follow(specs: Sequence[TrainingSpec], seeds: list[int]) -> list[pd.DataFrame]:
    """Train by recipes that differ in how they step alone; a table for each, a row for each seed and update.

    In it are the batch's return, and how far the step from it went:
    `kl` is KL(π_θ ‖ π_θ') per step over the states of the batch that the step was computed from.
    """
    reached, moved = [], []
    theta: Tensor | None = None
    obs: list[Tensor] = []
    for training in SideBySide(specs, seeds).updates():
        if theta is not None:
            each = zip(theta, training.theta, obs, strict=True)
            moved.append([fisher_of(training.policy, old, at).kl(new) for old, new, at in each])
        theta, batches = training.theta, [batch.trajectories for batch in training.batches]
        obs = [batch.obs[batch.mask] for batch in batches]
        reached.append(training.progress())
    moved.append([np.nan] * len(seeds) * len(specs))  # no step was taken from the last policy
    columns = ["seed", "update", "env_steps", "mean_return", "kl"]
    tables = []
    for first in range(0, len(seeds) * len(specs), len(seeds)):
        rows = [
            (seed, progress.update, int(progress.env_steps[row]), float(progress.mean_return[row]), kl[row])
            for progress, kl in zip(reached, moved, strict=True)
            for row, seed in enumerate(seeds, start=first)
        ]
        tables.append(pd.DataFrame(rows, columns=columns))
    return tables


def summarise(curve: pd.DataFrame, resamples: int, rng: np.random.Generator) -> pd.DataFrame:
    """By update: the interquartile mean of the seeds' returns with its interval; median and range of KL."""
    returns = curve.pivot_table(index="seed", columns="update", values="mean_return", dropna=False)
    kl = curve.pivot_table(index="seed", columns="update", values="kl", dropna=False).reindex(
        columns=returns.columns
    )
    means = interquartile_mean_intervals(returns.to_numpy(), resamples, rng)
    columns: dict[str, Any] = {
        "update": returns.columns, "env_steps": curve.groupby("update")["env_steps"].mean().to_numpy(),
        "seeds": len(returns), **pd.DataFrame([mean.named("iqm", "low", "high") for mean in means]),
        "diverged": returns.isna().sum().to_numpy(),
    }  # fmt: skip
    quantiles = kl.quantile([0.25, 0.5, 0.75]).to_numpy()
    return pd.DataFrame(columns | dict(zip(("kl_low", "kl", "kl_high"), quantiles, strict=True)))


def steps_to(curve: pd.DataFrame, target: float) -> Floats:
    """Steps of the environment before a seed's batch first returns the target; infinite if it never does."""
    reached = curve[curve["mean_return"] >= target].groupby("seed")["env_steps"].min()
    return reached.reindex(sorted(set(curve["seed"]))).fillna(np.inf).to_numpy()


def _speeds(
    spec: DirectionsSpec,
    curves: Mapping[str, pd.DataFrame],
    kinds: Mapping[str, str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """For every two recipes the probability that a seed of one needs fewer steps to the target than one of
    the other, with its bootstrap interval; never reaching it is worst, and ties count half.
    """
    needed = {name: steps_to(curve, spec["target"]) for name, curve in curves.items()}
    rows = []
    for name, ours in needed.items():
        for other, theirs in needed.items():
            if name == other:
                continue
            x, y = -ours, -theirs
            draws = [
                probability_of_improvement(rng.choice(x, len(x)), rng.choice(y, len(y)))
                for _ in range(spec["resamples"])
            ]
            share = bootstrap_interval(probability_of_improvement(x, y), np.array(draws), len(x))
            found = (share.estimate, share.low, share.high)
            medians = (float(np.median(ours)), float(np.median(theirs)))
            named = (name, kinds[name], other, kinds[other])
            rows.append((*named, spec["target"], *found, len(x), *medians))
    return pd.DataFrame(rows, columns=NAMES)
