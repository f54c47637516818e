"""Environments without a batched form, stepped in turn."""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces.utils import flatten, flatten_space
from numpy.typing import NDArray

from pgpipe.envs.batched import Flags, Floats
from pgpipe.envs.streams import AgentStreams
from pgpipe.spaces import shaped


class OneByOne:
    """Many of one Gymnasium id, with the part of `BatchedEnv` that rollouts use.

    Observations are flattened, discrete ones one-hot; actions come flat and are given the environment's own
    shape. An episode starts from a seed; a row whose episode is over stands still.
    """

    np_random: AgentStreams

    def __init__(self, id: str, num_envs: int, kwargs: Mapping[str, Any]) -> None:
        self.all_envs = self.envs = [gymnasium.make(id, **kwargs) for _ in range(num_envs)]
        self.single_observation_space = flatten_space(self.envs[0].observation_space)
        self.single_action_space = self.envs[0].action_space

    @property
    def longest(self) -> int | None:
        """Steps that an episode has at most, if the environment's registration says so."""
        spec = self.envs[0].spec
        return spec.max_episode_steps if spec else None

    def prepare(self, n: int) -> None:
        """Draw the seeds of n episodes."""
        self.envs = self.all_envs
        self.running = np.zeros(len(self.envs), dtype=bool)
        self.obs = np.zeros((len(self.envs), *(self.single_observation_space.shape or ())))
        self.seeds = self.np_random.integers(0, 2**31, size=n)

    def begin(self, rows: NDArray[np.int64], which: NDArray[np.int64]) -> None:
        """Start the episode of seed `which[i]` in row `rows[i]`."""
        for row, seed in zip(rows, self.seeds[which], strict=True):
            obs, _ = self.envs[row].reset(seed=int(seed))
            self.obs[row] = self._flat(obs)
        self.running[rows] = True

    def select(self, rows: NDArray[np.int64]) -> None:
        """Go on with these rows alone, until episodes are prepared anew."""
        self.envs = [self.envs[row] for row in rows]
        self.running, self.obs = self.running[rows], self.obs[rows]

    def observe(self) -> Floats:
        """What every row shows.  (num_envs, D)."""
        return self.obs.copy()

    def step(self, actions: NDArray[Any]) -> tuple[Floats, Floats, Flags, Flags]:
        """One step of every row that runs."""
        rewards = np.zeros(len(self.envs))
        terminated, truncated = np.zeros_like(self.running), np.zeros_like(self.running)
        # a policy that diverged has no number to act by
        actions = np.nan_to_num(actions, posinf=0.0, neginf=0.0)
        for row in np.flatnonzero(self.running):
            action = shaped(self.single_action_space, actions[row])
            obs, rewards[row], terminated[row], truncated[row], _ = self.envs[row].step(action)
            self.obs[row] = self._flat(obs)
        self.running &= ~(terminated | truncated)
        return self.observe(), rewards, terminated, truncated

    def close(self) -> None:
        """Free what the environments hold."""
        for env in self.all_envs:
            env.close()

    def _flat(self, obs: Any) -> NDArray[Any]:
        return np.asarray(flatten(self.envs[0].observation_space, obs))
