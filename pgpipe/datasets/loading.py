"""Episodes of a dataset as trajectories (N, T), with the probabilities that are recorded."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pgpipe.datasets.episodes import Episode
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories


def as_trajectories(policy: Policy, episodes: Sequence[Episode]) -> Trajectories:
    """All episodes as one batch, in the policy's precision.  -> (N, T)."""
    ends = torch.tensor([episode.terminated for episode in episodes])
    lengths = torch.tensor([len(episode) for episode in episodes])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    real = policy.dtype if episodes[0].actions.dtype.kind == "f" else torch.int64
    return Trajectories(
        obs=padded(mask, [episode.obs[:-1] for episode in episodes], policy.dtype),
        actions=padded(mask, [episode.actions for episode in episodes], real),
        rewards=padded(mask, [episode.rewards for episode in episodes], policy.dtype),
        mask=mask,
        terminated=ends,
        truncated=~ends,
        final_obs=torch.from_numpy(np.stack([episode.obs[-1] for episode in episodes])).to(policy.dtype),
    )


def recorded(mask: Tensor, episodes: Sequence[Episode]) -> Tensor | None:
    """log π(a|s) of every step as the dataset has it, zero on padding; None where it does not.  -> (N, T)."""
    rows = [episode.log_probs for episode in episodes if episode.log_probs is not None]
    return padded(mask, rows, torch.float64) if rows else None


def padded(mask: Tensor, rows: Sequence[np.ndarray], dtype: torch.dtype) -> Tensor:
    """The values (T_i, ·) of every episode, zero where `mask` is false.  -> (N, T, ·)."""
    steps = torch.from_numpy(np.concatenate(rows)).to(dtype)
    whole = torch.zeros(*mask.shape, *steps.shape[1:], dtype=dtype)
    whole[mask] = steps
    return whole
