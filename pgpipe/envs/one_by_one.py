"""Environments without a batched form, stepped in turn."""

from typing import Any

import numpy as np
from gymnasium.spaces.utils import flatten_space
from numpy.typing import NDArray

from pgpipe.envs.batched import Flags, Floats
from pgpipe.envs.room import room
from pgpipe.envs.single import ContractError, arguments, close, fitted, longest, make, reset, step
from pgpipe.envs.spec import GymnasiumSpec
from pgpipe.envs.streams import AgentStreams

# Steps after which an episode that has no limit is taken to have no end.
ENDLESS = 1_000_000


class OneByOne:
    """Rows of one Gymnasium environment, with the part of `BatchedEnv` that rollouts use.

    Observations are flattened, discrete ones one-hot; actions come flat and get the environment's own shape.
    An episode starts from a seed; a row whose episode is over stands still, and its instance is free for
    another one. Only so many instances are alive as there is memory for: `most`. Rows are never left out, so
    that what a policy computes has the same shape, and the same bits, however many run at a time.

    An observation or a reward that is no number ends its episode; where rows are `stopped` an episode is one
    reward that is no number, and nothing is called. What breaks Gymnasium's contract, or
    raises, raises `ContractError` with the environment's id, seed and step.
    """

    np_random: AgentStreams

    def __init__(self, spec: GymnasiumSpec, num_envs: int) -> None:
        self.id, self.kwargs, self.rows = spec["id"], arguments(spec), num_envs
        self.single = spec.get("single", False)
        self.most = 1 if self.single else min(num_envs, room(self.id, self.kwargs) if num_envs > 1 else 1)
        self.idle: list[Any] = []
        self.at_work: dict[int, Any] = {}  # the instance of each row that runs
        self.stopped = np.zeros(num_envs, dtype=bool)
        first = self._instance()
        self.longest = longest(first)
        self.space = first.action_space
        self.single_observation_space = flatten_space(first.observation_space)
        self.single_action_space = first.action_space
        self.idle.append(first)
        self.rest()

    def prepare(self, n: int, group: int = 1) -> None:
        """Draw the seeds of n episodes.

        Raises `ContractError` for groups: a seed that begins an episode decides all chance in it, too.
        """
        if group > 1:
            raise ContractError(f"{self.id}: group: found {group}; allowed: null, as it has no batched form")
        self.leave(np.arange(self.rows))
        self.obs = np.zeros((self.rows, *(self.single_observation_space.shape or ())))
        self.clock, self.seed = np.zeros((2, self.rows), dtype=np.int64)
        self.seeds = self.np_random.integers(0, 2**31, size=n)

    def begin(self, rows: NDArray[np.int64], which: NDArray[np.int64]) -> None:
        """Start the episode of seed `which[i]` in row `rows[i]`."""
        for row, seed in zip(rows.tolist(), self.seeds[which].tolist(), strict=True):
            self.clock[row], self.seed[row] = 0, seed
            if self.stopped[row]:
                self.at_work[row], self.obs[row] = None, np.nan
                continue
            self.at_work[row] = self.at_work.get(row) or self._instance()
            try:
                self.obs[row] = reset(self.at_work[row], seed)
            except ContractError as broken:
                raise ContractError(f"{self.id}: {broken}") from broken

    def leave(self, rows: NDArray[np.int64]) -> None:
        """Nothing that goes on in these rows is needed any more."""
        self.idle += [env for row in rows.tolist() if (env := self.at_work.pop(row, None)) is not None]

    def observe(self) -> Floats:
        """What every row shows.  (num_envs, D)."""
        return self.obs.copy()

    def step(self, actions: NDArray[Any]) -> tuple[Floats, Floats, Flags, Flags]:
        """One step of every row that runs."""
        rewards = np.zeros(self.rows)
        terminated, truncated = np.zeros((2, self.rows), dtype=bool)
        # a policy that diverged has no number to act by
        actions = np.nan_to_num(actions, posinf=0.0, neginf=0.0)
        for row, env in list(self.at_work.items()):
            if np.isfinite(self.obs[row]).all():
                found = self._step(row, env, actions[row])
                self.obs[row], rewards[row], terminated[row], truncated[row] = found
                if not np.isfinite(self.obs[row]).all():
                    rewards[row] = np.nan  # so that no estimate is made of what led there
                terminated[row] |= not np.isfinite(rewards[row])
            else:  # its first observation
                rewards[row], terminated[row] = np.nan, True
        self.leave(np.flatnonzero(terminated | truncated))
        return self.observe(), rewards, terminated, truncated

    def rest(self) -> None:
        """Between two rollouts: where only one instance may exist in a process, another one may be made."""
        if self.single:
            self.close()

    def close(self) -> None:
        """Free what the environments hold."""
        self.leave(np.arange(self.rows))
        for env in self.idle:
            close(env)
        self.idle = []

    def _instance(self) -> Any:
        """One that is free, or a new one."""
        if self.idle:
            return self.idle.pop()
        try:
            return make(self.id, self.kwargs)
        except ContractError as broken:
            raise ContractError(f"{self.id}: {broken}") from broken

    def _step(self, row: int, env: Any, action: NDArray[Any]) -> tuple[NDArray[Any], float, bool, bool]:
        """One step of one row; what goes wrong is told with its place."""
        self.clock[row] += 1
        try:
            if self.longest is None and self.clock[row] > ENDLESS:
                raise ContractError("it has no time limit, and does not end; write max_episode_steps")
            return step(env, fitted(self.space, action))
        except ContractError as broken:
            where = f"step {self.clock[row]} of the episode from seed {self.seed[row]}"
            raise ContractError(f"{self.id}, {where}: {broken}") from broken
