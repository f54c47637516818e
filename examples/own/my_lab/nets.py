"""A policy of one's own."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Categorical


class Net(nn.Module):
    """Logits of the actions: a straight line in the place, and what a small network adds to it.

    Made with the environment's spaces, observations as flat numbers, and the `kwargs` of the config.
    """

    def __init__(self, observation_space: Any, action_space: Any, width: int = 8) -> None:
        super().__init__()
        n_obs, n_actions = observation_space.shape[0], int(action_space.n)
        self.straight = nn.Linear(n_obs, n_actions)
        self.inside = nn.Linear(n_obs, width)
        self.outside = nn.Linear(width, n_actions)

    def forward(self, obs: Tensor) -> Categorical:
        """(M, n_obs) -> a distribution over M actions, counted from 0 whatever the environment calls them."""
        return Categorical(logits=self.straight(obs) + self.outside(torch.tanh(self.inside(obs))))
