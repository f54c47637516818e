"""A tanh network's numbers as the compiled code has them, and what it computes of a network by itself."""

import numpy as np
from numpy.typing import NDArray

from pgpipe.errors import fits
from pgpipe.fused.gradient import AT_A_TIME, Room, add_ascent, outputs
from pgpipe.fused.layout import Layout, aligned, widest
from pgpipe.fused.network import gathered, spread
from pgpipe.network import n_parameters

Floats = NDArray[np.float32]


class CompiledNetwork:
    """A tanh network of these widths, whose parameters are read before each use."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        self.layout, self.n_parameters = Layout(widths), n_parameters(widths)
        self.layers = self.layout.layers
        self.weights, self.back = aligned(self.layout.n_weights), aligned(self.layout.n_back)
        self.room = Room(
            aligned(2, AT_A_TIME, widest(widths)),
            aligned(2, widths[-1], AT_A_TIME),
            aligned(4, AT_A_TIME),
            aligned(self.layout.n_weights),
        )

    def read(self, theta: Floats) -> None:
        """Take over weights and biases, as `pgpipe.network` has them.  (P,).

        Raises `ValueError` for those of other widths.
        """
        fits("parameters of a network", theta.shape, (self.n_parameters,))
        spread(self.layers, theta, self.weights, self.back)

    def flat(self, padded: Floats, theta: Floats) -> None:
        """What lies as the weights do, in the order of θ, to the first numbers of theta."""
        gathered(self.layers, padded, theta)


class CompiledRegression(CompiledNetwork):
    """One output, and steps down its squared error."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__(widths)
        self.tape = aligned(AT_A_TIME, self.layout.step)

    def outputs(self, phi: Floats, obs: Floats) -> Floats:
        """f(s).  (P,), (S, D) -> (S,)."""
        self.read(phi)
        fits("obs", obs.shape, (len(obs), self.layout.widths[0]))
        values = np.empty(len(obs), np.float32)
        outputs(self.layers, self.weights, np.ascontiguousarray(obs), self.tape, values)
        return values

    def ascent(self, phi: Floats, obs: Floats, targets: Floats) -> Floats:
        """-∇ of half the mean squared error.  (P,), (S, D), (S,) -> (P,)."""
        self.read(phi)
        fits("obs", obs.shape, (len(targets), self.layout.widths[0]))
        total, gradient = np.zeros_like(self.weights), np.empty_like(phi)
        of = (np.ascontiguousarray(obs), np.ascontiguousarray(targets))
        add_ascent(self.layers, self.weights, self.back, *of, self.tape, self.room, total)
        self.flat(total, gradient)
        return gradient / np.float32(len(obs))
