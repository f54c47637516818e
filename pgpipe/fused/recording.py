"""The compiled counterpart of a recording: the same rows, streams and batches, an agent after the other."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.envs.streams import FirstColumns
from pgpipe.fused import kernel
from pgpipe.fused.batch import FusedBatch
from pgpipe.fused.compiled_network import Floats
from pgpipe.fused.environments import GRID, KNOWN
from pgpipe.fused.gradient import AT_A_TIME
from pgpipe.fused.layout import aligned
from pgpipe.fused.policy import known
from pgpipe.fused.rows import NetworkRows, Rows
from pgpipe.fused.table import TableRows
from pgpipe.policies.categorical import SoftmaxTable
from pgpipe.policies.policy import Policy

# Time steps of noise drawn at a time, at most: an agent's stream is the same whatever the block.
NOISE_BLOCK = 256
# Start states drawn at first, for each row of an agent; where they are not enough, all that may be needed.
STARTS = 16
# Bytes that an agent's tape may take: what does not fit the cache is sooner computed again.
MOST_KEPT = 16e6


def fused(policy: Policy, episodes: ParallelEpisodes, keep_tape: bool) -> "FusedRecording | None":
    """Room for rollouts, if the compiled code knows this policy and this environment, and no kind of them.

    Tables only where gradients are wanted, too: many small batches alone are as quick in the plain code, and
    have the same bits.
    """
    kind = _kind_of(episodes.env)
    if known(policy) and kind not in (None, GRID):
        return FusedRecording(NetworkRows(policy, episodes), episodes, keep_tape)
    if type(policy) is SoftmaxTable and policy.dtype == torch.float64 and kind == GRID:
        return FusedRecording(TableRows(policy, episodes), episodes, True) if keep_tape else None
    return None


def _kind_of(env: Any) -> int | None:
    """The number of a batched form that has a compiled step; None of a class made from it, too."""
    form = type(env)
    return KNOWN.get(getattr(form, "id", "")) if form.__module__.startswith("pgpipe.envs.") else None


class FusedRecording:
    """What A agents did, one after the other, each agent's steps one behind the other.

    All share the room for steps and one tape, so that both stay in the cache: a gradient is quickest while
    its agent is the latest that has run; later on its batch makes both again, the same bit for bit.
    """

    def __init__(self, rows: Rows, episodes: ParallelEpisodes, keep_tape: bool) -> None:
        self.episodes, self.rows, self.n_obs, step = episodes, rows, rows.n_obs, rows.step
        self.steps = rows.steps(0)
        steps = int(rows.rule[kernel.STEPS]) or episodes.rows * episodes.env.longest
        self.block = min(NOISE_BLOCK, 2 * episodes.env.longest)
        # each might end at once, so as many as there are steps; but problems of ours draw on by the generator
        some = episodes.most if rows.rule[kernel.FINITE] else STARTS * episodes.rows
        self.few = min(some, episodes.most)
        self.kept = keep_tape and 4 * step * steps <= MOST_KEPT
        rows.rule[kernel.KEPT] = self.kept
        # what is computed again, there or at another θ, is written beside the tape that is kept
        self.tape, self.again = aligned(max(AT_A_TIME, episodes.rows) + 4, step), aligned(AT_A_TIME + 4, step)
        self.batches: list[FusedBatch] = []

    def record(
        self,
        theta: Tensor,
        env_streams: Sequence[np.random.Generator],
        action_streams: Sequence[np.random.Generator],
        told: Callable[[int, FusedBatch], None] | None,
    ) -> None:
        """Run a batch of every agent, agent i by row i of theta (A, P); `told` hears of each at once."""
        self.batches = []
        for agent, of in enumerate(zip(theta, env_streams, action_streams, strict=True)):
            self.batches.append(self._run(*of))
            if told:
                told(agent, self.batches[-1])

    def holds(self, batch: FusedBatch) -> bool:
        """Whether the room for steps still holds those of this batch."""
        return bool(self.batches) and batch is self.batches[-1]

    def tape_of_latest(self) -> tuple[Floats, bool]:
        """Room for the tape of the latest batch, and whether that was kept."""
        return (self.tape if self.kept else self.again), self.kept

    def batch(self, agent: int) -> FusedBatch:
        """One agent's part."""
        return self.batches[agent]

    def _run(self, theta: Tensor, starts: np.random.Generator, actions: np.random.Generator) -> FusedBatch:
        rows, W, block = self.rows, self.episodes.rows, self.block
        rows.read(theta)
        begun, noise = starts.bit_generator.state, np.empty(0, rows.dtype)
        few = self.few if FirstColumns.can_step_over(starts) else self.episodes.most
        episodes, at = self._episodes(starts, few), np.zeros(4, np.int64)
        kernel.begin(episodes, rows.rule, at)
        while at[kernel.RUNNING]:
            if not len(noise):
                self._make_room(int(at[kernel.WRITTEN]) + block * W)
                noise = rows.policy.noise(actions, (block, W)).astype(rows.dtype).reshape(block, W, -1)
            before = at[kernel.TIME]
            rows.run(self.steps, self.tape, episodes, noise, starts, at)
            noise = noise[at[kernel.TIME] - before :]
            if len(episodes.starts) < min(at[kernel.STARTED] + W, self.episodes.most):
                starts.bit_generator.state = begun
                episodes = _moved(episodes, self._episodes(starts, self.episodes.most))
        return FusedBatch(self, episodes, int(at[kernel.WRITTEN]))

    def _make_room(self, needed: int) -> None:
        if (room := len(self.steps.rewards)) < needed:
            steps = self.rows.steps(max(needed, 2 * room))
            _copy(self.steps, steps)
            self.steps = steps
        if self.kept and len(self.tape) < needed + 4:
            tape = aligned(max(needed, 2 * len(self.tape)) + 4, self.tape.shape[1])
            _copy([self.tape], [tape])
            self.tape = tape

    def _episodes(self, generator: np.random.Generator, E: int) -> kernel.Episodes:
        """Room for the first E, with their start states."""
        env, W, most = self.episodes.env, self.episodes.rows, self.episodes.most
        env.np_random = generator if most == E else FirstColumns(generator, most)
        drawn = np.atleast_2d(env.start(E // self.episodes.group)).T.astype(np.float64)
        starts = np.repeat(drawn, self.episodes.group, axis=0)
        terminated, truncated = np.zeros((2, E), bool)
        number, clock, running = np.empty((3, W), np.int64)
        final_obs, state = np.zeros((E, self.n_obs), np.float32), np.empty((W, starts.shape[1]))
        return kernel.Episodes(
            starts, np.zeros(E, np.int64), terminated, truncated, final_obs, state, number, clock, running
        )


def _moved(few: kernel.Episodes, more: kernel.Episodes) -> kernel.Episodes:
    """The same episodes in larger room."""
    by_number = ("length", "terminated", "truncated", "final_obs")
    _copy(*([getattr(of, name) for name in by_number] for of in (few, more)))
    by_row = ("state", "number", "clock", "running")
    return more._replace(**{name: getattr(few, name) for name in by_row})


def _copy(old: Iterable[NDArray[Any]], new: Iterable[NDArray[Any]]) -> None:
    """What the old arrays hold to the first rows of the new."""
    for ours, theirs in zip(old, new, strict=True):
        theirs[: len(ours)] = ours[: len(theirs)]
