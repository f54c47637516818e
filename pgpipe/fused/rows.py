"""The policy and the rows of an agent, as the compiled code wants to be told."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.finite_horizon import FiniteHorizonVectorEnv
from pgpipe.envs.parallel import TIDY_EVERY, ParallelEpisodes, ParallelSteps
from pgpipe.errors import fits
from pgpipe.fused import kernel
from pgpipe.fused.compiled_network import Floats
from pgpipe.fused.environments import KNOWN, constants
from pgpipe.fused.gradient import add_gradient, log_probs
from pgpipe.fused.layout import aligned
from pgpipe.fused.policy import FusedPolicy, KnownPolicy

Array = NDArray[np.floating]


class Rows(ABC):
    """What is the same for all policies; they differ in what they compute of a step."""

    policy: Any  # that the rows act by
    choices: int  # of an action; 0 where it is n_sigma numbers
    n_sigma: int
    step: int  # numbers that a step keeps of what was computed

    def prepare(self, episodes: ParallelEpisodes) -> None:
        """What the compiled loop goes by."""
        env, W, self.dtype = episodes.env, episodes.rows, self.policy.numpy_dtype
        steps = episodes.steps if isinstance(episodes, ParallelSteps) else 0
        own, finite = KNOWN[env.id], isinstance(env, FiniteHorizonVectorEnv)
        self.n_obs, self.constants = int(env.single_observation_space.shape[0]), constants(env)
        self.rule = np.array([own, self.choices, W, env.longest, steps, TIDY_EVERY, False, finite])
        powers = aligned(2, self.choices or self.n_sigma, W)
        self.scratch = kernel.Scratch(np.empty(W), np.empty(W), np.empty(W, bool), powers)

    def steps(self, room: int) -> kernel.Steps:
        """Room for so many."""
        choices = room if self.choices else 0
        return kernel.Steps(
            np.empty((room, self.n_obs), np.float32),
            np.empty(choices, np.int64),
            np.empty((room - choices, self.n_sigma), np.float32),
            np.empty(room),
            *np.empty((2, room), np.int32),
        )

    @abstractmethod
    def read(self, theta: Tensor) -> None:
        """Take over θ (P,)."""

    @abstractmethod
    def run(
        self,
        steps: kernel.Steps,
        tape: Floats,
        episodes: kernel.Episodes,
        noise: Array,
        generator: np.random.Generator,
        at: NDArray[np.int64],
    ) -> None:
        """As many time steps as there is noise for, (B, W, ·), by the environment's generator."""

    @abstractmethod
    def scores(
        self, steps: kernel.Steps, written: int, tape: Floats, kept: bool, credit: Array, bonus: float
    ) -> Array:
        """Σ w ∇log π + β ∇H over the steps of the first N episodes, w in credit (N, T).  -> (P,)."""

    @abstractmethod
    def log_probs(self, steps: kernel.Steps, written: int, tape: Floats, found: Array) -> None:
        """log π(a|s) of the same steps in their places, found (N, T)."""


class NetworkRows(FusedPolicy, Rows):
    """Of a tanh network's policy."""

    def __init__(self, policy: KnownPolicy, episodes: ParallelEpisodes) -> None:
        super().__init__(policy)
        fits("obs of the policy", policy.widths[:1], episodes.env.single_observation_space.shape)
        self.step, self.sigma = self.network.layout.step, np.empty(0, np.float32)
        self.prepare(episodes)

    def read(self, theta: Tensor) -> None:
        """Take over θ (P,)."""
        self.n_parameters, self.sigma = len(theta), self.read_network(theta)

    def run(
        self,
        steps: kernel.Steps,
        tape: Floats,
        episodes: kernel.Episodes,
        noise: Array,
        generator: np.random.Generator,
        at: NDArray[np.int64],
    ) -> None:
        """As many time steps as there is noise for."""
        network = self.network
        kernel.run(
            self.rule, self.constants, network.layers, network.weights, self.sigma, steps, tape, episodes,
            noise, self.scratch, at,
        )  # fmt: skip

    def scores(
        self, steps: kernel.Steps, written: int, tape: Floats, kept: bool, credit: Array, bonus: float
    ) -> Array:
        """Σ w ∇log π + β ∇H."""
        network, total = self.network, np.zeros_like(self.network.weights)
        gradient: Floats = np.zeros(self.n_parameters, np.float32)
        by_sigma = np.zeros(self.n_sigma)
        add_gradient(
            self.choices, network.layers, network.weights, network.back, self.sigma, steps, tape, kept,
            written, len(credit), credit, np.float32(bonus), network.room, total,
            by_sigma,
        )  # fmt: skip
        network.flat(total, gradient)
        gradient[len(gradient) - self.n_sigma :] = by_sigma
        return gradient

    def log_probs(self, steps: kernel.Steps, written: int, tape: Floats, found: Array) -> None:
        """log π(a|s)."""
        network = self.network
        log_probs(
            self.choices, network.layers, network.weights, self.sigma, steps, tape, written,
            network.room.powers, found,
        )  # fmt: skip
