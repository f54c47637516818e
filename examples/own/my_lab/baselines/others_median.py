"""Subtract the median credit of the other trajectories."""

import torch
from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(source="others")
def others_median(credit: Tensor, mask: Tensor) -> Tensor:
    """b_i = median of the mean credits of the trajectories j ≠ i.  (..., N, K) -> (..., N, 1).

    Raises `ValueError` for a batch of one trajectory, which leaves nothing to take the median of.
    """
    n = credit.shape[-2]
    if n < 2:
        raise ValueError("baseline others_median needs at least 2 trajectories in a batch, got 1")
    means = (credit * mask).sum(-1) / mask.sum(-1).clamp(min=1)  # (..., N)
    others = means.unsqueeze(-2).expand(*means.shape, n)  # row i holds all of them
    # leave-one-out: without the own one, the baseline does not depend on the own actions
    left = others[..., ~torch.eye(n, dtype=torch.bool)].reshape(*means.shape, n - 1)
    return left.median(-1, keepdim=True).values
