"""Any Gymnasium environment as rows that run side by side, with a random stream for every agent."""

from collections.abc import Sequence
from importlib import import_module
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs import BATCHED
from pgpipe.envs.one_by_one import OneByOne
from pgpipe.envs.single import ContractError, arguments
from pgpipe.envs.spec import GymnasiumSpec
from pgpipe.envs.streams import AgentStreams

# Rows of an agent, as a multiple of the episodes needed if all are as long as can be: where nearly all are,
# the batch is complete with the first ones, and nobody waits for the last.
SPARE = 1.1
# Steps after which rows that no agent needs any more are left out.
TIDY_EVERY = 16


class ParallelEpisodes:
    """`agents` × `episodes` environments of one kind, agent by agent; each runs one episode to its end.

    Where the spec says `group`, so many of an agent's episodes in a row begin in one start state.

    Every row has a quota of one: taking the first episodes that finish would over-represent short ones.

    An agent's episodes are numbered from 0 in the order in which they start. `number` (A, W') says which one
    each of its rows runs, -1 where it runs none, and `began` (A, E) at which step of the rollout it started.
    Of the W rows of an agent W' are left: those that are over are dropped now and then, and `columns` (A, W')
    says which ones the others are. An agent's noise goes by that, so it does not depend on what is dropped.
    Where an agent has dropped more than others, only its first `widths` (A,) rows are its own, the rest junk;
    `even` says that this is nowhere so.

    Where there is no memory for all environments at a time, the rows run in waves, one after the other, each
    from its own step 0: `waiting` are those that have yet to run. What a row does depends on its own place
    and the agent's streams, so not on the waves.
    """

    def __init__(self, spec: GymnasiumSpec, agents: int, episodes: int) -> None:
        self.group = spec.get("group", 1)
        if episodes % self.group:
            raise ValueError(f"episodes: found {episodes}; allowed: a multiple of group, {self.group}")
        self._lay_out(make_rows(spec, agents * episodes), agents, episodes, episodes)

    def _lay_out(self, env: Any, agents: int, rows: int, most: int) -> None:
        """W `rows` of every agent; `most` is E, how many episodes of its it may take."""
        self.env, self.agents, self.rows, self.most = env, agents, rows, most
        self.columns = self.number = np.zeros((agents, rows), dtype=np.int64)
        self.began = np.zeros((agents, most), dtype=np.int64)
        self.widths, self.even = np.full(agents, rows), True
        self.waiting = np.arange(0)
        self.t = 0

    @property
    def complete(self) -> bool:
        """Whether every agent has its batch."""
        return bool(self.number.max() < 0)

    def reset(self, generators: Sequence[np.random.Generator]) -> NDArray[Any]:
        """Start a new batch, the episodes of agent i from its generator.  -> obs (A * W, D)."""
        self.t = 0
        self.widths, self.even = np.full(self.agents, self.rows), True
        self.columns = np.tile(np.arange(self.rows), (self.agents, 1))
        self.number = np.full_like(self.columns, -1)
        self.env.np_random = AgentStreams(generators)
        self.env.prepare(self.agents * self.most, self.group)
        self.waiting = np.arange(self.number.size)
        return self.next_wave()

    def next_wave(self) -> NDArray[Any]:
        """Start as many of the waiting rows as there is room for.  -> obs (A * W, D)."""
        self.t = 0
        rows, self.waiting = np.split(self.waiting, [self._wave()])
        self._begin(rows, self.columns.reshape(-1)[rows])
        return self.env.observe()

    def _wave(self) -> int:
        """Rows of one wave."""
        return self.env.most if self.stepped_in_turn else self.number.size

    @property
    def stepped_in_turn(self) -> bool:
        """Whether every row is an environment of its own."""
        return isinstance(self.env, OneByOne)

    def stop(self, agent: int) -> None:
        """From the next batch on leave an agent's environments alone: its rewards are no numbers."""
        self.env.stopped[agent * self.rows : (agent + 1) * self.rows] = True

    def rest(self) -> None:
        """The batch is complete, and nobody knows when the next one is asked for."""
        if self.stepped_in_turn:
            self.env.rest()

    def step(self, actions: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """-> obs (A * W', D), rewards, terminated, truncated (A * W',).

        Rows without an episode return anything.
        """
        self.t += 1
        return self.env.step(actions)[:4]

    def finish(self, rows: NDArray[np.int64]) -> None:
        """The episodes in these rows are over."""
        self.number.flat[rows] = -1

    def tidy(self) -> bool:
        """Now and then drop an agent's rows without an episode, if that leaves half of them or less.

        Returns whether any were dropped.
        """
        if self.t % TIDY_EVERY:
            return False
        if self.stepped_in_turn:  # rows stay, so that no bit depends on who runs when
            self.env.leave(np.flatnonzero(self.number < 0))
            return False
        left = (self.number >= 0).sum(1)
        # an agent's own rows alone decide, as the last bits of a product depend on how many rows it has
        drop = 2 * left <= self.widths
        if not drop.any() or self.complete:
            return False
        self.widths = np.where(drop, left, self.widths)
        # those that run come first, in their order
        keep = np.argsort(drop[:, None] & (self.number < 0), axis=1, kind="stable")[:, : self.widths.max()]
        self.even = bool(self.widths.min() == self.widths.max())
        every = np.arange(self.number.size).reshape(self.number.shape)
        self.number, self.columns, rows = (
            np.take_along_axis(part, keep, 1) for part in (self.number, self.columns, every)
        )
        self.env.select(rows.reshape(-1))
        self.env.np_random.select(self.columns, self.rows)
        return True

    def batch_size(self, agent: int) -> int:
        """N, how many of its episodes, the first to start, make an agent's batch."""
        return self.most

    def close(self) -> None:
        """Free what the environments hold."""
        self.env.close()

    def _begin(self, rows: NDArray[np.int64], numbers: NDArray[np.int64]) -> None:
        agents = rows // self.number.shape[1]
        self.number.flat[rows] = numbers
        self.began[agents, numbers] = self.t
        self.env.begin(rows, agents * self.most + numbers)


class ParallelSteps(ParallelEpisodes):
    """Whole episodes, one after the other, until an agent has `steps` steps: hw2's batch.

    The batch is the shortest sequence of episodes, in the order of their start, that has so many steps. To
    how many episodes that leads depends on their lengths, so a mean over them is slightly biased.

    An agent has rows for somewhat more episodes than are needed if all are as long as can be. A row whose
    episode is over starts the next one, as long as those that have started may not be enough.
    """

    def __init__(self, spec: GymnasiumSpec, agents: int, steps: int) -> None:
        self.group = 1
        if "group" in spec:  # the last one would be cut
            raise ValueError(f"group: found {spec['group']}; allowed in a batch counted in steps: null")
        one = make_rows(spec, 1)
        rows = ceil(SPARE * steps / (one.longest or steps))
        one.close()
        self.steps = steps
        # an episode has a step at least
        self._lay_out(make_rows(spec, agents * rows), agents, rows, steps + 2 * rows)

    def _wave(self) -> int:
        """All rows of some agents, as each of an agent's rows goes by all of them."""
        agents = super()._wave() // self.rows
        if not agents:
            raise ContractError(
                f"{self.env.id}: a batch of {self.steps} steps takes {self.rows} environments at a time; "
                f"there is room for {self.env.most}. Allowed: episodes instead of steps, or fewer steps"
            )
        return agents * self.rows

    def reset(self, generators: Sequence[np.random.Generator]) -> NDArray[Any]:
        """Start a new batch, the episodes of agent i from its generator.  -> obs (A * W, D)."""
        self.started = np.full(self.agents, self.rows)
        self.lengths = np.zeros_like(self.began)
        return super().reset(generators)

    def finish(self, rows: NDArray[np.int64]) -> None:
        """The episodes in these rows are over; the next ones start there, if they may be needed."""
        agents, numbers = rows // self.number.shape[1], self.number.flat[rows]
        self.lengths[agents, numbers] = self.t - self.began[agents, numbers]
        if self.t * self.rows >= self.steps:
            super().finish(rows)
            return
        place = np.arange(len(rows)) - np.searchsorted(agents, agents)  # among those of the same agent
        self._begin(rows, self.started[agents] + place)
        self.started += np.bincount(agents, minlength=self.agents)

    def tidy(self) -> bool:
        """Drop also episodes that started after enough others."""
        if self.t * self.rows < self.steps:
            return False
        if self.t % TIDY_EVERY == 0:
            agents, row = np.nonzero(self.number >= 0)
            running = self.number[agents, row]
            so_far = self.lengths[:, : self.started.max()].copy()
            so_far[agents, running] = self.t - self.began[agents, running]
            needed = 1 + np.sum(so_far.cumsum(1) < self.steps, axis=1)
            self.number[self.number >= needed[:, None]] = -1
        return super().tidy()

    def batch_size(self, agent: int) -> int:
        """N, how many of its episodes, the first to start, make an agent's batch."""
        return int(np.searchsorted(self.lengths[agent].cumsum(), self.steps)) + 1


def make_rows(spec: GymnasiumSpec, rows: int) -> Any:
    """So many environments of a spec, batched if the id has a batched form."""
    if spec["id"] not in BATCHED:
        return OneByOne(spec, rows)
    module, _, name = BATCHED[spec["id"]].partition(":")
    return getattr(import_module(module), name)(rows, **arguments(spec))
