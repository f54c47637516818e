"""Weigh each score by the ratios so far, and each reward by those since the score: causality."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=("actions", "states", "rewards"), product=True, per_reward=True)
def per_decision(log_ratios: Tensor) -> LogWeights:
    """w_t = Π_{k≤t} ρ_k before the score, Π_{t<k≤t'} ρ_k before the reward of t'.  (..., N, T).  Lecture E29.

    ρ_k = π_θ'(a_k|s_k)/π_θ(a_k|s_k). Each ratio counts once: ρ_t stands with the score, not with the rewards.
    Precup, Sutton & Singh 2000.
    """
    return LogWeights(log_ratios.cumsum(-1), on_rewards=log_ratios)
