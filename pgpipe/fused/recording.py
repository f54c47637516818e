"""The compiled counterpart of a recording: the same rows, streams and batches, an agent after the other."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
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
    """What A agents did, each agent's steps one behind the other. The next rollout writes it over.

    All agents share one tape, so that it stays in the cache: a gradient is quickest while its agent is the
    latest that has run; later on it computes the tape again, the same bit for bit. Without `keep_tape` agents
    share the room for steps, too, and no gradient can be taken afterwards.
    """

    def __init__(self, rows: Rows, episodes: ParallelEpisodes, keep_tape: bool) -> None:
        self.episodes, self.rows, self.n_obs, step = episodes, rows, rows.n_obs, rows.step
        self.rooms = [self.rows.steps(0)] * (episodes.agents if keep_tape else 1)
        steps = int(self.rows.rule[kernel.STEPS]) or episodes.rows * episodes.env.longest
        self.block = min(NOISE_BLOCK, 2 * episodes.env.longest)
        self.kept = keep_tape and 4 * step * steps <= MOST_KEPT
        self.rows.rule[kernel.KEPT] = self.kept
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
            self.batches.append(self._run(agent % len(self.rooms), *of))
            if told:
                told(agent, self.batches[-1])

    def tape_of(self, batch: FusedBatch) -> tuple[Floats, bool]:
        """Room for a tape, and whether it still holds that of this batch."""
        kept = self.kept and batch is self.batches[-1]
        return (self.tape if kept else self.again), kept

    def batch(self, agent: int) -> FusedBatch:
        """One agent's part."""
        return self.batches[agent]

    def _run(
        self, own: int, theta: Tensor, starts: np.random.Generator, actions: np.random.Generator
    ) -> FusedBatch:
        rows, W, block = self.rows, self.episodes.rows, self.block
        rows.read(theta)
        episodes, at = self._episodes(starts), np.zeros(4, np.int64)
        kernel.begin(episodes, rows.rule, at)
        while at[kernel.RUNNING]:
            self._make_room(own, int(at[kernel.WRITTEN]) + block * W)
            noise = rows.policy.noise(actions, (block, W)).astype(rows.dtype).reshape(block, W, -1)
            rows.run(self.rooms[own], self.tape, episodes, noise, starts, at)
        return FusedBatch(self, self.rooms[own], episodes, int(at[kernel.WRITTEN]))

    def _make_room(self, own: int, needed: int) -> None:
        if (room := len(self.rooms[own].rewards)) < needed:
            steps = self.rows.steps(max(needed, 2 * room))
            _copy(self.rooms[own], steps)
            self.rooms[own] = steps
        if self.kept and len(self.tape) < needed + 4:
            tape = aligned(max(needed, 2 * len(self.tape)) + 4, self.tape.shape[1])
            _copy([self.tape], [tape])
            self.tape = tape

    def _episodes(self, generator: np.random.Generator) -> kernel.Episodes:
        env, E, W = self.episodes.env, self.episodes.most, self.episodes.rows
        env.np_random = generator
        drawn = np.atleast_2d(env.start(E // self.episodes.group)).T.astype(np.float64)
        starts = np.repeat(drawn, self.episodes.group, axis=0)
        terminated, truncated = np.zeros((2, E), bool)
        number, clock, running = np.empty((3, W), np.int64)
        final_obs, state = np.zeros((E, self.n_obs), np.float32), np.empty((W, starts.shape[1]))
        return kernel.Episodes(
            starts, np.empty(E, np.int64), terminated, truncated, final_obs, state, number, clock, running
        )


def _copy(old: Iterable[NDArray[Any]], new: Iterable[NDArray[Any]]) -> None:
    """What the old arrays hold to the first rows of the new."""
    for ours, theirs in zip(old, new, strict=True):
        theirs[: len(ours)] = ours[: len(theirs)]
