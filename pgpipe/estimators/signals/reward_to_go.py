"""Credit a step with the rewards still to come: an action cannot change the past."""

from torch import Tensor

from pgpipe.discounting import tail_sums, weighted_tail_sums
from pgpipe.estimators.facts import Facts
from pgpipe.trajectories import Trajectories


@Facts(lambda_return=1.0)
def reward_to_go(trajectories: Trajectories, gamma: float, future: Tensor | None = None) -> Tensor:
    """Q̂_t = Σ_{k≥t} γ^{k-t} r_k.  (..., N, T) -> (..., N, T).  Discounted J.  Lecture E17.

    The credit of step t is counted from step t. With a `future`, logarithms of ratios ρ (..., N, T), the
    reward of step k is multiplied by Π_{t<j≤k} ρ_j.  Lecture E29.
    """
    if future is None:
        return tail_sums(trajectories.rewards, gamma)
    return weighted_tail_sums(trajectories.rewards, gamma, future)
