"""Per-decision weights, each ratio cut at a bound: V-trace."""

from math import log

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=("actions", "rewards"), per_reward=True, product=True, clips=True)
def v_trace(log_ratios: Tensor, truncation: float) -> LogWeights:
    """w_t = min(ρ̄, ρ_t) before the score, Π_{t<k≤t'} min(ρ̄, ρ_k) before the reward of t'.  (..., N, T).  E48.

    ρ_k = π_θ'(a_k|s_k)/π_θ(a_k|s_k); ρ̄ = c̄ is `truncation`. With signal gae, λ = 1, and baseline value it is
    the policy gradient of V-trace, ρ_t ∇log π_θ' (r_t + γ v_{t+1} - V(s_t)). States stay those of θ.
    Espeholt et al. 2018.
    """
    cut = log_ratios.clamp(max=log(truncation))
    return LogWeights(cut, on_rewards=cut)
