"""Divide the sum over a trajectory's steps by a constant, the most that it can have."""

import torch
from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(divides="constant")
def constant(mask: Tensor, longest: int) -> Tensor:
    """ĝ = (1/N) Σ_i (1/T_max) Σ_t x_{i,t}: a factor of 1/T_max.  (..., N, T) -> (..., N, 1).

    The direction of ∇J, and a T_max-th of its length. Liu et al. 2025 (Dr. GRPO).
    """
    return torch.full_like(mask[..., :1], 1 / longest, dtype=torch.float64)
