"""Discounted sums along an episode."""

import torch
from torch import Tensor


def tail_sums(per_step: Tensor, factor: float) -> Tensor:
    """Σ_{k≥t} factor^{k-t} x_k.  (..., N, T) -> (..., N, T)."""
    step = torch.arange(per_step.shape[-1], dtype=per_step.dtype)
    delay = step[:, None] - step  # (k, t): how long after step t step k comes
    return per_step @ (factor ** delay.clamp(min=0) * (delay >= 0))
