"""Two steps and a hidden coin: the problem where the reward to go has the higher variance."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from pgpipe.envs.finite_horizon import FiniteHorizonEnv, FiniteHorizonVectorEnv


class CoinVectorEnv(FiniteHorizonVectorEnv):
    """r_1 = X,  r_2 = a_2 - X,  with a fair coin X = ±1 that nobody sees.

    | space       | shape, range   | meaning             |
    |-------------|----------------|---------------------|
    | observation | (1,), always 1 | there is one state  |
    | action      | {0, 1}         | what a_2 pays       |

    The first reward predicts the second one and cancels it in the total return, but not in what is to go.
    """

    def __init__(self, num_envs: int = 1) -> None:
        super().__init__(num_envs, 2, Box(0.0, 1.0, shape=(1,), dtype=np.float64), Discrete(2))

    def start(self, n: int) -> NDArray[np.float64]:
        """Toss the coin."""
        return np.where(self.np_random.random(n) < 0.5, -1.0, 1.0)

    def move(self, actions: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The coin first, then the action without it."""
        rewards = np.where(self.clock == 0, self.state, actions - self.state)
        return rewards, np.zeros(self.num_envs, dtype=bool)

    def observe(self) -> NDArray[np.float64]:
        """The one state; the coin stays hidden."""
        return np.ones((self.num_envs, 1))


class CoinEnv(FiniteHorizonEnv):
    """One toss, two steps."""

    def __init__(self) -> None:
        super().__init__(CoinVectorEnv(1))
