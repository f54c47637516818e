"""What a sum of losses is divided by, exactly: E ĝ of total returns for batches of any size (E46).

Trajectories are independent and alike, so E ĝ is that of one of them, with what the others put into its
divisor and its baseline.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]
Baseline = Literal["none", "exact", "mean"]  # nothing, J, the mean return of the others


def expected_gradient(outcomes: Outcomes, divisor: str, baseline: Baseline, n: int, longest: int) -> Floats:
    """E ĝ of a batch of n, (P,).  Divisors: trajectories, steps, each, constant (by `longest`).

    For `steps` ĝ = Σ_i g_i A_i / Σ_j T_j, so E ĝ = n E[g A / (T + S)], with S the others' steps.

    Raises `ValueError` where there are no others to take the mean of.
    """
    if baseline == "mean" and n < 2:
        raise ValueError(f"the mean of the others needs at least 2 trajectories, got {n}")
    g, r, T = outcomes.scores.sum(1), outcomes.rewards.sum(1), outcomes.mask.sum(1)
    share: Mapping[str, Callable[[], Floats]] = {
        "trajectories": lambda: np.ones(len(T)),
        "constant": lambda: np.full(len(T), 1 / longest),
        "each": lambda: 1 / T,
    }
    J = float(outcomes.mean(r))
    subtracted = {"none": 0.0, "exact": J, "mean": J}[baseline]  # the others are independent of g and T
    if divisor != "steps":
        return outcomes.mean(g * ((r - subtracted) * share[divisor]())[:, None])
    factor = n * _inverse(outcomes, n - 1)[T]
    if baseline != "mean":
        return outcomes.mean(g * ((r - subtracted) * factor)[:, None])
    # the others' mean return and their steps belong together: E[r_j / (T + T_j + S)] for each of them
    rest = _inverse(outcomes, n - 2)
    others = n * outcomes.mean((rest[T[:, None] + T[None]] * r).T)  # (M,), by the own trajectory
    return outcomes.mean(g * (r * factor - others)[:, None])


def _inverse(outcomes: Outcomes, n: int) -> Floats:
    """E[1/(t + S)], S the steps of n trajectories, by t from 1 to twice the longest; at 0 there is none."""
    chances = _steps(outcomes, n)
    t = np.arange(1, 2 * outcomes.mask.shape[1] + 1)
    means: Floats = (1 / (t[:, None] + np.arange(len(chances)))) @ chances
    return np.concatenate([[np.nan], means])


def _steps(outcomes: Outcomes, n: int) -> Floats:
    """The chances of how many steps n trajectories have together."""
    single = np.bincount(outcomes.mask.sum(1), outcomes.probabilities)
    chances = np.ones(1)
    for _ in range(n):
        chances = np.convolve(chances, single)
    return chances
