"""Gymnasium's flat spaces as plain values, which another process can be told in JSON."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space


def described(space: Space[Any]) -> dict[str, Any]:
    """What makes the space again, by the names of its constructor's arguments, and its kind.

    Raises `TypeError` for a space in which no policy can act.
    """
    match space:
        case Box():
            made = {"low": space.low.tolist(), "high": space.high.tolist(), "shape": list(space.shape)}
            return {"kind": "Box", **made, "dtype": str(space.dtype)}
        case Discrete():
            return {"kind": "Discrete", "n": int(space.n), "start": int(space.start)}
        case MultiDiscrete():
            made = {"nvec": space.nvec.tolist(), "start": space.start.tolist()}
            return {"kind": "MultiDiscrete", **made, "dtype": str(space.dtype)}
        case MultiBinary():
            n = space.n if isinstance(space.n, int) else list(space.shape)
            return {"kind": "MultiBinary", "n": n}
    raise TypeError(f"a space of the kind {type(space).__name__} is not flat")


def from_description(made: dict[str, Any]) -> Space[Any]:
    """The space that is described."""
    arguments = {name: value for name, value in made.items() if name != "kind"}
    match made["kind"]:
        case "Box":
            low, high = (np.array(made[side], made["dtype"]) for side in ("low", "high"))
            return Box(low, high, tuple(made["shape"]), np.dtype(made["dtype"]).type)
        case "Discrete":
            return Discrete(**arguments)
        case "MultiDiscrete":
            start, dtype = np.array(made["start"]), np.dtype(made["dtype"]).type
            return MultiDiscrete(np.array(made["nvec"]), dtype=dtype, start=start)
        case _:
            return MultiBinary(**arguments)
