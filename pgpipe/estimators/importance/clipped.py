"""Weigh each score by its action's ratio, unless that has gone far enough where the advantage points."""

from math import log, log1p

import torch
from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=("actions",), clips=True)
def clipped(log_ratios: Tensor, advantages: Tensor, clip: float) -> LogWeights:
    """w_t = ρ_t where ρ_t A_t ≤ clip(ρ_t, 1-ε, 1+ε) A_t, else 0.  (..., N, T).  E47, Schulman et al. 2017.

    The gradient of PPO's surrogate min(ρ_t A_t, clip(ρ_t, 1-ε, 1+ε) A_t) is w_t A_t ∇log π_θ'(a_t|s_t): it
    flows through the ratio ρ_t = π_θ'(a_t|s_t)/π_θ(a_t|s_t) where that is the minimum, and the clipped one is
    a constant. ε is `clip`, from 0 to 1 or infinite; without bounds it is `first_order`.
    """
    above = log_ratios > log1p(clip)
    below = log_ratios < (log(1 - clip) if clip < 1 else -torch.inf)
    stopped = ((advantages > 0) & above) | ((advantages < 0) & below)
    return LogWeights(log_ratios.masked_fill(stopped, -torch.inf))
