"""The compiled counterpart of a recording: the same rows, streams and batches, an agent after the other."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.parallel import TIDY_EVERY, ParallelEpisodes, ParallelSteps
from pgpipe.envs.streams import AgentStreams
from pgpipe.fused import kernel
from pgpipe.fused.compiled_network import CompiledNetwork, Floats
from pgpipe.fused.gradient import AT_A_TIME, add_gradient
from pgpipe.fused.layout import aligned
from pgpipe.fused.moves import KNOWN, constants
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

# Time steps of noise drawn at a time: an agent's stream is the same whatever the block.
NOISE_BLOCK = 64
# Bytes that an agent's tape may take: what does not fit the cache is sooner computed again.
MOST_KEPT = 16e6


def fused(policy: Policy, episodes: ParallelEpisodes, keep_tape: bool) -> "FusedRecording | None":
    """Room for rollouts, if the compiled code knows this policy and this environment, and no kind of them.

    Episodes that begin in one start state, a group of them, are for the plain code.
    """
    apart = getattr(episodes, "group", 1) == 1
    known = type(policy) in (CategoricalMLP, GaussianMLP) and policy.dtype == torch.float32
    if apart and known and _moves_as_ours(episodes.env):
        assert isinstance(policy, CategoricalMLP | GaussianMLP)
        return FusedRecording(policy, episodes, keep_tape)
    return None


def _moves_as_ours(env: Any) -> bool:
    """Whether it is a batched form that has a compiled step, and not a class made from it."""
    form = type(env)
    return getattr(form, "id", None) in KNOWN and form.__module__.startswith("pgpipe.envs.")


class Rows:
    """The policy and the rows of an agent, as the compiled code wants to be told."""

    def __init__(self, policy: CategoricalMLP | GaussianMLP, episodes: ParallelEpisodes) -> None:
        self.policy, self.network = policy, CompiledNetwork(policy.widths)
        env, W, out = episodes.env, episodes.rows, policy.widths[-1]
        kind, steps = KNOWN[env.id], episodes.steps if isinstance(episodes, ParallelSteps) else 0
        self.constants = constants(env)
        self.choices, self.n_sigma = (out, 0) if isinstance(policy, CategoricalMLP) else (0, out)
        self.rule = np.array([kind, self.choices, W, env.longest, steps, TIDY_EVERY, False])
        self.scratch = kernel.Scratch(np.empty(W), np.empty(W), np.empty(W, bool), aligned(2, out, W))

    def read(self, theta: Tensor) -> Floats:
        """Take over the network of θ (P,); -> σ, (E,), or nothing of a choice."""
        # for any other array code would be compiled anew
        flat = np.ascontiguousarray(theta.detach().numpy(), np.float32)
        self.network.read(flat)
        return np.exp(flat[len(flat) - self.n_sigma :])

    def steps(self, room: int) -> kernel.Steps:
        """Room for so many."""
        E, choices = self.n_sigma, room if self.choices else 0
        return kernel.Steps(
            np.empty((room, self.policy.widths[0]), np.float32),
            np.empty(choices, np.int64),
            np.empty((room - choices, E), np.float32),
            np.empty(room, np.float32),
            *np.empty((2, room), np.int32),
        )


class FusedRecording:
    """What A agents did, each agent's steps one behind the other. The next rollout writes it over.

    All agents share one tape, so that it stays in the cache: a gradient is quickest while its agent is the
    latest that has run; later on it computes the tape again, the same bit for bit. Without `keep_tape` agents
    share the room for steps, too, and no gradient can be taken afterwards.
    """

    def __init__(
        self, policy: CategoricalMLP | GaussianMLP, episodes: ParallelEpisodes, keep_tape: bool
    ) -> None:
        self.episodes, self.rows, self.n_obs = episodes, Rows(policy, episodes), policy.widths[0]
        self.rooms = [self.rows.steps(0)] * (episodes.agents if keep_tape else 1)
        steps = int(self.rows.rule[kernel.STEPS]) or episodes.rows * episodes.env.longest
        step = self.rows.network.layout.step
        self.kept = keep_tape and 4 * step * steps <= MOST_KEPT
        self.rows.rule[kernel.KEPT] = self.kept
        # what is computed again is written beside the tape that is kept
        self.tape, self.again = aligned(max(AT_A_TIME, episodes.rows) + 4, step), aligned(AT_A_TIME + 4, step)
        self.batches: list[FusedBatch] = []

    def record(
        self,
        theta: Tensor,
        env_streams: Sequence[np.random.Generator],
        action_streams: Sequence[np.random.Generator],
        told: Callable[[int, "FusedBatch"], None] | None,
    ) -> None:
        """Run a batch of every agent, agent i by row i of theta (A, P); `told` hears of each at once."""
        self.batches = []
        for agent, of in enumerate(zip(theta, env_streams, action_streams, strict=True)):
            self.batches.append(self._run(agent % len(self.rooms), *of))
            if told:
                told(agent, self.batches[-1])

    def tape_of(self, batch: "FusedBatch") -> tuple[Floats, bool]:
        """Room for a tape, and whether it still holds that of this batch."""
        kept = self.kept and batch is self.batches[-1]
        return (self.tape if kept else self.again), kept

    def batch(self, agent: int) -> "FusedBatch":
        """One agent's part."""
        return self.batches[agent]

    def _run(
        self, own: int, theta: Tensor, starts: np.random.Generator, actions: np.random.Generator
    ) -> "FusedBatch":
        rows, W = self.rows, self.episodes.rows
        sigma, episodes, at = rows.read(theta), self._episodes(starts), np.zeros(4, np.int64)
        kernel.begin(episodes, rows.rule, at)
        while at[kernel.RUNNING]:
            self._make_room(own, int(at[kernel.WRITTEN]) + NOISE_BLOCK * W)
            noise = rows.policy.noise(actions, (NOISE_BLOCK, W)).astype(np.float32)
            kernel.run(
                rows.rule, rows.constants, rows.network.layers, rows.network.weights, sigma, self.rooms[own],
                self.tape, episodes, noise.reshape(NOISE_BLOCK, W, -1), rows.scratch, at,
            )  # fmt: skip
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
        env.np_random = AgentStreams([generator])
        starts = np.ascontiguousarray(env.start(E).T, np.float64)
        terminated, truncated = np.zeros((2, E), bool)
        number, clock, running = np.empty((3, W), np.int64)
        final_obs, state = np.zeros((E, self.n_obs), np.float32), np.empty((W, starts.shape[1]))
        return kernel.Episodes(
            starts, np.empty(E, np.int64), terminated, truncated, final_obs, state, number, clock, running
        )


