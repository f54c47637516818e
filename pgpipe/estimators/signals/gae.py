"""Credit a step with a mixture of the rewards that came and the values that were expected."""

from torch import Tensor

from pgpipe.discounting import tail_sums, weighted_tail_sums
from pgpipe.estimators.facts import Facts
from pgpipe.estimators.signals.td import td
from pgpipe.trajectories import Trajectories


@Facts(lambda_return="gae_lambda")
def gae(
    trajectories: Trajectories,
    gamma: float,
    values: Tensor,
    gae_lambda: float,
    future: Tensor | None = None,
) -> Tensor:
    """Q̂_t = V(s_t) + Σ_{k≥t} (γλ)^{k-t} δ_k,  δ_k = r_k + γ V(s_{k+1}) - V(s_k).  -> (..., N, T).

    values (..., N, T+1). The λ-return: λ = 0 is `td`, and at λ = 1 every V but that of a truncated end
    cancels and leaves the reward to go. Minus the baseline `value` it is the generalised advantage estimate.
    Schulman et al. 2016. With a `future`, logarithms of ratios ρ (..., N, T), δ_k is multiplied by
    Π_{t<j≤k} ρ_j, as in V-trace without its clipping (Espeholt et al. 2018).
    """
    # the value of a cut-off end is no step's: what stands on padding may not reach back
    delta = (td(trajectories, gamma, values) - values[..., :-1]) * trajectories.mask
    if future is None:
        return values[..., :-1] + tail_sums(delta, gamma * gae_lambda)
    return values[..., :-1] + weighted_tail_sums(delta, gamma * gae_lambda, future)
