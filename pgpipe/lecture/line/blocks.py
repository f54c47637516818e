"""Section 9: the one-dimensional example."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    Finite,
    Positive,
    Rising,
)
from pgpipe.lecture.common.blocks import LineBlock, Start

StartSpreads = Annotated[list[Annotated[float, Field(ge=0, allow_inf_nan=False)]], Different]


class VectorField(LineBlock):
    """Vanilla and natural directions over (k, σ) on the line, exact and sampled (F9, F10)."""

    start_stds: StartSpreads = Field([1.0, 0.0], min_length=1)
    k: Annotated[list[Finite], Rising] = Field(
        [-1.6, 0.4], min_length=2, max_length=2, description="range of the gain"
    )
    sigma: Annotated[list[Positive], Rising] = Field(
        [0.025, 1.0], min_length=2, max_length=2, description="range of σ"
    )
    points: Annotated[int, Field(ge=3, le=100)] = Field(19, description="grid points on each axis")
    episodes: Batch = Field(16, description="trajectories in the batch at each point of the sampled field")


class LineStudy(LineBlock):
    """Walks, flows, the exact optimum, and how J is bent (F7, F8, F11, C22 to C25)."""

    start_stds: StartSpreads = Field([1.0, 0.0], min_length=1, description="of the walks and flows")
    starts: list[Start] = Field(min_length=1, description="of the flows; updates are counted from the first")
    shape_start_stds: StartSpreads = Field(
        [1.0, 0.1, 0.01, 0.0], min_length=1, description="at which derivatives and curvature are compared"
    )
    updates: Count = Field(2000, description="at most, on the way to within 1 % of the optimum")
    episodes: Annotated[int, Field(ge=100)] = Field(4000, description="walks that are measured")
    walks: Count = Field(40, description="walks that are drawn")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is no line, and starts at which every J* is zero."""
        yield from super().misfits(entries)
        if not any(self.shape_start_stds):
            yield "shape_start_stds: found only 0; allowed: one above 0, from where C24 counts updates"
