"""Credit every step with the whole trajectory's return."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.trajectories import Trajectories


@Facts(whole_trajectory=True, lambda_return=1.0)
def total_return(trajectories: Trajectories, gamma: float) -> Tensor:
    """r(τ) = Σ_k γᵏ r_k.  (..., N, T) -> (..., N, 1).  Discounted J.  Lecture E11.

    One credit for all steps, counted from step 0.
    """
    return trajectories.discounted_returns(gamma)[..., None]
