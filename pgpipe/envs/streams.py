"""One random generator an agent, drawn from as if they were one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class AgentStreams:
    """Stands in for a vector environment's `np_random`: every agent's rows are drawn from its own generator.

    The last axis of every draw counts the environments; agent i owns the i-th equal share of it. So an
    agent's episodes do not depend on which agents run beside it.
    """

    def __init__(self, generators: Sequence[np.random.Generator]) -> None:
        self.generators = generators
        self.columns: NDArray[np.int64] | None = None
        self.width = 0

    def select(self, columns: NDArray[np.int64], width: int) -> None:
        """From now on draw for `width` environments an agent, and pass on those in `columns` (A, W')."""
        self.columns, self.width = columns, width

    def random(self, size: int) -> NDArray[np.float64]:
        """Uniform numbers in [0, 1)."""
        return self._draw("random", size)

    def standard_normal(self, size: int) -> NDArray[np.float64]:
        """Standard normal numbers."""
        return self._draw("standard_normal", size)

    def integers(self, low: int, high: int, size: int) -> NDArray[np.int64]:
        """Uniform integers low ≤ x < high."""
        return self._draw("integers", size, low, high)

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Uniform numbers in [low, high)."""
        return self._draw("uniform", size, low, high)

    def _draw(self, method: str, size: int | tuple[int, ...], *args: float) -> NDArray:  # type: ignore[type-arg]
        *lead, rows = (size,) if isinstance(size, int) else size
        share = (*lead, self.width or rows // len(self.generators))
        shares = [getattr(g, method)(*args, size=share) for g in self.generators]
        if self.columns is not None:
            shares = [drawn[..., own] for drawn, own in zip(shares, self.columns, strict=True)]
        return np.concatenate(shares, axis=-1)


class FirstColumns:
    """Stands in for it, too: draws the first ones of `columns` environments, as if it drew them all.

    One generator's; it steps over the others, a step for each number.
    """

    def __init__(self, generator: np.random.Generator, columns: int) -> None:
        self.generator, self.columns = generator, columns
        self.leap = generator.bit_generator.advance  # type: ignore[attr-defined]

    @staticmethod
    def can_step_over(generator: np.random.Generator) -> bool:
        """Whether it knows of a step for each number, as those of `stream` do."""
        return isinstance(generator.bit_generator, np.random.PCG64)

    def uniform(self, low: float, high: float, size: tuple[int, int]) -> NDArray[np.float64]:
        """Uniform numbers in [low, high)."""
        drawn = np.empty(size)
        for row in drawn:
            row[:] = self.generator.uniform(low, high, len(row))
            self.leap(self.columns - len(row))
        return drawn
