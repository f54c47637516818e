"""Where the numbers of a tanh network lie for the compiled code: rows of whole registers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from pgpipe.fused.tiles import LANES, ROWS

# What the table of layers says of each, column by column.
FAN_IN, FAN_OUT, OUT, WEIGHTS, BACK, BACK_OUT, FROM, TO = range(8)


def padded(width: int, to: int = LANES) -> int:
    """The next multiple."""
    return -(-width // to) * to


@dataclass(frozen=True)
class Layout:
    """Places of weights, of transposed weights, and of a step's numbers: every layer's input, the output."""

    widths: tuple[int, ...]

    @cached_property
    def layers(self) -> NDArray[np.int64]:
        """A row for each layer: its widths, the outputs with padding, and where its numbers begin."""
        pairs = list(pairwise(self.widths))
        places = [
            list(accumulate(sizes, initial=0))
            for sizes in (
                [(padded(i, ROWS) + 1) * padded(o) for i, o in pairs],
                [o * padded(i) for i, o in pairs],
                [padded(width) for width in self.widths],
            )
        ]
        return np.array(
            [
                (i, o, padded(o), places[0][k], places[1][k], padded(i), places[2][k], places[2][k + 1])
                for k, (i, o) in enumerate(pairs)
            ]
        )

    @property
    def n_weights(self) -> int:
        """Numbers of all weights and biases with their padding."""
        return sum((padded(i, ROWS) + 1) * padded(o) for i, o in pairwise(self.widths))

    @property
    def n_back(self) -> int:
        """Numbers of the transposed weights."""
        return sum(o * padded(i) for i, o in pairwise(self.widths))

    @property
    def step(self) -> int:
        """Numbers that a step keeps."""
        return sum(padded(width) for width in self.widths)


def aligned(*shape: int) -> NDArray[np.float32]:
    """Zeros that begin where a line of the cache does."""
    size = int(np.prod(shape))
    room = np.zeros(size + 16, np.float32)
    start = (-room.ctypes.data % 64) // 4
    return room[start : start + size].reshape(shape)


def widest(widths: Sequence[int]) -> int:
    """Of all layers, with padding."""
    return max(padded(width) for width in widths)
