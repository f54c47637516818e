"""What all batched environments share: a state, a clock, and no automatic reset."""

from abc import abstractmethod
from functools import cached_property
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class BatchedEnv(VectorEnv):
    """Many episodes at once; whoever steps it resets it.

    A subclass says how episodes start, move, look and end. The last axis of `state` counts the environments.
    """

    metadata = {"autoreset_mode": AutoresetMode.DISABLED}  # noqa: RUF012  Gymnasium's own form

    def __init__(
        self, num_envs: int, observation: gymnasium.Space[Any], action: gymnasium.Space[Any]
    ) -> None:
        self.num_envs = self.all_envs = num_envs
        self.single_observation_space = observation
        self.single_action_space = action
        self.clock = np.zeros(num_envs, dtype=np.int64)
        self.state: NDArray[Any] = np.zeros(num_envs)
        self.starts: NDArray[Any] = np.zeros(num_envs)

    @cached_property
    def observation_space(self) -> gymnasium.Space[Any]:  # type: ignore[override]
        """That of all environments together; made when asked for, as it copies itself many times."""
        return batch_space(self.single_observation_space, self.num_envs)

    @cached_property
    def action_space(self) -> gymnasium.Space[Any]:  # type: ignore[override]
        """That of all environments together."""
        return batch_space(self.single_action_space, self.num_envs)

    @property
    @abstractmethod
    def longest(self) -> int:
        """Steps that an episode has at most."""

    @abstractmethod
    def start(self, n: int) -> NDArray[Any]:
        """Draw n start states.  ([d,] n)."""

    @abstractmethod
    def move(self, actions: NDArray[Any]) -> tuple[Floats, Flags]:
        """Change `state` by the actions; return (rewards, arrived), both (num_envs,)."""

    @abstractmethod
    def observe(self) -> NDArray[Any]:
        """What the agents see of `state`.  (num_envs, D)."""

    @abstractmethod
    def ends(self, arrived: Flags) -> tuple[Flags, Flags]:
        """(terminated, truncated), both (num_envs,), of a step after which `clock` steps are done."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """Start new episodes: all, or those that `options["reset_mask"]` marks."""
        super().reset(seed=seed)
        chosen = (options or {}).get("reset_mask", np.ones(self.num_envs, dtype=bool))
        fresh = self.start(self.num_envs)
        self.state = np.where(chosen, fresh, self.state).astype(fresh.dtype)
        self.clock = np.where(chosen, 0, self.clock)
        return self.observe(), {}

    def prepare(self, n: int, group: int = 1) -> None:
        """Draw the start states of n episodes, which `begin` then counts from 0; so many begin in each."""
        self.num_envs = self.all_envs
        self.starts = np.repeat(self.start(n // group), group, axis=-1)
        self.state = np.zeros((*self.starts.shape[:-1], self.num_envs), dtype=self.starts.dtype)
        self.clock = np.zeros(self.num_envs, dtype=np.int64)

    def begin(self, rows: NDArray[np.int64], which: NDArray[np.int64]) -> None:
        """Start episode `which[i]` of those prepared in row `rows[i]`."""
        self.state[..., rows] = self.starts[..., which]
        self.clock[rows] = 0

    def select(self, rows: NDArray[np.int64]) -> None:
        """Go on with these rows alone, until episodes are prepared anew."""
        self.num_envs = len(rows)
        self.state, self.clock = self.state[..., rows], self.clock[rows]

    def step(self, actions: NDArray[Any]) -> tuple[NDArray[Any], Floats, Flags, Flags, dict[str, Any]]:
        """One step of every environment, as Gymnasium's contract has it; rows that are over fall on."""
        rewards, arrived = self.move(actions)
        self.clock += 1
        return self.observe(), rewards, *self.ends(arrived), {}
