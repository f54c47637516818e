"""Discounted sums along an episode."""

from functools import lru_cache

import torch
from torch import Tensor


def tail_sums(per_step: Tensor, factor: float) -> Tensor:
    """Σ_{k≥t} factor^{k-t} x_k.  (..., N, T) -> (..., N, T)."""
    return per_step @ _powers(per_step.shape[-1], factor, per_step.dtype)


def weighted_tail_sums(per_step: Tensor, factor: float, log_ratios: Tensor) -> Tensor:
    """Σ_{k≥t} factor^{k-t} (Π_{t<j≤k} ρ_j) x_k, from logarithms of ratios ρ.  (..., N, T) -> (..., N, T).

    From the last step back, so that every number on the way is one of the sums. Products of ratios have the
    mean one: that one of them is beyond 10³⁰⁰, the end of double precision, has probability 10⁻³⁰⁰.
    """
    ratios = factor * log_ratios.exp()
    # time first: a step's numbers lie side by side
    rows, ratios = (of.movedim(-1, 0).contiguous() for of in (per_step.to(ratios.dtype), ratios))
    sums = [rows[-1]]
    for x, ratio in zip(rows[:-1].flip(0), ratios[1:].flip(0), strict=True):
        sums.append(torch.addcmul(x, ratio, sums[-1]))
    return torch.stack(sums[::-1], dim=-1).to(per_step.dtype)


@lru_cache(maxsize=256)
def discounts(K: int, factor: float, dtype: torch.dtype) -> Tensor:
    """factor^k.  (K,)."""
    return factor ** torch.arange(K, dtype=dtype)


@lru_cache(maxsize=256)
def _powers(T: int, factor: float, dtype: torch.dtype) -> Tensor:
    """factor^{k-t} at (k, t), 0 where k < t.  (T, T)."""
    delay = torch.arange(1 - T, T, dtype=dtype)
    powers = factor ** delay.clamp(min=0) * (delay >= 0)
    # windows of the powers hold them back to front
    return powers.unfold(0, T, 1).flip(1)
