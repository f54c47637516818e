"""The lecture's one-dimensional example: walk to 0 and stay there (E38, F7)."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from pgpipe.envs.finite_horizon import FiniteHorizonEnv, FiniteHorizonVectorEnv


class LineVectorEnv(FiniteHorizonVectorEnv):
    """s' = s + a + ν w,  r(s, a) = -s² - a²,  s_0 ~ N(0, start_std²),  w ~ N(0, 1).  Lecture E38.

    | space       | shape, range | meaning                        |
    |-------------|--------------|--------------------------------|
    | observation | (1,), real   | the place s; the goal is at 0  |
    | action      | (1,), real   | the step a                     |

    Arguments: `horizon` T in steps, `start_std` the spread of s_0, `noise_std` ν.
    """

    def __init__(
        self, num_envs: int = 1, horizon: int = 10, start_std: float = 1.0, noise_std: float = 0.0
    ) -> None:
        if not (0 <= start_std < np.inf and 0 <= noise_std < np.inf):
            raise ValueError(f"spreads must be numbers from 0 up, got {start_std=}, {noise_std=}")
        real = Box(-np.inf, np.inf, shape=(1,), dtype=np.float64)
        super().__init__(num_envs, horizon, real, real)
        self.start_std = start_std
        self.noise_std = noise_std

    def start(self, n: int) -> NDArray[np.float64]:
        """s_0 ~ N(0, start_std²)."""
        return self.start_std * self.np_random.standard_normal(n)

    def move(self, actions: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The reward is that of the place the step is taken from."""
        a = actions[:, 0]
        rewards = -(self.state**2) - a**2
        self.state = self.state + a + self.noise_std * self.np_random.standard_normal(self.num_envs)
        return rewards, np.zeros(self.num_envs, dtype=bool)

    def observe(self) -> NDArray[np.float64]:
        """The place itself."""
        return self.state[:, None].copy()


class LineEnv(FiniteHorizonEnv):
    """One walker on the line; arguments as for `LineVectorEnv`."""

    def __init__(self, horizon: int = 10, start_std: float = 1.0, noise_std: float = 0.0) -> None:
        super().__init__(LineVectorEnv(1, horizon, start_std, noise_std))
