"""Several choices at once, from the logits of one network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from pgpipe import network
from pgpipe.network import Array, Factor
from pgpipe.policies.by_family import ByFamily
from pgpipe.policies.families import Categoricals


@dataclass(frozen=True)
class ChoicesMLP(ByFamily):
    """π_θ(a|s) = Π_j softmax(f_θ(s)_j)_{a_j}, the choices independent in a state, f a tanh network."""

    n_obs: int
    hidden: tuple[int, ...]
    choices: tuple[int, ...]  # on every axis of an action
    dtype: torch.dtype = torch.float32
    scalar: bool = False

    @property
    def family(self) -> Categoricals:  # type: ignore[override]
        """The choices, given the logits."""
        return Categoricals(self.choices)

    @property
    def widths(self) -> tuple[int, ...]:
        """Observation, hidden layers, the logits of all axes."""
        return (self.n_obs, *self.hidden, sum(self.choices))

    @property
    def n_parameters(self) -> int:
        """All weights and biases, layer by layer."""
        return network.n_parameters(self.widths)

    def initial(self, rng: np.random.Generator) -> Tensor:
        """The network's own start."""
        return torch.as_tensor(network.initial(self.widths, rng), dtype=self.dtype)

    def numbers(self, theta: Tensor, obs: Tensor) -> Tensor:
        """The network's output."""
        return network.output(self.widths, theta, obs)

    def unflatten(self, theta: Array) -> list[Array]:
        """The network's layers."""
        return network.matrices(self.widths, theta)

    def tape(self, shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
        """The inputs of the network's layers, then the logits."""
        return network.tape(self.widths, shape, dtype)

    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """The inputs of every layer, then the logits."""
        network.forward(pieces, tape, rows)

    def factors(
        self,
        pieces: Sequence[Array],
        tape: Sequence[Array],
        actions: Array,
        credit: Array,
        bonus: Array | None = None,
    ) -> list[Factor]:
        """By the logits: on every axis w (1[a] - π) and, of the entropy, -β π (log π + H)."""
        return network.factors(pieces, tape, self.slope(tape[-1], actions, credit, bonus).numpy())

    def curvature(
        self, pieces: Sequence[Array], tape: Sequence[Array], vector: Array, credit: Array
    ) -> list[Factor]:
        """By the logits: on every axis w π (d - πᵀd), where d is their derivative along v."""
        d = network.along(pieces, tape, self.unflatten(vector))
        y = torch.from_numpy(np.broadcast_to(tape[-1], d.shape).copy())
        bent = self.family.metric(y, torch.from_numpy(d)).numpy()
        return network.factors(pieces, tape, credit[..., None] * bent)
