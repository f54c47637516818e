"""Whether start and dynamics are the same under another policy, as real rollouts show them (E10, C3)."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.dynamics.density import next_obs
from pgpipe.lecture.common.identity_rows import Row, identity_row
from pgpipe.trajectories import Trajectories

# Of each of two policies, how often an outcome has to be expected to be compared.
FEWEST = 5


def counted_row(one: Trajectories, other: Trajectories) -> list[Row]:
    """χ² of the same starts, and of the same cells after the same move, under both policies.

    Kind `frequencies`. A start is an outcome, and so is the cell after a move; moves of which an outcome is
    rare are left out, and there is no row if none is left.
    """
    outcomes = [np.concatenate([_starts(batch), _moves(batch)]) for batch in (one, other)]
    found, which = np.unique(np.concatenate(outcomes), axis=0, return_inverse=True)
    second = np.repeat([0, 1], [len(rows) for rows in outcomes])
    counts = np.zeros((2, len(found)))
    np.add.at(counts, (second, which.ravel()), 1.0)
    groups = np.unique(found[:, :2], axis=0, return_inverse=True)[1].ravel()
    terms = [_homogeneity(counts[:, groups == group]) for group in range(groups.max() + 1)]
    statistic, freedom = (sum(numbers) for numbers in zip(*terms, strict=True))
    what = "χ² of starts and moves under two policies"
    n = one.n_trajectories + other.n_trajectories
    return [identity_row("E10", what, "frequencies", statistic, freedom, 1.0, n)] if freedom else []


def moments_row(one: Trajectories, other: Trajectories) -> list[Row]:
    """Mean and mean square of the start, and of s' - s - a, under both policies.  Kind `mean`."""
    z = [
        float((x.mean() - y.mean()).abs() / (x.var() / len(x) + y.var() / len(y)) ** 0.5)
        for x, y in zip(_numbers(one), _numbers(other), strict=True)
    ]
    what = "largest difference of start and dynamics between two policies, in standard errors"
    n = one.n_trajectories + other.n_trajectories
    return [identity_row("E10", what, "mean", max(z), 0.0, 1.0, n, len(z))]


def _homogeneity(counts: NDArray[np.float64]) -> tuple[float, int]:
    """χ² of two rows of counts (2, K) that should be alike, and its degrees of freedom."""
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    if counts.shape[1] < 2 or expected.min() < FEWEST:
        return 0.0, 0
    return float(((counts - expected) ** 2 / expected).sum()), counts.shape[1] - 1


def _starts(batch: Trajectories) -> NDArray[np.int64]:
    """Rows (-1, -1, first cell)."""
    first = batch.obs[:, 0].argmax(-1).numpy()
    return np.column_stack([np.full((len(first), 2), -1), first])


def _moves(batch: Trajectories) -> NDArray[np.int64]:
    """Rows (cell, move, next cell), of all steps."""
    parts = batch.obs.argmax(-1), batch.actions, next_obs(batch).argmax(-1)
    return torch.stack(parts, dim=-1)[batch.mask].numpy()


def _numbers(batch: Trajectories) -> Iterator[Tensor]:
    """What has the same mean whatever the policy does, a number for each trajectory."""
    start, pushes = batch.obs[:, 0, 0], (next_obs(batch) - batch.obs - batch.actions)[..., 0]
    yield from (start, start**2, pushes.mean(1), (pushes**2).mean(1))
