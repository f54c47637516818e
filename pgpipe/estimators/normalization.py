"""Advantages centred and divided by their standard deviation: over the batch, or over each group.

Advantages that would be equal but for rounding become 0, not ±1. Rounding is that of the credits, from which
a baseline may have taken nearly all.
"""

import torch
from torch import Tensor

from pgpipe.estimators.groups import largest_by_group, sums_by_group

# Standard deviations up to so many roundings of the largest credit are none.
ROUNDINGS = 16


def normalized(advantages: Tensor, mask: Tensor, credit: Tensor) -> Tensor:
    """(A - mean A) / std A over all credits of the batch, 0 where they do not differ.  (N, K) -> (N, K)."""
    given = advantages.expand(mask.shape)[mask]
    largest = (credit * mask).abs().max()
    return _divided(advantages - given.mean(), given.std(correction=0), largest)


def normalized_by_group(advantages: Tensor, mask: Tensor, credit: Tensor, group: Tensor) -> Tensor:
    """(A - mean A) / std A over the credits of each group, 0 where they are alike.  (N, K), (N,) -> (N, K).

    The standard deviation is that of the group itself, with correction 0.  E44, GRPO, Shao et al. 2024.
    """

    def of_group(per_credit: Tensor) -> Tensor:
        return sums_by_group((per_credit * mask).sum(-1, keepdim=True), group)  # (N, 1)

    count = of_group(torch.ones_like(advantages))
    centred = advantages - of_group(advantages) / count
    std = (of_group(centred**2) / count).sqrt()
    return _divided(centred, std, largest_by_group((credit * mask).abs().amax(-1, keepdim=True), group))


def _divided(centred: Tensor, std: Tensor, largest: Tensor) -> Tensor:
    alike = std <= ROUNDINGS * torch.finfo(std.dtype).eps * largest
    return torch.where(alike, torch.zeros_like(centred), centred / std)  # NaN stays NaN
