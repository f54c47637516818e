"""Discounted sums along an episode."""

import torch
from torch import Tensor


def tail_sums(per_step: Tensor, factor: float) -> Tensor:
    """Σ_{k≥t} factor^{k-t} x_k.  (..., N, T) -> (..., N, T)."""
    T = per_step.shape[-1]
    delay = torch.arange(1 - T, T, dtype=per_step.dtype)
    powers = factor ** delay.clamp(min=0) * (delay >= 0)
    # (k, t): the power of the delay k - t, which windows of the powers hold, back to front
    return per_step @ powers.unfold(0, T, 1).flip(1)
