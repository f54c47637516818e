"""What the numbers of observations and actions are, for the axes of figures."""

import numpy as np
import torch
from torch import Tensor

OBSERVATIONS = {
    "CartPole-v1": (
        "cart position (m)",
        "cart velocity (m/s)",
        "pole angle (rad)",
        "pole angular velocity (rad/s)",
    ),
    "Pendulum-v1": ("cos of the angle", "sin of the angle", "angular velocity (rad/s)"),
    "MountainCarContinuous-v0": ("car position", "car velocity (per step)"),
    "pgpipe/Line-v0": ("position s",),
}

# The number that shows best how an episode goes; elsewhere the first.
TRACED = {"CartPole-v1": 2}

ACTION_NUMBERS = {
    "Pendulum-v1": "torque (N m)",
    "MountainCarContinuous-v0": "force",
    "pgpipe/Line-v0": "move a",
}
ACTION_NAMES = {
    "CartPole-v1": ("left", "right"),
    "pgpipe/Grid-v0": ("up", "right", "down", "left"),
    "pgpipe/Chain-v0": ("stop", "go on"),
}
STATES = {"pgpipe/Grid-v0": "cell"}
TOKENS = ("pgpipe/Prompts-v0",)  # whose first action stops, and each other writes its number


def observation_names(id: str, n_obs: int) -> tuple[str, ...]:
    """A name with its unit for each of an environment's n_obs numbers."""
    return OBSERVATIONS.get(id, tuple(f"observation {i + 1}" for i in range(n_obs)))


def action_number(id: str) -> str:
    """The name of a continuous action, with its unit."""
    return ACTION_NUMBERS.get(id, "action a")


def action_names(id: str, n_actions: int = 2) -> tuple[str, ...]:
    """The names of discrete actions."""
    if id in TOKENS:
        return ("stop", *map(str, range(1, n_actions)))
    return ACTION_NAMES.get(id, tuple(f"action {i}" for i in range(n_actions)))


def state_names(id: str, n_states: int) -> tuple[str, ...]:
    """The names of states that an observation tells apart one by one; empty where there is only one."""
    return tuple(f"{STATES.get(id, 'state')} {i}" for i in range(n_states)) if n_states > 1 else ("",)


def traced(id: str, obs: Tensor) -> tuple[str, Tensor]:
    """One number that shows over time how an episode goes, and its name.  (..., T, D) -> (..., T)."""
    if id == "Pendulum-v1":
        angle = torch.atan2(obs[..., 1], obs[..., 0])
        # a turn past π goes on, instead of jumping to -π
        return "angle from upright (rad)", torch.as_tensor(np.unwrap(angle.numpy()))
    place = TRACED.get(id, 0)
    return observation_names(id, obs.shape[-1])[place], obs[..., place]
