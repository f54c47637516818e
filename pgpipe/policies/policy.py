"""Policies: pure functions of a flat parameter vector, for many agents at once.

A policy object holds its shape and no parameters. `theta` is (P,) for one agent or (A, P) for A agents; then
observations, actions and noise carry the same leading axis, and agent i acts by row i.

`log_prob`, `entropy` and `kl` are the definition, in torch, for any derivative. Everything else is
numpy, for rollouts and gradients of millions of steps: a *tape* keeps what a step's score is made of, and a
score is a product of *factors*, so that its derivative needs no second computation. A law holds the two to
each other.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from pgpipe.network import Array, Factor


class Policy(ABC):
    """What rollouts, estimators and training need of a policy."""

    dtype: torch.dtype  # of parameters and observations

    @property
    @abstractmethod
    def n_parameters(self) -> int:
        """P."""

    def parameter_names(self, states: Sequence[str], actions: Sequence[str]) -> tuple[str, ...]:
        """What the parameters are called, by what states and actions are; numbers where nothing is."""
        return tuple(str(i) for i in range(self.n_parameters))

    @abstractmethod
    def initial(self, rng: np.random.Generator) -> Tensor:
        """Draw the parameters of an untrained policy.  -> (P,)."""

    @abstractmethod
    def noise(self, rng: np.random.Generator, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Draw what `sample` turns into actions: one number, or a vector of E, for each.  -> (*size, [E])."""

    @abstractmethod
    def log_prob(self, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
        """log π_θ(a|s).  (A, P), (A, M, D), (A, M, [E]) -> (A, M)."""

    @abstractmethod
    def entropy(self, theta: Tensor, obs: Tensor) -> Tensor:
        """H(π_θ(·|s)) = -E log π_θ(a|s).  (A, P), (A, M, D) -> (A, M)."""

    @abstractmethod
    def kl(self, theta: Tensor, other: Tensor, obs: Tensor) -> Tensor:
        """KL(π_θ(·|s) ‖ π_θ'(·|s)) in nats.  (A, P), (A, P), (A, M, D) -> (A, M)."""

    @abstractmethod
    def unflatten(self, theta: Array) -> list[Array]:
        """Theta (A, P) as the arrays that the next methods compute with."""

    @abstractmethod
    def tape(self, shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
        """An empty tape for so many steps: its first entry takes the observations, its last the output."""

    @abstractmethod
    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """Fill a tape (A, M, ·) from the observations it holds, or only the first `rows` (A,) of each M."""

    @abstractmethod
    def sample(self, pieces: Sequence[Array], output: Array, noise: Array) -> Array:
        """a ~ π_θ(·|s), as a function of the noise.  (A, M, O), (A, M, [E]) -> (A, M, [E])."""

    @abstractmethod
    def factors(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> list[Factor]:
        """∇(w log π_θ(a|s) + β H(π_θ(·|s))) of every step, as outer products in the order of theta.

        actions (..., M, [E]), credit w (..., M), entropy bonus β (..., M) or none.
        """

    @abstractmethod
    def curvature(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> list[Factor]:
        """w F_s v of every step, as outer products in the order of theta, with the Fisher matrix of a state,

            F_s = E_{a~π_θ(·|s)}[∇log π_θ(a|s) ∇log π_θ(a|s)ᵀ].

        tape (M, ·), credit w (M,); v (P,), or (A, P) for A of them at once.
        """

    def gradient(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> Array:
        """The sum over the M steps of what `factors` are for.  -> (..., P)."""
        return summed(self.factors(pieces, tape, actions, credit, bonus))

    def fisher_product(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> Array:
        """The sum over the M steps of what `curvature` is for.  -> (P,), or (A, P)."""
        return summed(self.curvature(pieces, tape, vector, credit))

    def recorded(self, pieces: Sequence[Array], obs: Array) -> list[Array]:
        """The tape of these observations.  (..., M, D)."""
        tape = self.tape(obs.shape[:-1], obs.dtype)
        tape[0][..., : obs.shape[-1]] = obs
        self.forward(pieces, tape)
        return tape

    def act(self, theta: Tensor, obs: Tensor, noise: Tensor) -> Tensor:
        """a ~ π_θ(·|s), as a function of the noise.  (A, P), (A, M, D), (A, M, [E]) -> (A, M, [E])."""
        pieces = self.unflatten(theta.numpy())
        output = self.recorded(pieces, obs.numpy())[-1]
        return torch.from_numpy(self.sample(pieces, output, noise.numpy()))

    @property
    def numpy_dtype(self) -> np.dtype[np.floating]:
        """`dtype` as numpy names it."""
        return torch.empty(0, dtype=self.dtype).numpy().dtype


def normal_kl(mean: Tensor, other_mean: Tensor, log_sigma: Tensor, other_log_sigma: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(μ', σ'²)) = log(σ'/σ) + (σ² + (μ - μ')²) / (2σ'²) - ½, of each number."""
    log_ratio = log_sigma - other_log_sigma
    z = (mean - other_mean) * (-other_log_sigma).exp()
    return 0.5 * ((2 * log_ratio).exp() + z**2 - 1) - log_ratio


def summed(factors: Iterable[Factor]) -> Array:
    """Σ over the M steps of the derivatives that the factors make.  (..., M, I), (..., M, O) -> (..., P)."""
    sums = (x.swapaxes(-1, -2) @ delta for x, delta in factors)
    return np.concatenate([s.reshape(*s.shape[:-2], -1) for s in sums], axis=-1)
