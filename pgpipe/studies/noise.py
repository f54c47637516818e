"""Noise of the policy gradient and of the supervised one, where both have come equally far (P15, C18)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.sampling import sample_batches
from pgpipe.studies.replicates import replicate_gradients
from pgpipe.training.imitation import Imitation
from pgpipe.training.loop import Training

Floats = NDArray[np.float64]

# Episodes of the teacher behind the return that counts as all the way.
TEACHER_EPISODES = 512


def gradient_noise(spec: Mapping[str, Any], teacher: Tensor) -> pd.DataFrame:
    """Signal and noise of a batch's gradient at every stage that a seed reaches, learned in both ways.

    A stage is the first update at which a seed has come so far of the way from the mean return of untrained
    policies to the teacher's (P,). Rows of `gradient_noise.csv`, one for each learner, stage and seed.
    """
    recipe, seeds = spec["training"], spec["seeds"]
    environment = recipe["environment"]
    (sample,) = sample_batches(environment, teacher, recipe["seed"], ("teacher",), 1, TEACHER_EPISODES)
    goal = float(sample.returns.mean())
    taught = _stages(spec, "supervised", Imitation(recipe, seeds, teacher), goal, teacher)
    alone = _stages(spec, "policy_gradient", Training(recipe, seeds), goal, None)
    table = pd.concat([*alone, *taught])
    table.insert(0, "environment", environment["name"])
    return table.assign(goal=goal, replicates=spec["replicates"])


def _stages(
    spec: Mapping[str, Any], learner: str, training: Training, goal: float, acting: Tensor | None
) -> Iterator[pd.DataFrame]:
    """A table for each stage, of the seeds that reach it."""
    returns, history = _path(training, spec["episodes"], goal, max(spec["stages"]))
    start, seeds = float(returns[0].mean()), spec["seeds"]
    for stage in spec["stages"]:
        # no share of the way: there all seeds are before they learn anything
        least = start + stage * (goal - start) if stage else -np.inf
        update = first_reach(returns, least)
        rows = np.flatnonzero(update >= 0)
        if not len(rows):
            continue
        theta = torch.stack([history[update[row]][row] for row in rows])
        names = [(learner, round(1000 * stage), seeds[row]) for row in rows]
        found = replicate_gradients(spec["training"], theta, names, spec["replicates"], acting)
        where = {"learner": learner, "stage": stage, "seed": [seeds[row] for row in rows]}
        here = {"update": update[rows], "return": returns[update[rows], rows]}
        measured = pd.DataFrame([signal_and_noise(of) for of in found.double().numpy()])
        yield pd.concat([pd.DataFrame(where | here), measured], axis=1)


def first_reach(returns: Floats, least: float) -> NDArray[np.int64]:
    """The first update at which each seed's return is at least so high, -1 if none is.  (U, S) -> (S,)."""
    there = returns >= least
    return np.where(there.any(0), there.argmax(0), -1)


def signal_and_noise(estimates: Floats) -> dict[str, float]:
    """‖E ĝ‖², V = tr Cov ĝ, their ratio, and the mean cosine of two independent ĝ.  (R, P).

    ‖ḡ‖² - V/R estimates the first without the noise of the mean ḡ, and may come out below zero.
    """
    R, mean = len(estimates), estimates.mean(0)
    variance = float(estimates.var(0, ddof=1).sum())
    signal = float(mean @ mean) - variance / R
    lengths = np.linalg.norm(estimates, axis=1, keepdims=True)
    units = np.divide(estimates, lengths, out=np.zeros_like(estimates), where=lengths > 0)
    total = units.sum(0)
    # the sum over all pairs is the square of the sum, less each one with itself
    cosine = float(total @ total - (units**2).sum()) / (R * (R - 1))
    snr = signal / variance if variance else np.nan
    return {"signal": signal, "variance": variance, "snr": snr, "cosine": cosine}


def _path(training: Training, episodes: int, goal: float, last: float) -> tuple[Floats, Sequence[Tensor]]:
    """Return and parameters after every update, until all seeds have come so far.  -> (U, S), U of (S, P)."""
    returns, history = [], []
    while True:
        returns.append(training.evaluate(episodes).double().numpy())
        history.append(training.theta.clone())
        start, best = float(returns[0].mean()), np.stack(returns).max(0)
        if training.update == training.spec["updates"] or (best >= start + last * (goal - start)).all():
            break
        training.climb(training.run())
    training.close()
    return np.stack(returns), history
