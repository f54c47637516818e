"""Whole columns of a dataset as flat rows of numbers, as policies see and act, and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple
from gymnasium.spaces.utils import unflatten
from numpy.typing import NDArray

from pgpipe.errors import UserError
from pgpipe.spaces import action_shape

Array = NDArray[Any]


def alike(ours: Space[Any], theirs: Space[Any]) -> bool:
    """Whether what one space holds can be read as what the other does; bounds and precision may differ."""
    if isinstance(ours, Dict) and isinstance(theirs, Dict):
        same = ours.spaces.keys() == theirs.spaces.keys()
        return same and all(alike(part, theirs[key]) for key, part in ours.spaces.items())
    if isinstance(ours, Tuple) and isinstance(theirs, Tuple):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    if type(ours) is not type(theirs) or isinstance(ours, Dict | Tuple):
        return False
    return ours == theirs if isinstance(ours, Discrete | MultiDiscrete) else ours.shape == theirs.shape


def flat_rows(space: Space[Any], values: Any, n: int) -> Array:
    """So many observations, flattened as Gymnasium does it one by one.  -> (n, D).

    Raises `UserError` where they are not of the space.
    """
    if isinstance(space, Dict):
        return np.concatenate([flat_rows(part, values[key], n) for key, part in space.items()], 1)
    if isinstance(space, Tuple):
        return np.concatenate([flat_rows(part, values[i], n) for i, part in enumerate(space)], 1)
    numbers = _column(space, values, n)
    if isinstance(space, Discrete):
        return np.eye(int(space.n))[_counted(space, numbers)]
    if isinstance(space, MultiDiscrete):
        chosen, sizes = _counted(space, numbers).reshape(n, -1), space.nvec.reshape(-1)
        return np.concatenate([np.eye(k)[chosen[:, i]] for i, k in enumerate(sizes)], 1)
    return numbers.reshape(n, -1)


def flat_actions(space: Space[Any], values: Any, n: int) -> Array:
    """So many actions as a policy has them: choices from 0 on, numbers in a row.  -> (n, [E])."""
    numbers = _column(space, values, n)
    if isinstance(space, Discrete | MultiDiscrete | MultiBinary):
        numbers = _counted(space, numbers)
    return numbers.reshape(n, *action_shape(space))


def unflat_rows(space: Space[Any], rows: Array) -> Any:
    """Undo `flat_rows`: a column of the space's own values, a dictionary or tuple of them where it is one."""
    return _gathered(space, [unflatten(space, row) for row in rows])


def unflat_actions(space: Space[Any], rows: Array) -> Array:
    """Undo `flat_actions`."""
    if isinstance(space, Discrete | MultiDiscrete):
        rows = rows.reshape(len(rows), *(space.shape or ())) + space.start
    return rows.reshape(len(rows), *(space.shape or ())).astype(space.dtype)


def _gathered(space: Space[Any], values: Sequence[Any]) -> Any:
    if isinstance(space, Dict):
        return {key: _gathered(part, [value[key] for value in values]) for key, part in space.items()}
    if isinstance(space, Tuple):
        return tuple(_gathered(part, [value[i] for value in values]) for i, part in enumerate(space))
    return np.stack([np.asarray(value, space.dtype) for value in values])


def _column(space: Space[Any], values: Any, n: int) -> Array:
    """One value of the space for each of n steps."""
    numbers, wanted = np.asarray(values), (n, *(space.shape or ()))
    if numbers.shape != wanted and not (isinstance(space, Discrete) and numbers.shape == (n, 1)):
        raise UserError(f"found an array of shape {numbers.shape}; allowed: {wanted}")
    return numbers


def _counted(space: Any, numbers: Array) -> Array:
    """Choices, counted from 0."""
    first = 0 if isinstance(space, MultiBinary) else space.start
    most = (
        2 if isinstance(space, MultiBinary) else space.nvec if isinstance(space, MultiDiscrete) else space.n
    )
    counted = np.asarray(numbers, dtype=np.int64) - first
    if outside := numbers[(counted < 0) | (counted >= most)].tolist():
        raise UserError(f"found {outside[0]}, which is not in {space}")
    return counted.reshape(len(counted)) if isinstance(space, Discrete) else counted
