"""Every batch that can happen, with its probability: what an estimator does on average, without sampling."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.oracles.outcomes import Floats, Outcomes
from pgpipe.trajectories import Trajectories


def all_batches(
    outcomes: Outcomes, actions: Tensor, n: int, group: int = 1
) -> tuple[Trajectories, Floats, NDArray[np.int64]]:
    """Every batch of n outcomes, (B, n, T), its probability (B,), and which outcomes it holds (B, n).

    `actions` (M, T, [E]) are those of the outcomes. A batch stands for all its orders. With a `group`, so
    many in a row begin in one state, and a batch stands for all orders of its groups and within them.
    """
    drawn, probabilities = _draws(outcomes.probabilities, n)
    if group > 1:
        drawn, probabilities = _draws_in_groups(outcomes, n, group)
    batches = drawn_batches(outcomes, actions, drawn)
    if group > 1:
        batches = replace(batches, group=(torch.arange(n) // group).expand(len(drawn), -1))
    return batches, probabilities, drawn


def drawn_batches(outcomes: Outcomes, actions: Tensor, drawn: NDArray[np.int64]) -> Trajectories:
    """The batches (B, n, T) of the outcomes with these numbers (B, n), whose actions are (M, T, [E])."""
    lengths = outcomes.mask.sum(1)
    single = {
        "obs": torch.from_numpy(outcomes.obs[:, :-1] * outcomes.mask[..., None]),
        "actions": actions,
        "rewards": torch.from_numpy(outcomes.rewards),
        "mask": torch.from_numpy(outcomes.mask),
        "terminated": torch.ones(len(lengths), dtype=torch.bool),
        "truncated": torch.zeros(len(lengths), dtype=torch.bool),
        "final_obs": torch.from_numpy(outcomes.obs[np.arange(len(lengths)), lengths]),
    }
    return Trajectories(**{field: value[drawn] for field, value in single.items()})


def _draws(chances: Floats, n: int) -> tuple[NDArray[np.int64], Floats]:
    """Every choice of n things with these chances, and its probability in any order.  -> (B, n), (B,)."""
    drawn = np.array(list(combinations_with_replacement(range(len(chances)), n)))
    orders = [factorial(n) // prod(map(factorial, Counter(each).values())) for each in drawn.tolist()]
    return drawn, np.array(orders) * chances[drawn].prod(1)


def _draws_in_groups(outcomes: Outcomes, n: int, group: int) -> tuple[NDArray[np.int64], Floats]:
    """The same of outcomes, so many of one start in a row."""
    groups, chances = [], []
    for chance, of_start, own in outcomes.by_start():
        drawn, probabilities = _draws(of_start.probabilities, group)
        groups.append(own[drawn])
        chances.append(chance * probabilities)
    whole, probabilities = _draws(np.concatenate(chances), n // group)
    return np.concatenate(groups)[whole].reshape(len(whole), n), probabilities


def expected(outcomes: Outcomes, weights: Tensor, drawn: NDArray[np.int64], chances: Floats) -> Floats:
    """E ĝ over all batches, from the weights (B, n, T) of scores and which outcomes they are.  -> (P,)."""
    scores = outcomes.scores[drawn]  # (B, n, T, P)
    mean: Floats = np.einsum("b,bnt,bntp->p", chances, weights.numpy(), scores) / drawn.shape[1]
    return mean


def table_actions(outcomes: Outcomes, n_actions: int) -> Tensor:
    """What was done by a softmax table, whose score is positive at the action alone.  -> (M, T)."""
    by_action = outcomes.scores.reshape(*outcomes.mask.shape, -1, n_actions).sum(2)
    return torch.from_numpy(by_action.argmax(-1) * outcomes.mask)


def moments(estimate: Callable[[int], Tensor], probabilities: Floats) -> tuple[Floats, Floats]:
    """(E ĝ, Var ĝ), (P,) each, from the estimate (P,) of every batch by its number."""
    rows = np.stack([estimate(batch).numpy() for batch in range(len(probabilities))])
    mean: Floats = probabilities @ rows
    return mean, probabilities @ (rows - mean) ** 2
