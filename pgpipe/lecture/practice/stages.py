"""Where the seeds of a training have come equally far, so that what depends on that can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.spec import SampledSpec
from pgpipe.sampling import sample_batches
from pgpipe.training.loop import Training

Floats = NDArray[np.float64]

# Episodes of the trained policy behind the return that counts as all the way.
TRAINED_EPISODES = 512


@dataclass(frozen=True)
class Stage:
    """The seeds that have come so far, and where each of them was then."""

    share: float  # of the way from an untrained policy's return to the trained one's
    seeds: list[int]
    update: NDArray[np.int64]  # (S,), the first at which it had come so far
    returns: Floats  # (S,)
    theta: Tensor  # (S, P)


def trained_return(recipe: SampledSpec, trained: Tensor) -> float:
    """Mean return per episode of a trained policy (P,)."""
    (sample,) = sample_batches(
        recipe["environment"], trained, recipe["seed"], ("teacher",), 1, TRAINED_EPISODES
    )
    return float(sample.returns.mean())


def stages_of(training: Training, shares: Sequence[float], goal: float, episodes: int) -> list[Stage]:
    """Train until all seeds have come as far as the last share of the way to the return `goal`.

    The way begins at the mean return of untrained policies. A stage that no seed reaches is left out.
    """
    returns, history = _path(training, episodes, goal, max(shares))
    start, stages = float(returns[0].mean()), []
    for share in shares:
        # no share of the way: there all seeds are before they learn anything
        update = first_reach(returns, start + share * (goal - start) if share else -np.inf)
        rows = np.flatnonzero(update >= 0)
        if len(rows):
            theta = torch.stack([history[update[row]][row] for row in rows])
            seeds = [training.agents[int(row)] for row in rows]
            stages.append(Stage(share, seeds, update[rows], returns[update[rows], rows], theta))
    return stages


def first_reach(returns: Floats, least: float) -> NDArray[np.int64]:
    """The first update at which each seed's return is at least so high, -1 if none is.  (U, S) -> (S,)."""
    there = returns >= least
    return np.where(there.any(0), there.argmax(0), -1)


def _path(training: Training, episodes: int, goal: float, last: float) -> tuple[Floats, Sequence[Tensor]]:
    """Return and parameters after every update, until all seeds have come so far.  -> (U, S), U of (S, P)."""
    returns, history = [], []
    for _ in training.updates():
        returns.append(training.evaluate(episodes).double().numpy())
        history.append(training.theta.clone())
        start, best = float(returns[0].mean()), np.stack(returns).max(0)
        if (best >= start + last * (goal - start)).all():
            break
    return np.stack(returns), history
