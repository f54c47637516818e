"""Credit a step with the rewards still to come: an action cannot change the past."""

from torch import Tensor

from pgpipe.discounting import tail_sums
from pgpipe.trajectories import Trajectories


def reward_to_go(trajectories: Trajectories, gamma: float) -> Tensor:
    """Q̂_t = Σ_{k≥t} γ^{k-t} r_k.  (..., N, T) -> (..., N, T).  Discounted J.  Lecture E17.

    The credit of step t is counted from step t.
    """
    return tail_sums(trajectories.rewards, gamma)
