"""Credit a step with the rewards still to come: an action cannot change the past."""

import torch
from torch import Tensor

from pgpipe.trajectories import Trajectories


def reward_to_go(trajectories: Trajectories, gamma: float) -> Tensor:
    """Q̂_t = Σ_{k≥t} γ^{k-t} r_k.  (..., N, T) -> (..., N, T).  Discounted J.  Lecture E17.

    The credit of step t is counted from step t.
    """
    rewards = trajectories.rewards
    step = torch.arange(rewards.shape[-1], dtype=rewards.dtype)
    delay = step[:, None] - step  # (k, t): how long after step t the reward of step k comes
    return rewards @ (gamma ** delay.clamp(min=0) * (delay >= 0))
