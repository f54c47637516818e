"""One environment that can be made to do nearly anything wrong; importing this module registers it."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

OBSERVATIONS: dict[str, Any] = {
    "box": spaces.Box(-1.0, 1.0, (3,), np.float32),
    "image": spaces.Box(0, 255, (2, 3), np.uint8),
    "scalar": spaces.Box(-np.inf, np.inf, ()),
    "discrete": spaces.Discrete(4),
    "shifted": spaces.Discrete(4, start=-2),
    "binary": spaces.MultiBinary(3),
    "several": spaces.MultiDiscrete([2, 3]),
    "dict": spaces.Dict({"a": spaces.Discrete(2), "b": spaces.Box(0, 1, (2,))}),
    "tuple": spaces.Tuple((spaces.Discrete(2), spaces.MultiBinary(2))),
    "sequence": spaces.Sequence(spaces.Discrete(2)),
    "nested": spaces.Dict({"a": spaces.Tuple((spaces.Sequence(spaces.Discrete(2)), spaces.Discrete(2)))}),
    "graph": spaces.Graph(spaces.Box(0, 1, (1,)), spaces.Discrete(2)),
}
ACTIONS: dict[str, Any] = {
    "two": spaces.Discrete(2),
    "one": spaces.Discrete(1),
    "shifted": spaces.Discrete(3, start=5),
    "box": spaces.Box(-1.0, 1.0, (1,), np.float32),
    "positive": spaces.Box(1.0, 5.0, (2,), np.float64),
    "integers": spaces.Box(0, 5, (1,), np.int64),
    "unbounded": spaces.Box(-np.inf, np.inf, (2,)),
    "several": spaces.MultiDiscrete([3, 2]),
    "binary": spaces.MultiBinary(2),
    "dict": spaces.Dict({"a": spaces.Discrete(2)}),
}
REWARDS = {
    "float": 1.0, "int": 1, "bool": True, "array0": np.array(1.0), "array1": np.ones(1, np.float32), "array2": np.ones(2),
    "none": None, "text": "1.0", "nan": np.nan, "inf": np.inf, "list": [1.0], "object": object(), "complex": 1j, "empty": [],
}  # fmt: skip
RAISED = {"runtime": RuntimeError("line one\nline two"), "key": KeyError("speed"), "assertion": AssertionError(), "exit": SystemExit(3), "os": OSError(5, "no such device"), "stop": StopIteration(), "unicode": ValueError("{x} %s ü")}  # fmt: skip
FAULTS = (
    "none",
    "raises",
    "nan",
    "inf",
    "wrong_shape",
    "old_step",
    "old_reset",
    "old_observation",
    "no_tuple",
    "flags",
)


class Generated(gym.Env):
    """Episodes of at most `length` steps, 0 for no end; `fault` happens in `where`, with `chance` at each call."""

    def __init__(self, obs="box", act="two", reward="float", length=4, fault="none", where="step", chance=1.0, raised="runtime", seeded=True):  # fmt: skip
        self.observation_space, self.action_space = OBSERVATIONS[obs], ACTIONS[act]
        self.reward, self.length, self.fault, self.where = reward, length, fault, where
        self.chance, self.raised, self.seeded = chance, raised, seeded
        if where == "init" and fault == "raises":
            raise RAISED[raised]

    def _now(self, where):
        return where == self.where and self.np_random.random() < self.chance

    def _look(self, where):
        if self._now(where):
            if self.fault == "raises":
                raise RAISED[self.raised]
            if self.fault in ("nan", "inf"):
                return np.full(self.observation_space.shape or (), float(self.fault))
            if self.fault == "wrong_shape":
                return np.zeros(7)
        if self.seeded:
            self.observation_space._np_random = self.np_random
        return self.observation_space.sample()

    def reset(self, *, seed=None, options=None):
        if self.fault == "old_reset" and seed is not None:
            raise TypeError("reset() got an unexpected keyword argument 'seed'")
        super().reset(seed=seed)
        self.t = 0
        look = self._look("reset")
        return look if self.fault == "old_observation" else (look, {})

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is not in {self.action_space}"
        self.t += 1
        obs, over = self._look("step"), bool(self.length and self.t >= self.length)
        if self.fault in ("old_step", "no_tuple"):
            return (obs, 1.0, over, {}) if self.fault == "old_step" else None
        flags = (None, "no") if self.fault == "flags" else (over, False)
        return obs, REWARDS[self.reward], *flags, {}


gym.register(id="Generated/Any-v0", entry_point=Generated)  # type: ignore[arg-type]
