"""What Line and Grid share: a state, a clock, a horizon after which the value is zero."""

from abc import abstractmethod
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray


class FiniteHorizonVectorEnv(VectorEnv):
    """Many episodes of `horizon` steps at once; whoever steps it resets it (no automatic reset).

    The horizon belongs to the problem: at its end the state's value is zero, so the end is `terminated` and
    nothing is ever `truncated`. A subclass says how episodes start, move and look.
    """

    metadata = {"autoreset_mode": AutoresetMode.DISABLED}  # noqa: RUF012  Gymnasium's own form

    def __init__(
        self, num_envs: int, horizon: int, observation: gymnasium.Space[Any], action: gymnasium.Space[Any]
    ) -> None:
        if not isinstance(horizon, int) or horizon < 1:
            raise ValueError(f"horizon must be a whole number of at least 1, got {horizon}")
        self.num_envs = num_envs
        self.horizon = horizon
        self.single_observation_space = observation
        self.single_action_space = action
        self.observation_space = batch_space(observation, num_envs)
        self.action_space = batch_space(action, num_envs)
        self.clock = np.zeros(num_envs, dtype=np.int64)
        self.state: NDArray[Any] = np.zeros(num_envs)

    @abstractmethod
    def start(self) -> NDArray[Any]:
        """Draw a start state for every environment.  (num_envs,)."""

    @abstractmethod
    def move(self, actions: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Change `state` by the actions; return (rewards, arrived), both (num_envs,)."""

    @abstractmethod
    def observe(self) -> NDArray[np.float64]:
        """What the agents see of `state`.  (num_envs, D)."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        """Start new episodes: all, or those that `options["reset_mask"]` marks."""
        super().reset(seed=seed)
        chosen = (options or {}).get("reset_mask", np.ones(self.num_envs, dtype=bool))
        fresh = self.start()
        self.state = np.where(chosen, fresh, self.state).astype(fresh.dtype)
        self.clock = np.where(chosen, 0, self.clock)
        return self.observe(), {}

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[
        NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]
    ]:
        """One step of every environment, as Gymnasium's contract has it."""
        with np.errstate(over="ignore", invalid="ignore"):  # a policy that diverged walks out of the numbers
            rewards, arrived = self.move(actions)
        self.clock = self.clock + 1
        terminated = arrived | (self.clock >= self.horizon)
        return self.observe(), rewards, terminated, np.zeros(self.num_envs, dtype=bool), {}


class FiniteHorizonEnv(gymnasium.Env):
    """One episode at a time: a vector environment of one, so that each problem is written down once."""

    metadata = {"render_modes": []}  # noqa: RUF012  Gymnasium's own form

    def __init__(self, vector: FiniteHorizonVectorEnv) -> None:
        self.vector = vector
        self.observation_space = vector.single_observation_space
        self.action_space = vector.single_action_space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        """Start a new episode."""
        super().reset(seed=seed)
        self.vector.np_random = self.np_random
        obs, info = self.vector.reset()
        return obs[0], info

    def step(self, action: Any) -> tuple[NDArray[np.float64], float, bool, bool, dict[str, Any]]:
        """One step, as Gymnasium's contract has it."""
        obs, rewards, terminated, truncated, info = self.vector.step(np.asarray(action)[None])
        return obs[0], float(rewards[0]), bool(terminated[0]), bool(truncated[0]), info
