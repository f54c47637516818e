"""The Gaussian bandit: one step, one number to hit; every variance is known in closed form."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from pgpipe.envs.finite_horizon import FiniteHorizonEnv, FiniteHorizonVectorEnv


class BanditVectorEnv(FiniteHorizonVectorEnv):
    """r(a) = -(a - target)², after which the episode is over.

    | space       | shape, range | meaning                                              |
    |-------------|--------------|------------------------------------------------------|
    | observation | (1,), always 1 | so the linear-Gaussian policy is a ~ N(k, σ²)      |
    | action      | (1,), real   | the guess a                                          |
    """

    def __init__(self, num_envs: int = 1, target: float = 0.0) -> None:
        real = Box(-np.inf, np.inf, shape=(1,), dtype=np.float64)
        super().__init__(num_envs, 1, real, real)
        self.target = target

    def start(self, n: int) -> NDArray[np.float64]:
        """There is one state."""
        return np.ones(n)

    def move(self, actions: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Minus the squared distance to the target."""
        return -((actions[:, 0] - self.target) ** 2), np.ones(self.num_envs, dtype=bool)

    def observe(self) -> NDArray[np.float64]:
        """The one state."""
        return self.state[:, None].copy()


class BanditEnv(FiniteHorizonEnv):
    """One guess; argument as for `BanditVectorEnv`."""

    def __init__(self, target: float = 0.0) -> None:
        super().__init__(BanditVectorEnv(1, target))
