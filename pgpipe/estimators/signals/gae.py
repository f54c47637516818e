"""Credit a step with a mixture of the rewards that came and the values that were expected."""

from torch import Tensor

from pgpipe.discounting import tail_sums
from pgpipe.estimators.signals.td import td
from pgpipe.trajectories import Trajectories


def gae(trajectories: Trajectories, gamma: float, values: Tensor, gae_lambda: float) -> Tensor:
    """Q̂_t = V(s_t) + Σ_{k≥t} (γλ)^{k-t} δ_k,  δ_k = r_k + γ V(s_{k+1}) - V(s_k).  -> (..., N, T).

    values (..., N, T+1). The λ-return: λ = 0 is `td`, and at λ = 1 every V but that of a truncated end
    cancels and leaves the reward to go. Minus the baseline `value` it is the generalised advantage estimate.
    Schulman et al. 2016.
    """
    delta = td(trajectories, gamma, values) - values[..., :-1]
    return values[..., :-1] + tail_sums(delta, gamma * gae_lambda)