class FusedBatch:
    """One agent's trajectories (N, T), with its steps."""

    def __init__(
        self, recording: FusedRecording, steps: kernel.Steps, episodes: kernel.Episodes, written: int
    ) -> None:
        self.recording, self.steps, self.written = recording, steps, written
        rows = recording.rows
        N = len(episodes.length)
        if enough := rows.rule[kernel.STEPS]:
            N = int(np.searchsorted(episodes.length.cumsum(), enough)) + 1
        T, E = int(episodes.length[:N].max()), rows.n_sigma
        obs, rewards = (np.zeros((N, T, *of), np.float32) for of in (episodes.final_obs.shape[1:], ()))
        mask, numbers = np.zeros((N, T), bool), np.zeros((N, T, E), np.float32)
        choices = np.zeros((0 if E else N, T), np.int64)
        kernel.lay_out(steps, written, N, obs, choices, numbers, rewards, mask)
        ends = (episodes.terminated, episodes.truncated, episodes.final_obs)
        arrays = (obs, numbers if E else choices, rewards, mask, *(of[:N].copy() for of in ends))
        self.trajectories = Trajectories(*(torch.from_numpy(array) for array in arrays))

    def scores(self, theta: Tensor, weights: Tensor, bonus: float) -> NDArray[np.float32]:
        """Σ w ∇log π + β ∇H over the batch, at the θ (P,) that acted, weights (N, T).  -> (P,)."""
        rows, network = self.recording.rows, self.recording.rows.network
        tape, kept = self.recording.tape_of(self)
        sigma, total = rows.read(theta), np.zeros_like(network.weights)
        gradient, by_sigma = np.zeros(len(theta), np.float32), np.zeros(rows.n_sigma)
        credit = np.ascontiguousarray(weights.numpy(), np.float32)
        add_gradient(
            rows.choices, network.layers, network.weights, network.back, sigma, self.steps, tape, kept,
            self.written, len(credit), credit, np.float32(bonus), network.room, total,
            by_sigma,
        )  # fmt: skip
        network.flat(total, gradient)
        gradient[len(gradient) - rows.n_sigma :] = by_sigma
        return gradient


def _copy(old: Iterable[NDArray[Any]], new: Iterable[NDArray[Any]]) -> None:
    """What the old arrays hold to the first rows of the new."""
    for ours, theirs in zip(old, new, strict=True):
        theirs[: len(ours)] = ours[: len(theirs)]
