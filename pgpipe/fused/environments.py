"""The environments whose steps are compiled: their numbers, and what each one's object says."""

import sys
from typing import Any

import numpy as np

CARTPOLE, ACROBOT, PENDULUM, CAR, PROMPTS, GRID = range(6)
KNOWN = {
    "CartPole-v1": CARTPOLE,
    "Acrobot-v1": ACROBOT,
    "Pendulum-v1": PENDULUM,
    "MountainCarContinuous-v0": CAR,
    "pgpipe/Prompts-v0": PROMPTS,
    "pgpipe/Grid-v0": GRID,
}
# What each asks Gymnasium's object, or its own, for, or else the module of the batched form, in this order.
ASKS = {
    CARTPOLE: (
        "gravity", "length", "masspole", "total_mass", "polemass_length", "force_mag", "tau",
        "x_threshold", "theta_threshold_radians", "_sutton_barto_reward",
    ),
    ACROBOT: (
        "dt", "MAX_VEL_1", "MAX_VEL_2", "GRAVITY", "M1", "M2", "L1", "C1", "C2",
        "INERTIA_1", "INERTIA_2", "COUPLING",
    ),
    PENDULUM: ("g", "m", "l", "dt", "max_torque", "max_speed"),
    CAR: (
        "min_action", "max_action", "power", "max_speed", "min_position", "max_position",
        "goal_position", "goal_velocity", "GRAVITY", "ARRIVAL", "EFFORT",
    ),
    PROMPTS: ("sums", "horizon", "partial", "targets"),
    GRID: ("size", "slip", "goal"),
}  # fmt: skip


def constants(env: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The numbers that go into the steps of a batched environment."""
    module, own = sys.modules[type(env).__module__], getattr(env, "single", env)
    found: Any = [getattr(own, name, getattr(module, name, None)) for name in ASKS[KNOWN[env.id]]]
    return np.hstack(found).astype(np.float64)
