"""What all batched environments share: a state, a clock, and no automatic reset."""

from abc import abstractmethod
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
        self.num_envs = num_envs
        self.single_observation_space = observation
        self.single_action_space = action
        self.observation_space = batch_space(observation, num_envs)
        self.action_space = batch_space(action, num_envs)
        self.clock = np.zeros(num_envs, dtype=np.int64)
        self.state: NDArray[Any] = np.zeros(num_envs)

    @abstractmethod
    def start(self) -> NDArray[Any]:
        """Draw a start state for every environment.  ([d,] num_envs)."""

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
        fresh = self.start()
        self.state = np.where(chosen, fresh, self.state).astype(fresh.dtype)
        self.clock = np.where(chosen, 0, self.clock)
        return self.observe(), {}

    def step(self, actions: NDArray[Any]) -> tuple[NDArray[Any], Floats, Flags, Flags, dict[str, Any]]:
        """One step of every environment, as Gymnasium's contract has it."""
        with np.errstate(over="ignore", invalid="ignore"):  # a policy that diverged walks out of the numbers
            rewards, arrived = self.move(actions)
            obs = self.observe()
        self.clock = self.clock + 1
        return obs, rewards, *self.ends(arrived), {}
