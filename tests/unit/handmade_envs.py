"""Small environments as a user writes them; importing this module registers them."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces


class Countdown(gym.Env):
    """A counter 0..length-1; subclasses change spaces, rewards, endings."""

    def __init__(self, length=5):
        self.length = length
        self.observation_space = spaces.Box(0.0, 1.0, (1,), np.float32)
        self.action_space = spaces.Discrete(2)

    def look(self):
        return np.array([self.t / self.length], np.float32)

    def pay(self, action):
        return float(action == 1)

    def over(self):
        return self.t >= self.length

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return self.look(), {}

    def step(self, action):
        reward = self.pay(action)
        self.t += 1
        return self.look(), reward, self.over(), False, {}


class StartOne(Countdown):
    """Actions are named 1, 2, 3; naming 3 pays one."""

    def __init__(self, strict=False):
        super().__init__()
        self.action_space, self.strict = spaces.Discrete(3, start=1), strict

    def pay(self, action):
        if self.strict and not self.action_space.contains(action):
            raise ValueError(f"action {action!r} is not one of {self.action_space}")
        return float(action == 3)


class ManyActions(Countdown):
    def __init__(self, kind="multi_discrete"):
        super().__init__()
        self.action_space = {
            "multi_discrete": spaces.MultiDiscrete([3, 2]),
            "multi_binary": spaces.MultiBinary(4),
            "dict": spaces.Dict({"a": spaces.Discrete(2)}),
            "scalar_box": spaces.Box(-1.0, 1.0, ()),
            "matrix_box": spaces.Box(-1.0, 1.0, (2, 2)),
            "integer_box": spaces.Box(0, 5, (1,), np.int64),
            "one": spaces.Discrete(1),
        }[kind]

    def pay(self, action):
        return float(np.sum(action))


class Seen(Countdown):
    """Two actions, and an observation of any kind."""

    def __init__(self, kind="dict", length=5):
        super().__init__(length)
        self.kind = kind
        self.observation_space = {
            "dict": spaces.Dict({"place": spaces.Discrete(6), "speed": spaces.Box(-1, 1, (2,), np.float32)}),
            "tuple": spaces.Tuple((spaces.Discrete(6), spaces.MultiBinary(3), spaces.MultiDiscrete([2, 4]))),
            "sequence": spaces.Sequence(spaces.Discrete(3)),
            "dict_sequence": spaces.Dict(
                {"head": spaces.Discrete(6), "tail": spaces.Sequence(spaces.Discrete(3))}
            ),
            "text": spaces.Text(8),
            "image": spaces.Box(0, 255, (32, 32, 3), np.uint8),
            "discrete_start": spaces.Discrete(6, start=10),
            "scalar_box": spaces.Box(0.0, 10.0, (), np.float32),
            "unbounded": spaces.Box(-np.inf, np.inf, (3,), np.float64),
            "oneof": spaces.OneOf((spaces.Discrete(6), spaces.Box(0, 1, (2,)))),
        }[kind]

    def look(self):
        t = min(self.t, 5)
        return {
            "dict": lambda: {"place": t, "speed": np.zeros(2, np.float32)},
            "tuple": lambda: (t, np.array([1, 0, 1], np.int8), np.array([1, 3])),
            "sequence": lambda: (1,) * t,
            "dict_sequence": lambda: {"head": t, "tail": (1,) * t},
            "text": lambda: "a" * (t + 1),
            "image": lambda: np.full((32, 32, 3), 40 * t, np.uint8),
            "discrete_start": lambda: 10 + t,
            "scalar_box": lambda: np.float32(t),
            "unbounded": lambda: np.array([t, 1e6 * t, -1e9]),
            "oneof": lambda: (np.int64(0), t),
        }[self.kind]()


class Bounded(Countdown):
    """A share of each of two things, from 1 to 5; anything else is refused."""

    def __init__(self, strict=True, low=1.0, high=5.0):
        super().__init__()
        self.action_space, self.strict = spaces.Box(low, high, (2,), np.float32), strict

    def pay(self, action):
        if self.strict:
            assert self.action_space.contains(np.asarray(action, np.float32)), (
                f"{action} is outside {self.action_space}"
            )
        return -float(np.square(np.asarray(action) - 4).sum())


class Paid(Countdown):
    """Rewards of another type than float, or of another size."""

    def __init__(self, kind="array1", length=5):
        super().__init__(length)
        self.kind = kind

    def pay(self, action):
        good = action == 1
        return {
            "array1": np.array([good], np.float64),
            "array0": np.array(float(good)),
            "int": int(good),
            "bool": bool(good),
            "array2": np.array([float(good), 1.0]),
            "none": None if self.t == 0 else float(good),
            "nan": np.nan if (self.t == 2 and good) else float(good),
            "huge": 1e12 * good,
            "zero": 0.0,
            "tiny": 1e-30 * good,
            "constant": -1.0,
            "text": "1.0",
        }[self.kind]


class Endless(Countdown):
    def over(self):
        return False


class Raises(Countdown):
    def pay(self, action):
        if self.t == 3 and self.np_random.random() < 0.2:
            raise RuntimeError("the simulator lost its connection")
        return float(action)


class OldReset(Countdown):
    def reset(self):  # type: ignore[override]  # noqa: RUF100  the fault that is wanted
        self.t = 0
        return self.look(), {}


class OldStep(Countdown):
    def step(self, action):
        self.t += 1
        return self.look(), float(action), self.over(), {}


class OldObs(Countdown):
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.look()


class Unseeded(Countdown):
    def pay(self, action):
        return float(action) + np.random.normal()  # noqa: NPY002  the fault that is wanted


class AtOnce(Countdown):
    """Over at the first step, or, with `sometimes`, at a random one."""

    def __init__(self, sometimes=False):
        super().__init__()
        self.sometimes = sometimes

    def over(self):
        return True if not self.sometimes else bool(self.np_random.random() < 0.7)


class Heavy(Countdown):
    """A map of so many megabytes in each instance."""

    def __init__(self, megabytes=4):
        super().__init__()
        self.map = np.ones(megabytes * 131072)


class Licensed(Countdown):
    """One simulator a process."""

    running = 0

    def __init__(self):
        super().__init__()
        type(self).running += 1
        if type(self).running > 1:
            raise RuntimeError("only one simulator may run")

    def close(self):
        type(self).running -= 1


class Unspaced(gym.Env):
    """Its author has forgotten the spaces."""


class WrongShape(Countdown):
    """Says three numbers, shows two."""

    def __init__(self):
        super().__init__()
        self.observation_space = spaces.Box(-1, 1, (3,), np.float32)

    def look(self):
        return np.zeros(2, np.float32)


class NoNumbers(Countdown):
    """An observation that is no number at times."""

    def look(self):
        return np.array([np.nan if self.t == 3 else self.t / self.length], np.float32)


def wrapped(scale=0.1):
    return gym.wrappers.TransformReward(Countdown(), lambda r: scale * r)


for _name, _entry in {
    "Countdown": Countdown,
    "StartOne": StartOne,
    "ManyActions": ManyActions,
    "Seen": Seen,
    "Bounded": Bounded,
    "Paid": Paid,
    "Endless": Endless,
    "Raises": Raises,
    "OldReset": OldReset,
    "OldStep": OldStep,
    "OldObs": OldObs,
    "Unseeded": Unseeded,
    "AtOnce": AtOnce,
    "Heavy": Heavy,
    "Licensed": Licensed,
    "Unspaced": Unspaced,
    "WrongShape": WrongShape,
    "NoNumbers": NoNumbers,
    "Wrapped": wrapped,
}.items():
    gym.register(id=f"Handmade/{_name}-v0", entry_point=_entry)  # type: ignore[arg-type]
