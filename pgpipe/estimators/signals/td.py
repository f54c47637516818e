"""Credit a step with its reward and the value of where it led."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.trajectories import Trajectories


@Facts(lambda_return=0.0)
def td(trajectories: Trajectories, gamma: float, values: Tensor) -> Tensor:
    """Q̂_t = r_t + γ V(s_{t+1}).  values (..., N, T+1) -> (..., N, T).  Sutton 1988.

    Minus the baseline `value` it is the temporal difference δ_t. Biased where V is not the value function.
    """
    return trajectories.rewards + gamma * values[..., 1:]
