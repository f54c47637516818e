"""Somebody's own policy: whatever gives a torch distribution for a batch of observations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor
from torch.func import vjp, vmap

from pgpipe.network import Array, Factor
from pgpipe.policies.by_family import ByFamily
from pgpipe.policies.distributions import numbers_of, unvalidated
from pgpipe.policies.families import Family


@dataclass(frozen=True)
class TorchPolicy(ByFamily):
    """a ~ p(·; y), y = f_θ(s) the numbers of a distribution's family, f a torch module or function.

    Derivatives go through y: f's by `torch.func`, the family's by its formulas. A step's score is a row of
    P numbers, where a network's layers take few; a sum over steps is one pass back.
    """

    distribution: Callable[[Tensor, Tensor], Any]  # theta (P,), obs (M, D) -> M distributions
    start: Callable[[np.random.Generator], Tensor]  # parameters of an untrained policy, (P,)
    names: tuple[str, ...]  # of the parameters
    family: Family
    n_obs: int
    scalar: bool  # an action is one choice, (), and no vector (E,)
    dtype: torch.dtype = torch.float32

    @property
    def n_parameters(self) -> int:
        """All that the module learns."""
        return len(self.names)

    def parameter_names(self, states: Sequence[str], actions: Sequence[str]) -> tuple[str, ...]:
        """What the module calls them."""
        return self.names

    def initial(self, rng: np.random.Generator) -> Tensor:
        """The module's own start."""
        return self.start(rng).to(self.dtype)

    def numbers(self, theta: Tensor, obs: Tensor) -> Tensor:
        """y = f_θ(s).  (A, P), (A, M, D) -> (A, M, O)."""
        if theta.ndim > 1:
            each = zip(theta, obs.expand(len(theta), *obs.shape[-2:]), strict=True)
            return torch.stack([self.numbers(row, own) for row, own in each])
        # copies, as the last bits of a product may depend on where in the memory its factors lie
        rows = obs.to(theta.dtype).reshape(-1, self.n_obs).clone()
        with unvalidated():
            found = numbers_of(self.distribution(theta.clone(), rows))
        return found.reshape(*obs.shape[:-1], -1)

    def unflatten(self, theta: Array) -> list[Array]:
        """Theta itself."""
        return [theta]

    def tape(self, shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
        """The observation, then the distribution's numbers."""
        return [np.zeros((*shape, width), dtype) for width in (self.n_obs, self.family.n_numbers)]

    @torch.no_grad()
    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """The numbers, each agent's by themselves: last bits may depend on how many there are."""
        (theta,), obs, output = pieces, tape[0], tape[-1]
        if theta.ndim == 1:
            output[...] = self._finite(theta, obs)
            return
        for agent, n in enumerate([obs.shape[1]] * len(theta) if rows is None else rows.tolist()):
            if n:
                output[agent, :n] = self._finite(theta[agent], obs[agent, :n])

    def factors(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> list[Factor]:
        """The whole derivative of every step, by one pass back for each."""
        return self._rows(pieces, tape, self.slope(tape[-1], actions, credit, bonus))

    def curvature(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> list[Factor]:
        """w ∂fᵀ C ∂f v of every step, C the Fisher matrix by y, by one pass back for each."""
        return self._rows(pieces, tape, self._bent(pieces, tape, vector, credit))

    def gradient(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> Array:
        """The sum of all steps, by one pass back."""
        return self._back(pieces, tape, self.slope(tape[-1], actions, credit, bonus))

    def fisher_product(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> Array:
        """The sum of all steps, by one pass forward and one back for each vector."""
        bent = self._bent(pieces, tape, vector, credit)
        if vector.ndim == 1:
            return self._back(pieces, tape, bent)
        return np.stack([self._back(pieces, tape, each) for each in bent])

    def _bent(self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array) -> Tensor:
        """w C ∂f v.  (M, O), or (A, M, O) for A vectors."""
        if vector.ndim > 1:
            return torch.stack([self._bent(pieces, tape, row, credit) for row in vector])
        y, back, *_ = vjp(self._of(tape), torch.from_numpy(pieces[0]))
        # ∂f v by going back twice: δ -> ∂fᵀ δ is linear, and not every module can go forward
        (d,) = vjp(lambda delta: back(delta)[0], torch.zeros_like(y))[1](torch.from_numpy(vector))
        return torch.from_numpy(credit)[..., None] * self.family.metric(y.detach(), d)

    def _of(self, tape: Sequence[Array]) -> Callable[[Tensor], Tensor]:
        """θ -> y on the observations of a tape."""
        obs = torch.from_numpy(np.ascontiguousarray(tape[0]))
        return lambda theta: self.numbers(theta, obs)

    def _back(self, pieces: Sequence[Array], tape: Sequence[Array], delta: Tensor) -> Array:
        """Σ ∂fᵀ δ.  (P,)."""
        theta = torch.from_numpy(pieces[0])
        if not theta.isfinite().all():
            return np.full_like(pieces[0], np.nan)
        return vjp(self._of(tape), theta)[1](delta)[0].numpy()

    def _rows(self, pieces: Sequence[Array], tape: Sequence[Array], delta: Tensor) -> list[Factor]:
        """∂fᵀ δ of every step, beside a one.  δ (..., M, O) -> (..., M, 1), (..., M, P)."""
        theta = torch.from_numpy(pieces[0])
        obs = torch.from_numpy(np.ascontiguousarray(tape[0])).expand(*delta.shape[:-1], -1)

        def one(obs: Tensor, delta: Tensor) -> Tensor:
            return vjp(lambda theta: self.numbers(theta, obs[None])[0], theta)[1](delta)[0]

        rows = vmap(one)(obs.reshape(-1, self.n_obs), delta.reshape(-1, delta.shape[-1]))
        every = rows.reshape(*delta.shape[:-1], -1).numpy()
        return [(np.ones((*delta.shape[:-1], 1), every.dtype), every)]

    def _finite(self, theta: Array, obs: Array) -> Array:
        """y, and no number where θ is none: somebody's code may not take that."""
        if not np.isfinite(theta).all():
            return np.full((*obs.shape[:-1], self.family.n_numbers), np.nan, theta.dtype)
        return self.numbers(torch.from_numpy(theta), torch.from_numpy(np.ascontiguousarray(obs))).numpy()
