"""The compiled counterpart of a recording: the same rows, streams and batches, an agent after the other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.batched import BatchedEnv
from pgpipe.envs.parallel import TIDY_EVERY, ParallelEpisodes, ParallelSteps
from pgpipe.envs.streams import AgentStreams
from pgpipe.fused import kernel
from pgpipe.fused.gradient import AT_A_TIME, Room, add_gradient
from pgpipe.fused.layout import Layout, aligned, widest
from pgpipe.fused.moves import KNOWN, constants
from pgpipe.fused.network import gathered, spread
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

# Steps of noise drawn at a time, as in `pgpipe.rollout`.
NOISE_BLOCK = 64


def serves(policy: Policy, episodes: ParallelEpisodes) -> bool:
    """Whether the compiled code knows this policy and this environment."""
    known = isinstance(episodes.env, BatchedEnv) and getattr(episodes.env, "id", None) in KNOWN
    return known and isinstance(policy, CategoricalMLP | GaussianMLP) and policy.dtype == torch.float32


class Compiled:
    """A policy and the rows of its agents, as the compiled code wants to be told."""

    def __init__(self, policy: CategoricalMLP | GaussianMLP, episodes: ParallelEpisodes) -> None:
        self.policy, self.episodes, self.layout = policy, episodes, Layout(policy.widths)
        env = episodes.env
        kind = KNOWN[env.id]
        self.constants = constants(kind, env.single)
        self.choices = policy.widths[-1] if isinstance(policy, CategoricalMLP) else 0
        steps = episodes.steps if isinstance(episodes, ParallelSteps) else 0
        self.rule = np.array([kind, self.choices, episodes.rows, env.longest, steps, TIDY_EVERY])
        self.weights, self.back = aligned(self.layout.n_weights), aligned(self.layout.n_back)
        out, W = policy.widths[-1], episodes.rows
        self.room = Room(
            aligned(2, AT_A_TIME, widest(policy.widths)),
            aligned(2, out, AT_A_TIME),
            aligned(4, AT_A_TIME),
            aligned(self.layout.n_weights),
        )
        self.scratch = kernel.Scratch(np.empty(W), np.empty(W), np.empty(W, bool), aligned(2, out, W))

    def read(self, theta: Tensor) -> NDArray[np.float32]:
        """Lay out the network of θ (P,); -> σ, (E,), or nothing of a choice."""
        flat = theta.detach().numpy()
        spread(self.layout.layers, flat, self.weights, self.back)
        return np.exp(flat[len(flat) - self.n_sigma :])

    @property
    def n_sigma(self) -> int:
        """E where actions are real numbers, 0 where they are choices."""
        return 0 if self.choices else self.policy.widths[-1]

    def steps(self, room: int) -> kernel.Steps:
        """Room for so many."""
        E = self.n_sigma
        return kernel.Steps(
            aligned(room + 4, self.layout.step),
            np.empty(room if not E else 0, np.int64),
            np.empty((room if E else 0, E), np.float32),
            np.empty(room, np.float32),
            np.empty(room, np.int32),
            np.empty(room, np.int32),
        )


class FusedRecording:
    """What A agents did, each in steps one behind the other. It is written over by the next rollout."""

    def __init__(
        self, policy: CategoricalMLP | GaussianMLP, episodes: ParallelEpisodes, keep_tape: bool
    ) -> None:
        self.policy, self.episodes = policy, episodes
        self.code = Compiled(policy, episodes)
        self.n_obs = policy.widths[0]
        first = self.code.steps(NOISE_BLOCK * episodes.rows)
        self.rooms = [first] + [self.code.steps(0)] * (episodes.agents - 1 if keep_tape else 0)
        self._batches: list[FusedBatch] = []

    def record(
        self,
        theta: Tensor,
        env_streams: Sequence[np.random.Generator],
        action_streams: Sequence[np.random.Generator],
    ) -> None:
        """Run a batch of every agent, agent i by row i of theta (A, P)."""
        every = zip(theta, env_streams, action_streams, strict=True)
        self._batches = [self._run(agent, *of) for agent, of in enumerate(every)]

    def batch(self, agent: int) -> "FusedBatch":
        """One agent's part."""
        return self._batches[agent]

    def _run(
        self, agent: int, theta: Tensor, starts: np.random.Generator, actions: np.random.Generator
    ) -> "FusedBatch":
        code, W, own = self.code, self.episodes.rows, agent % len(self.rooms)
        sigma, at, episodes = code.read(theta), np.zeros(4, np.int64), self._episodes(starts)
        kernel.begin(episodes, code.rule, at)
        while at[kernel.RUNNING]:
            room = len(self.rooms[own].rewards)
            if room < (needed := int(at[kernel.WRITTEN]) + NOISE_BLOCK * W):
                self.rooms[own] = self._grown(self.rooms[own], max(needed, 2 * room))
            noise = code.policy.noise(actions, (NOISE_BLOCK, W)).astype(np.float32)
            noise = noise.reshape(NOISE_BLOCK, W, -1)
            kernel.run(
                code.rule,
                code.constants,
                code.layout.layers,
                code.weights,
                sigma,
                self.rooms[own],
                episodes,
                noise,
                code.scratch,
                at,
            )
        return FusedBatch(code, self.rooms[own], episodes, at)

    def _episodes(self, generator: np.random.Generator) -> kernel.Episodes:
        env, E, W = self.episodes.env, self.episodes.most, self.episodes.rows
        env.np_random = AgentStreams([generator])
        starts = np.ascontiguousarray(env.start(E).T, np.float64)
        return kernel.Episodes(
            starts,
            np.empty(E, np.int64),
            np.zeros(E, bool),
            np.zeros(E, bool),
            np.zeros((E, self.n_obs), np.float32),
            np.empty((W, starts.shape[1])),
            np.empty(W, np.int64),
            np.empty(W, np.int64),
            np.empty(W, np.int64),
        )

    def _grown(self, steps: kernel.Steps, room: int) -> kernel.Steps:
        grown = self.code.steps(room)
        for old, new in zip(steps, grown, strict=True):
            new[: len(old)] = old[: len(new)]
        return grown


