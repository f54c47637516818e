"""What pgpipe's own problems share: a horizon after which the value is zero."""

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.batched import BatchedEnv, Flags


class FiniteHorizonVectorEnv(BatchedEnv):
    """Many episodes of at most `horizon` steps at once.

    The horizon belongs to the problem: at its end the state's value is zero, so the end is `terminated` and
    nothing is ever `truncated`.
    """

    def __init__(
        self, num_envs: int, horizon: int, observation: gymnasium.Space[Any], action: gymnasium.Space[Any]
    ) -> None:
        if not isinstance(horizon, int) or horizon < 1:
            raise ValueError(f"horizon must be a whole number of at least 1, got {horizon}")
        super().__init__(num_envs, observation, action)
        self.horizon = horizon

    @property
    def longest(self) -> int:
        """The horizon."""
        return self.horizon

    def ends(self, arrived: Flags) -> tuple[Flags, Flags]:
        """Terminated on arrival or at the horizon."""
        return arrived | (self.clock >= self.horizon), np.zeros(self.num_envs, dtype=bool)


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
