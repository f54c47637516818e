"""Section 2: the steps of the derivation, and how well samples tell its result."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import Count, Different, EnvironmentName, Model, Positive
from pgpipe.lecture.common.blocks import ExactStudy, Study


class NoisyLine(Model):
    """A line short enough for a quadrature over all its trajectories."""

    environment: EnvironmentName
    horizon: Annotated[int, Field(ge=1, le=3)] = Field(2, description="steps; every step adds two dimensions")
    start_std: Positive = Field(1.0, description="spread of the start: above zero, or there is no density")
    noise_std: Positive = Field(0.3, description="spread of a step's noise: likewise")


class SlipperyGrid(Model):
    """A room small enough to list all its trajectories."""

    environment: EnvironmentName
    size: Annotated[int, Field(ge=2, le=3)] = 2
    slip: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="chance that a move goes elsewhere")
    horizon: Annotated[int, Field(ge=1, le=3)] = Field(3, description="steps; each branches some ten ways")


class TrajectoryStudy(Study):
    """Both sides of E3 to E10, where the probability of a trajectory can be written down."""

    line: NoisyLine | None = None
    grid: SlipperyGrid | None = None
    n_trajectories: Annotated[int, Field(ge=1000)] = Field(20_000, description="rollouts in each")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Environments that are not what they stand for."""
        for kind in ("line", "grid"):
            part: NoisyLine | SlipperyGrid | None = getattr(self, kind)
            known = [
                name
                for name, environment in entries.environments.items()
                if environment.oracle and environment.id == f"pgpipe/{kind.title()}-v0"
            ]
            if part and part.environment not in known:
                yield (
                    f"{kind}.environment: found {part.environment}, which is no {kind} with an exact J. "
                    f"Allowed: {', '.join(known)}"
                )


class ConvergenceStudy(ExactStudy):
    """Error of the gradient of N trajectories, and what a small step along it gains (C28)."""

    n_trajectories: Annotated[list[Count], Different] = Field([4, 16, 64, 256, 1024], min_length=2)
    replicates: Annotated[int, Field(ge=8)] = Field(100, description="independent batches of each size")
    most_replicates: Annotated[int, Field(ge=8)] = Field(
        2000, description="of the largest size, whose number follows from the noise: no more than these"
    )
    step: Positive = Field(0.001, description="length of the step in θ")
