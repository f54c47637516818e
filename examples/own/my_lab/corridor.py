"""A corridor with a prize at its right end."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

# How far an action moves: actions are named 1, 2 and 3.
STEPS = {1: -1, 2: 0, 3: 1}


class Corridor(gymnasium.Env[NDArray[np.float32], int]):
    """Go left, stay or go right, against a draught that pushes to the left now and then.

    | what         | values                                               |
    |--------------|------------------------------------------------------|
    | observation  | the place, from 0 (left end) to 1 (right end)        |
    | action       | 1 left, 2 stay, 3 right                              |
    | reward       | 1 for reaching the right end, which ends the episode |
    """

    def __init__(self, length: int = 4, draught: float = 0.2) -> None:
        self.length, self.draught = length, draught
        self.observation_space = spaces.Box(0.0, 1.0, (1,), np.float32)
        self.action_space: Any = spaces.Discrete(3, start=1)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start in the left half."""
        super().reset(seed=seed)
        self.place = int(self.np_random.integers(0, self.length // 2))
        return self._shown(), {}

    def step(self, action: int) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """One step, and perhaps one back."""
        self.place += STEPS.get(int(action), 0)
        if self.np_random.random() < self.draught:
            self.place -= 1
        self.place = max(self.place, 0)
        there = self.place >= self.length
        return self._shown(), float(there), there, False, {}

    def _shown(self) -> NDArray[np.float32]:
        return np.array([min(self.place / self.length, 1.0)], np.float32)
