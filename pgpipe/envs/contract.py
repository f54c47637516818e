"""A short episode from a seed, three times: does an environment keep the contract that rollouts rely on?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete, Space
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.envs.single import ContractError, arguments, close, longest, make, reset, step
from pgpipe.envs.spec import GymnasiumSpec
from pgpipe.spaces import OBSERVATIONS, not_flat

SEED = 0
# Steps of the short episode, and of one that has no limit and might never end.
SHORT, LONG = 200, 1_000


class Finding(TypedDict):
    """What the episodes have shown."""

    problem: str | None  # why no job can use it
    notes: list[str]  # what a reader has to know
    single: bool  # only one may exist in a process at a time


# That of an environment whose contract is kept by its tests.
KEPT: Finding = {"problem": None, "notes": [], "single": False}


@dataclass
class Episode:
    """What an environment showed and paid until its end, or as long as one looked."""

    obs: list[NDArray[Any]] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    ended: bool = False

    def differs(self, other: "Episode") -> str | None:
        """The first thing in which it is not the same; None if it is."""
        for t, (ours, theirs) in enumerate(zip_longest(self.obs, other.obs)):
            if ours is None or theirs is None:
                return f"episodes of {len(self.rewards)} and {len(other.rewards)} steps"
            if not np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"):
                return f"different observations after step {t}"
            if t and not np.array_equal(self.rewards[t - 1], other.rewards[t - 1], equal_nan=True):
                return f"rewards {self.rewards[t - 1]:g} and {other.rewards[t - 1]:g} at step {t}"
        return None

    def no_number(self) -> str | None:
        """The first observation or reward that is no number."""
        for t, obs in enumerate(self.obs):
            if t and not np.isfinite(self.rewards[t - 1]):
                return f"its reward is {self.rewards[t - 1]} at step {t} of the first episode (seed {SEED})"
            if not np.isfinite(obs).all():
                found = obs[~np.isfinite(obs)][0]
                return f"its observation holds {found} after step {t} of the first episode (seed {SEED})"
        return None


def examine(spec: GymnasiumSpec) -> Finding:
    """Make, reset and step an environment of a spec in this process; whatever was made is closed.

    A second instance, beside the first, must go the same way from the same seed, and so must its second
    episode, as rollouts use an instance again.
    """
    try:
        notes, single = _examined(spec)
    except ContractError as broken:
        return {"problem": str(broken), "notes": [], "single": False}
    return {"problem": None, "notes": notes, "single": single}


def _examined(spec: GymnasiumSpec) -> tuple[list[str], bool]:
    kwargs = arguments(spec)
    first = make(spec["id"], kwargs)
    second, single = None, False
    try:
        _spaces_serve(first)
        episode = play(first, _steps(first))
        if not episode.ended and longest(first) is None:
            raise ContractError(
                f"it has no time limit, and its first episode did not end in {len(episode.rewards)} steps; "
                "write max_episode_steps: 200, or as many as one should have"
            )
        try:
            second = make(spec["id"], kwargs)
        except ContractError:
            single = True
            episodes = [play(first, len(episode.rewards))]
        else:
            episodes = [play(second, len(episode.rewards)) for _ in range(2)]
    finally:
        for env in (first, second):
            if env is not None:
                close(env)
    return list(_notes(episode, episodes)), single


def _notes(episode: Episode, again: list[Episode]) -> Iterator[str]:
    """What a reader has to know of an environment that keeps the contract."""
    if found := episode.no_number():
        yield f"{found}; a seed or a cell stops where this happens"
    if found := next((found for other in again if (found := episode.differs(other))), None):
        yield (
            f"it is not reproducible: the same seed and actions gave {found}. Its results will differ from "
            "run to run (does it draw from np.random, random or a clock instead of self.np_random?)"
        )


def play(env: Any, steps: int) -> Episode:
    """An episode from the seed, with random actions that are always the same."""
    space = env.action_space
    space.seed(SEED)
    episode = Episode([reset(env, SEED)])
    for _ in range(steps):
        obs, reward, terminated, truncated = step(env, space.sample())
        episode.obs.append(obs)
        episode.rewards.append(reward)
        if terminated or truncated:
            episode.ended = True
            break
    return episode


def _spaces_serve(env: Any) -> None:
    """Refuse spaces that no policy can see or act in, and none at all."""
    for name in ("action_space", "observation_space"):
        if not isinstance(getattr(env, name, None), Space):
            raise ContractError(f"it has no {name}; needed: one of gymnasium.spaces")
    actions, observations = env.action_space, env.observation_space
    if isinstance(actions, Discrete) and actions.n == 1:
        raise ContractError(f"its action_space is {actions}: with one action there is nothing to choose")
    if not observations.is_np_flattenable:
        raise ContractError(
            f"its observation_space is {observations}: {not_flat(observations)} has no fixed number of "
            f"numbers. Allowed: {OBSERVATIONS}"
        )


def _steps(env: Any) -> int:
    limit = longest(env)
    return LONG if limit is None else min(limit, SHORT)
