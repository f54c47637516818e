"""One Gymnasium environment, held against its contract: whatever breaks it is told in a line."""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete, MultiDiscrete
from gymnasium.spaces.utils import flatdim, flatten
from numpy.typing import NDArray

from pgpipe.envs.spec import GymnasiumSpec
from pgpipe.errors import UserError
from pgpipe.spaces import shaped

RESET = "reset(self, *, seed=None, options=None) -> (observation, info)"
STEP = "step(self, action) -> (observation, reward, terminated, truncated, info)"


class ContractError(UserError):
    """What an environment does that Gymnasium's contract does not allow; its text is one line."""


def make(id: str, kwargs: Mapping[str, Any]) -> Any:
    """An environment, whatever its constructor raises told in a line.

    Gymnasium's own checker is left out: it warns of much that does not matter here, once for each instance.
    """
    return called("it cannot be made", gymnasium.make, id, disable_env_checker=True, **kwargs)


def arguments(spec: GymnasiumSpec) -> dict[str, Any]:
    """What `make` is told of a spec."""
    most = spec["max_episode_steps"]
    return ({} if most is None else {"max_episode_steps": most}) | spec["kwargs"]


def longest(env: Any) -> int | None:
    """Steps that an episode has at most, if the environment's registration says so."""
    return env.spec.max_episode_steps if env.spec else None


def reset(env: Any, seed: int) -> NDArray[Any]:
    """Start an episode from a seed.  -> the observation, flattened: (D,)."""
    what = f"its reset failed with seed {seed}"
    result = called(what, env.reset, seed=seed, hint=lambda: _old_reset(env))
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ContractError(f"its reset returned {_kind(result)}; needed: {RESET}")
    return flat(env, result[0])


def step(env: Any, action: Any) -> tuple[NDArray[Any], float, bool, bool]:
    """One step.  -> observation (D,), reward, terminated, truncated."""
    result = called("its step failed", env.step, action, hint=lambda: _old_step(env, action))
    if not (isinstance(result, tuple) and len(result) == 5):
        raise ContractError(_no_step(result))
    obs, reward, terminated, truncated, _ = result
    return flat(env, obs), number(reward), flag(terminated, "terminated"), flag(truncated, "truncated")


def close(env: Any) -> None:
    """Free what it holds."""
    called("its close failed", env.close)


def number(reward: Any) -> float:
    """A reward as a float, one of shape (1,) too."""
    if isinstance(reward, float):
        return reward
    if not isinstance(reward, str | bytes | None):
        array = np.asarray(reward)
        if array.size == 1 and array.dtype.kind in "biuf":
            return float(array.reshape(()))
        if array.size != 1:
            raise ContractError(f"its reward has shape {array.shape}; allowed: one number")
    raise ContractError(f"its reward is {reward!r}, of type {type(reward).__name__}; allowed: a number")


def flag(value: Any, name: str) -> bool:
    """Whether an episode is over, as a bool."""
    array = np.asarray(value)
    if array.size == 1 and array.dtype.kind in "biuf":
        return bool(array.reshape(()))
    raise ContractError(f"its {name} is {value!r}, of type {type(value).__name__}; allowed: true or false")


def flat(env: Any, obs: Any) -> NDArray[Any]:
    """An observation as its numbers, discrete ones one-hot.  -> (D,)."""
    space = env.observation_space
    try:
        numbers = np.asarray(flatten(space, obs))
    except Exception as error:
        what = f"its observation {_short(obs)} does not fit its observation_space {space}"
        raise ContractError(f"{what}: {told(error)}") from error
    fits = np.shape(obs) == space.shape if isinstance(space, Box) else numbers.size == flatdim(space)
    if not fits:
        shape = np.shape(obs) if isinstance(space, Box) else numbers.shape
        raise ContractError(f"its observation has shape {shape}; its observation_space is {space}")
    return numbers


def fitted(space: Any, action: NDArray[Any]) -> Any:
    """A flat action as the environment knows it: in its shape, counted from its start, clipped to its box.

    What a policy knows of it, and its log-probability, stays that of the action as it was chosen.
    """
    action = shaped(space, action)
    if isinstance(space, Discrete | MultiDiscrete):
        return action + space.start
    if isinstance(space, Box):
        whole = np.rint(action) if space.dtype is not None and space.dtype.kind in "iu" else action
        # clipped once more in the space's own precision, where a bound may have other bits
        return np.clip(np.clip(whole, space.low, space.high).astype(space.dtype), space.low, space.high)
    return action


def called(what: str, function: Callable[..., Any], *args: Any, hint: Any = None, **kwargs: Any) -> Any:
    """Call somebody else's function; `ContractError` says what failed, with any exception's own words.

    `hint` may know better what is wrong.
    """
    try:
        return function(*args, **kwargs)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        better = hint() if hint else None
        raise ContractError(better or f"{what}: {told(error)}") from error


def told(error: BaseException) -> str:
    """An exception in one line: its kind, its message, the last line of code."""
    message = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if message else ''}{message[:300]}{place}"


def _old_reset(env: Any) -> str | None:
    """What is wrong with a reset that takes no seed."""
    try:
        env.unwrapped.reset(seed=0)
    except TypeError as error:
        if "seed" in str(error) or "options" in str(error):
            return f"its reset takes no seed, an old form; needed: {RESET}"
    except BaseException:
        return None
    return None


def _old_step(env: Any, action: Any) -> str | None:
    """What is wrong with a step that returns four values."""
    try:
        env.unwrapped.reset(seed=0)
        result = env.unwrapped.step(action)
    except BaseException:
        return None
    if isinstance(result, tuple) and len(result) == 5:
        return None
    return _no_step(result)


def _no_step(result: Any) -> str:
    """What is wrong with what a step returned."""
    old = ", an old form" if isinstance(result, tuple) and len(result) == 4 else ""
    return f"its step returned {_kind(result)}{old}; needed: {STEP}"


def _kind(result: Any) -> str:
    if isinstance(result, tuple):
        return f"{len(result)} values"
    return f"one value of type {type(result).__name__}"


def _short(obs: Any) -> str:
    text = " ".join(repr(obs).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
