"""Several choices at once, from the logits of one network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgpipe import network
from pgpipe.network import Array, Factor
from pgpipe.policies.by_family import ByFamily
from pgpipe.policies.families import Categoricals
from pgpipe.policies.on_network import OnNetwork


@dataclass(frozen=True)
class ChoicesMLP(ByFamily, OnNetwork):
    """π_θ(a|s) = Π_j softmax(f_θ(s)_j)_{a_j}, the choices independent in a state, f a tanh network."""

    widths: tuple[int, ...]  # observation, hidden layers, the logits of all axes
    choices: tuple[int, ...]  # on every axis of an action
    dtype: torch.dtype = torch.float32
    scalar: bool = False

    @property
    def family(self) -> Categoricals:  # type: ignore[override]
        """The choices, given the logits."""
        return Categoricals(self.choices)

    def numbers(self, theta: Tensor, obs: Tensor) -> Tensor:
        """The network's output."""
        return network.output(self.widths, theta, obs)

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
