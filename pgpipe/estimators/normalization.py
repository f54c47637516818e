"""Advantages centred and divided by their standard deviation: over the batch, or over each group."""

import torch
from torch import Tensor

from pgpipe.estimators.groups import sums_by_group


def normalized(advantages: Tensor, mask: Tensor) -> Tensor:
    """(A - mean A) / std A over all credits of the batch, 0 where they do not differ.  (N, K) -> (N, K)."""
    given = advantages.expand(mask.shape)[mask]
    std = given.std(correction=0)
    centred = advantages - given.mean()
    return torch.zeros_like(centred) if std == 0 else centred / std  # no number stays none


def normalized_by_group(advantages: Tensor, mask: Tensor, group: Tensor) -> Tensor:
    """(A - mean A) / std A over the credits of each group, 0 where they are alike.  (N, K), (N,) -> (N, K).

    The standard deviation is that of the group itself, with correction 0.  E44, GRPO, Shao et al. 2024.
    """

    def of_group(per_credit: Tensor) -> Tensor:
        return sums_by_group((per_credit * mask).sum(-1, keepdim=True), group)  # (N, 1)

    count = of_group(torch.ones_like(advantages))
    mean = of_group(advantages) / count
    centred = advantages - mean
    std = (of_group(centred**2) / count).sqrt()
    # of equal numbers the mean is one of them only to rounding
    alike = std <= 4 * torch.finfo(std.dtype).eps * mean.abs()
    return torch.where(alike, torch.zeros_like(centred), centred / std)
