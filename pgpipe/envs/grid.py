"""A small square room with a goal in its last corner: a tabular problem with an exact gradient."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from pgpipe.envs.finite_horizon import FiniteHorizonEnv, FiniteHorizonVectorEnv

# row and column change of: up, right, down, left
MOVES = np.array([[-1, 0], [0, 1], [1, 0], [0, -1]])


def neighbour(states: NDArray[np.int64], actions: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The cell that a move leads to; walls stop it.  Cells count row by row from 0 to size² - 1."""
    cell = np.stack([states // size, states % size], axis=-1) + MOVES[actions]
    row, column = np.moveaxis(np.clip(cell, 0, size - 1), -1, 0)
    return row * size + column


class GridVectorEnv(FiniteHorizonVectorEnv):
    """Walk a size × size room; entering the last cell (bottom right) pays 1 and ends the episode.

    | space       | shape, range            | meaning                             |
    |-------------|-------------------------|-------------------------------------|
    | observation | (size²,), one-hot       | the cell                            |
    | action      | {0, 1, 2, 3}            | up, right, down, left               |

    With probability `slip` a move is replaced by one of the four, each equally likely. Episodes start
    anywhere but on the goal, each cell equally likely, and end after `horizon` steps at the latest.
    """

    id = "pgpipe/Grid-v0"

    def __init__(self, num_envs: int = 1, size: int = 4, slip: float = 0.1, horizon: int = 20) -> None:
        if not isinstance(size, int) or size < 2 or not 0 <= slip <= 1:
            raise ValueError(
                f"size must be a whole number from 2 up and slip in [0, 1], got {size=}, {slip=}"
            )
        one_hot = Box(0.0, 1.0, shape=(size**2,), dtype=np.float64)
        super().__init__(num_envs, horizon, one_hot, Discrete(4))
        self.size = size
        self.slip = slip
        self.goal = size**2 - 1

    def start(self, n: int) -> NDArray[np.int64]:
        """Any cell but the goal."""
        return self.np_random.integers(0, self.goal, n)

    def move(self, actions: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """One unit for entering the goal."""
        slips = self.np_random.random(self.num_envs) < self.slip
        made = np.where(slips, self.np_random.integers(0, 4, self.num_envs), actions)
        self.state = neighbour(self.state, made, self.size)
        arrived = self.state == self.goal
        return arrived.astype(np.float64), arrived

    def observe(self) -> NDArray[np.float64]:
        """One-hot code of the cell."""
        return np.eye(self.size**2)[self.state]


class GridEnv(FiniteHorizonEnv):
    """One walker in the room; arguments as for `GridVectorEnv`."""

    def __init__(self, size: int = 4, slip: float = 0.1, horizon: int = 20) -> None:
        super().__init__(GridVectorEnv(1, size, slip, horizon))
