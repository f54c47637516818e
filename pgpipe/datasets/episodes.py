"""The episodes of a Minari dataset, one by one; what no study can use is told in a line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Space

from pgpipe.datasets.flat import Array, alike, flat_actions, flat_rows
from pgpipe.errors import UserError, told
from pgpipe.nearest import nearest_name


@dataclass(frozen=True)
class Format:
    """What the episodes have to look like."""

    observations: Space[Any]
    actions: Space[Any]
    longest: int | None  # steps of an episode, None if it may go on for ever
    log_probs: str | None  # the key of `infos` that holds log π(a|s) of each action; None: not asked for


@dataclass(frozen=True)
class Episode:
    """T steps as policies see them."""

    obs: Array  # (T + 1, D)
    actions: Array  # (T, [E])
    rewards: Array  # (T,)
    log_probs: Array | None  # (T,), None where none are recorded
    terminated: bool

    def __len__(self) -> int:
        return len(self.rewards)


def open_dataset(data: Path) -> Any:
    """Minari's own object for the folder of a dataset's data.  Raises `UserError` for any reason."""
    import minari  # the optional group; nothing else needs it

    try:
        return minari.MinariDataset(data)
    except Exception as error:
        raise UserError(f"Minari cannot read it: {told(error)}") from error


def read_episodes(data: Path, wanted: Format) -> Iterator[Episode]:
    """All episodes in their order.  Raises `UserError` at the first thing that does not fit."""
    dataset = open_dataset(data)
    for what in ("observation", "action"):
        ours, theirs = getattr(wanted, f"{what}s"), getattr(dataset, f"{what}_space")
        if not alike(ours, theirs):
            raise UserError(f"its {what}s are {theirs}; the environment has {ours}")
    recorded: bool | None = None  # by the first episode
    for number in range(dataset.total_episodes):
        try:
            read = _episode(dataset[number], wanted)
        except UserError as error:
            raise UserError(f"episode {number}: {error}") from None
        except Exception as error:  # whatever a file may hold
            raise UserError(f"episode {number}: cannot be read: {told(error)}") from error
        if recorded not in (None, read.log_probs is not None):
            has = "has" if recorded is False else "lacks"
            raise UserError(f"episode {number}: it {has} infos.{wanted.log_probs}; allowed: all do, or none")
        recorded = read.log_probs is not None
        yield read


def _episode(episode: Any, wanted: Format) -> Episode:
    T = len(episode.rewards)
    if T == 0:
        raise UserError("it has no step")
    if wanted.longest is not None and wanted.longest < T:
        raise UserError(f"it has {T} steps; the environment's episodes end after {wanted.longest}")
    obs = _told("observations", flat_rows, wanted.observations, episode.observations, T + 1)
    actions = _told("actions", flat_actions, wanted.actions, episode.actions, T)
    rewards = np.asarray(episode.rewards, dtype=np.float64).reshape(-1)
    for what, values in (("observation", obs), ("action", actions), ("reward", rewards)):
        if len(at := np.argwhere(~np.isfinite(values))):
            step, found = at[0][0] + (what != "observation"), values[tuple(at[0])]
            raise UserError(f"its {what} is {found} at step {step}")
    over = np.asarray(episode.terminations, bool) | np.asarray(episode.truncations, bool)
    if len(over) != T or over[:-1].any() or not over[-1]:
        when = f"after step {1 + int(over.argmax())}" if over.any() else "nowhere"
        raise UserError(
            f"it has {T} steps and ends {when}; allowed: whole episodes, ended by their last step"
        )
    recorded = _log_probs(episode.infos, wanted.log_probs, T)
    return Episode(obs, actions, rewards, recorded, bool(episode.terminations[-1]))


def _told(what: str, function: Any, space: Space[Any], values: Any, n: int) -> Array:
    try:
        return function(space, values, n)
    except UserError as error:
        raise UserError(f"{what}: {error}") from None


def _log_probs(infos: Mapping[str, Any] | None, key: str | None, T: int) -> Array | None:
    """Those of T actions; where there is one more the first came with the reset, before any action."""
    if key is None or key not in (infos or {}):
        return None
    found = np.asarray((infos or {})[key])
    if found.dtype.kind not in "fiu" or found.size not in (T, T + 1) or len(found) != found.size:
        raise UserError(f"infos.{key}: found {found.dtype} of shape {found.shape}; allowed: ({T},)")
    numbers = found.reshape(-1)[found.size - T :].astype(np.float64)
    if len(at := np.flatnonzero(~np.isfinite(numbers))):
        raise UserError(f"infos.{key}: found {numbers[at[0]]} at step {at[0] + 1}; allowed: finite numbers")
    return numbers


def recorded_keys(data: Path) -> list[str]:
    """The keys of the first episode's `infos`."""
    first = next(open_dataset(data).iterate_episodes(), None)
    return sorted(first.infos or {}) if first else []


def missing_key(key: str, data: Path) -> str:
    """That the infos have no such key, and which they have."""
    keys = recorded_keys(data)
    known = ", ".join(keys) or "none"
    return f"found {key}, which its infos do not have{nearest_name(key, keys)} Keys of infos: {known}"
