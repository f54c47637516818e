"""Every batch that can happen, with its probability: what an estimator does on average, without sampling."""

from collections.abc import Callable
from itertools import combinations_with_replacement, permutations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.oracles.outcomes import Floats, Outcomes
from pgpipe.trajectories import Trajectories


def all_batches(
    outcomes: Outcomes, actions: Tensor, n: int
) -> tuple[Trajectories, Floats, NDArray[np.int64]]:
    """Every batch of n outcomes, (B, n, T), its probability (B,), and which outcomes it holds (B, n).

    `actions` (M, T, [E]) are those of the outcomes. A batch stands for all its orders.
    """
    drawn = np.array(list(combinations_with_replacement(range(len(outcomes.rewards)), n)))
    orders = np.array([len(set(permutations(batch))) for batch in drawn.tolist()])
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
    batches = Trajectories(**{field: value[drawn] for field, value in single.items()})
    return batches, orders * outcomes.probabilities[drawn].prod(1), drawn


def table_actions(outcomes: Outcomes, n_actions: int) -> Tensor:
    """What was done by a softmax table, whose score is positive at the action alone.  -> (M, T)."""
    by_action = outcomes.scores.reshape(*outcomes.mask.shape, -1, n_actions).sum(2)
    return torch.from_numpy(by_action.argmax(-1) * outcomes.mask)


def moments(estimate: Callable[[int], Tensor], probabilities: Floats) -> tuple[Floats, Floats]:
    """(E ĝ, Var ĝ), (P,) each, from the estimate (P,) of every batch by its number."""
    rows = np.stack([estimate(batch).numpy() for batch in range(len(probabilities))])
    mean: Floats = probabilities @ rows
    return mean, probabilities @ (rows - mean) ** 2
