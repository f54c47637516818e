"""Small environments with the spaces that the built-in ones do not have, registered when this is imported."""

from copy import deepcopy
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Sequence, Space, Tuple

SEEN: dict[str, Space[Any]] = {
    "box": Box(-1.0, 1.0, (3,)),
    "dict": Dict({"place": Discrete(4), "speed": Box(-1.0, 1.0, (2,))}),
    "tuple": Tuple((Discrete(3), MultiBinary(2), MultiDiscrete([2, 3]))),
    "sequence": Sequence(Discrete(3)),
    "dict_sequence": Dict({"place": Discrete(4), "tail": Sequence(Discrete(3))}),
}
ACTED: dict[str, Space[Any]] = {
    "discrete": Discrete(3),
    "one": Discrete(1),
    "multi_discrete": MultiDiscrete([3, 2]),
    "multi_binary": MultiBinary(3),
    "binary_matrix": MultiBinary((2, 2)),
    "box": Box(-2.0, 2.0, (2,)),
    "matrix": Box(-2.0, 2.0, (2, 2)),
    "number": Box(-2.0, 2.0, ()),
    "integers": Box(0, 5, (1,), np.int64),
    "dict": Dict({"a": Discrete(2)}),
}


class Mirror(gymnasium.Env[Any, Any]):
    """Pays for action numbers near 1, and a little for what was seen; over after a few steps of random number."""

    def __init__(self, seen: str = "box", acted: str = "discrete") -> None:
        self.observation_space, self.action_space = deepcopy(SEEN[seen]), deepcopy(ACTED[acted])

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """A random observation."""
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        self.left = int(self.np_random.integers(3, 7))
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """The next random observation."""
        integers = not isinstance(self.action_space, Box)
        assert self.action_space.shape == np.shape(action)
        assert not integers or self.action_space.contains(action)
        self.left -= 1
        reward = -float(np.square(np.asarray(action, dtype=float) - 1).sum())
        return self.observation_space.sample(), reward, self.left == 0, False, {}


gymnasium.register(id="Own/Mirror-v0", entry_point="own_envs:Mirror", max_episode_steps=20)
