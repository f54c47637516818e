"""Policies whose parameters are the weights and biases of one tanh network."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from pgpipe import network
from pgpipe.network import Array
from pgpipe.policies.policy import Policy


class OnNetwork(Policy):
    """What they share; they differ in what the network's output means."""

    widths: tuple[int, ...]  # observation, hidden layers, output

    @property
    def n_parameters(self) -> int:
        """All weights and biases, layer by layer."""
        return network.n_parameters(self.widths)

    def initial(self, rng: np.random.Generator) -> Tensor:
        """The network's own start."""
        return torch.as_tensor(network.initial(self.widths, rng), dtype=self.dtype)

    def unflatten(self, theta: Array) -> list[Array]:
        """The network's layers."""
        return network.matrices(self.widths, theta)

    def tape(self, shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
        """The inputs of the network's layers, then its output."""
        return network.tape(self.widths, shape, dtype)

    def forward(
        self, pieces: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None
    ) -> None:
        """The inputs of every layer, then the output."""
        network.forward(pieces, tape, rows)