class FusedBatch:
    """One agent's trajectories (N, T), with the tape of their steps."""

    def __init__(
        self, code: Compiled, steps: kernel.Steps, episodes: kernel.Episodes, at: NDArray[np.int64]
    ) -> None:
        self.code, self.steps, self.written = code, steps, int(at[kernel.WRITTEN])
        N = len(episodes.length)
        if enough := int(code.rule[kernel.STEPS]):
            N = int(np.searchsorted(episodes.length.cumsum(), enough)) + 1
        T, D = int(episodes.length[:N].max()), episodes.final_obs.shape[1]
        E = code.n_sigma
        obs, rewards, mask = (
            np.zeros((N, T, D), np.float32),
            np.zeros((N, T), np.float32),
            np.zeros((N, T), bool),
        )
        actions = np.zeros((0 if E else N, T), np.int64)
        numbers = np.zeros((N if E else 0, T, E), np.float32)
        kernel.laid_out(steps, at, N, D, obs, actions, numbers, rewards, mask)
        arrays: dict[str, Any] = {
            "obs": obs, "actions": numbers if E else actions, "rewards": rewards, "mask": mask,
            "terminated": episodes.terminated[:N], "truncated": episodes.truncated[:N], "final_obs": episodes.final_obs[:N].copy(),
        }  # fmt: skip
        self.trajectories = Trajectories(**{name: torch.from_numpy(array) for name, array in arrays.items()})

    def scores(self, theta: Tensor, weights: Tensor, bonus: float) -> NDArray[np.float32]:
        """Σ w ∇log π + β ∇H over the batch, at the θ (P,) that acted, weights (N, T).  -> (P,)."""
        code = self.code
        sigma, total = code.read(theta), np.zeros(code.layout.n_weights, np.float32)
        gradient = np.zeros(len(theta), np.float32)
        by_sigma = gradient[len(theta) - code.n_sigma :]
        credit = np.ascontiguousarray(weights.numpy(), np.float32)
        add_gradient(
            code.choices, code.layout.layers, code.back, sigma, self.steps, self.written,
            self.trajectories.n_trajectories, credit, np.float32(bonus), code.room, total, by_sigma,
        )  # fmt: skip
        gathered(code.layout.layers, total, gradient)
        return gradient
