"""Section 7: what a gradient costs."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.entries import Environment
from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    EnvironmentName,
    Model,
    Positive,
)
from pgpipe.lecture.common.blocks import Study


class ImplementationStudy(Study):
    """Both sides of E35, E36 and E37 on real rollouts."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    episodes: Batch = Field(4, description="trajectories in the batch")


class Limit(Model):
    """What a single computation may cost at most; what costs more is extrapolated."""

    calls: Count = Field(default=50_000, description="operations that torch is asked for")
    gigabytes_moved: Positive = Field(default=7.0, description="read and written by all of them")
    gigabytes_held: Positive = Field(default=1.5, description="held at the same time")


class GradientCosts(Study):
    """Cost of the gradient by a pass for each sample and by the pseudo-loss (P12, C17)."""

    environment: EnvironmentName
    parameters: Annotated[list[Annotated[int, Field(ge=100)]], Different] = Field(
        min_length=1, description="of a network with two hidden layers of one width: as near as that comes"
    )
    trajectories: Annotated[list[Count], Different] = Field(min_length=1)
    steps: Count = Field(100, description="of every trajectory; replaces the environment's time limit")
    limit: Limit = Limit()

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Environments whose policy is no network, or whose episodes end by themselves."""
        fits = [
            name
            for name, environment in entries.environments.items()
            if _has_a_network_and_a_limit(environment)
        ]
        if self.environment not in fits:
            yield (
                f"environment: found {self.environment}, whose policy is no network or whose horizon is no "
                f"time limit. Allowed: {', '.join(fits)}"
            )


def _has_a_network_and_a_limit(environment: Environment) -> bool:
    return environment.policy.kind.endswith("_mlp") and not environment.id.startswith("pgpipe/")
