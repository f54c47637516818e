"""Go on or stop: every step further pays one, and the first stop ends it."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from pgpipe.envs.finite_horizon import FiniteHorizonEnv, FiniteHorizonVectorEnv


class ChainVectorEnv(FiniteHorizonVectorEnv):
    """Action 1 goes on and pays 1, action 0 stops and pays 0; the value after a stop is zero.

    | space       | shape, range   | meaning             |
    |-------------|----------------|---------------------|
    | observation | (1,), always 1 | there is one state  |
    | action      | {0, 1}         | stop, go on         |

    An episode of more than `horizon` steps is cut off as if it had stopped: choose it far out of reach.
    """

    def __init__(self, num_envs: int = 1, horizon: int = 1_000) -> None:
        super().__init__(num_envs, horizon, Box(0.0, 1.0, shape=(1,), dtype=np.float64), Discrete(2))

    def start(self, n: int) -> NDArray[np.float64]:
        """There is one state."""
        return np.ones(n)

    def move(self, actions: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """One unit for going on."""
        return (actions == 1).astype(np.float64), actions == 0

    def observe(self) -> NDArray[np.float64]:
        """The one state."""
        return self.state[:, None].copy()


class ChainEnv(FiniteHorizonEnv):
    """One walk along the chain; argument as for `ChainVectorEnv`."""

    def __init__(self, horizon: int = 1_000) -> None:
        super().__init__(ChainVectorEnv(1, horizon))
