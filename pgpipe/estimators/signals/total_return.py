"""Credit every step with the whole trajectory's return."""

from torch import Tensor

from pgpipe.trajectories import Trajectories


def total_return(trajectories: Trajectories, gamma: float) -> Tensor:
    """r(τ) = Σ_k γᵏ r_k.  (..., N, T) -> (..., N, 1).  Discounted J.  Lecture E11.

    One credit for all steps, counted from step 0.
    """
    return trajectories.discounted_returns(gamma)[..., None]
