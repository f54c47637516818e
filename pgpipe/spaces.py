"""What of Gymnasium's spaces a policy can see and act in, as flat rows of numbers."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple
from numpy.typing import NDArray

ACTIONS = "Discrete, MultiDiscrete, MultiBinary, Box"
OBSERVATIONS = "Box, Discrete, MultiDiscrete, MultiBinary, Dict and Tuple of these"


def action_shape(space: Space[Any]) -> tuple[int, ...]:
    """What an action of a policy looks like: () a choice, (E,) as many choices or numbers."""
    return () if isinstance(space, Discrete) else (int(np.prod(space.shape or ())),)


def choices(space: Space[Any]) -> tuple[int, ...] | None:
    """How many there are to choose from on every axis of an action; None if it is real numbers."""
    if isinstance(space, Discrete):
        return (int(space.n),)
    if isinstance(space, MultiDiscrete):
        return tuple(int(n) for n in space.nvec.reshape(-1))
    return (2,) * action_shape(space)[0] if isinstance(space, MultiBinary) else None


def shaped(space: Space[Any], action: NDArray[Any]) -> Any:
    """A policy's flat action in the shape that the environment gives its own."""
    return action if isinstance(space, Discrete) else action.reshape(space.shape)


def action_problem(space: Space[Any]) -> str | None:
    """Why no policy can act in a space; None if one can."""
    if not isinstance(space, Discrete | MultiDiscrete | MultiBinary | Box):
        return f"actions {space}; allowed: {ACTIONS}"
    if set(choices(space) or (0,)) == {1}:
        return f"actions {space}; allowed: more than one, or there is nothing to choose"
    return None


def observation_problem(space: Space[Any]) -> str | None:
    """Why no policy can see a space; None if Gymnasium can flatten it."""
    if space.is_np_flattenable:
        return None
    return f"observations {space}; {_not_flat(space)} has no fixed number of numbers. Allowed: {OBSERVATIONS}"


def _not_flat(space: Space[Any]) -> Space[Any]:
    """The part that cannot be flattened."""
    if not isinstance(space, Dict | Tuple):
        return space
    parts = space.spaces.values() if isinstance(space, Dict) else space.spaces
    return next(_not_flat(part) for part in parts if not part.is_np_flattenable)
