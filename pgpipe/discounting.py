"""Discounted sums along an episode."""

from functools import lru_cache

import torch
from torch import Tensor


def tail_sums(per_step: Tensor, factor: float) -> Tensor:
    """Σ_{k≥t} factor^{k-t} x_k.  (..., N, T) -> (..., N, T)."""
    return per_step @ _powers(per_step.shape[-1], factor, per_step.dtype)


@lru_cache(maxsize=256)
def _powers(T: int, factor: float, dtype: torch.dtype) -> Tensor:
    """factor^{k-t} at (k, t), 0 where k < t.  (T, T)."""
    delay = torch.arange(1 - T, T, dtype=dtype)
    powers = factor ** delay.clamp(min=0) * (delay >= 0)
    # windows of the powers hold them back to front
    return powers.unfold(0, T, 1).flip(1)
