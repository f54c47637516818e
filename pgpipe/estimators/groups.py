"""Sums over the trajectories of a group, those that began in one start state."""

import torch
from torch import Tensor

from pgpipe.trajectories import Trajectories


def groups_of(trajectories: Trajectories, who: str) -> Tensor:
    """The numbers of the groups.  Raises `ValueError` for a batch that has none, which `who` asks for."""
    if trajectories.group is None:
        raise ValueError(f"{who} needs trajectories in groups that began in one state; the batch has none")
    return trajectories.group


def sums_by_group(rows: Tensor, group: Tensor) -> Tensor:
    """Σ_{j in the group of i} x_j for every trajectory i.  (..., N, K), (..., N) -> (..., N, K)."""
    same = group[..., :, None] == group[..., None, :]  # (..., N, N)
    dtype = rows.dtype if rows.is_floating_point() else torch.int64
    return (same[..., None] * rows[..., None, :, :].to(dtype)).sum(-2)
