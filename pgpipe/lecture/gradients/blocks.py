"""The study that sections 2, 5 and 8 read: every estimator on the same rollouts."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import Batch, Different, EnvironmentName
from pgpipe.lecture.common.blocks import Study


class GradientStudy(Study):
    """Bias and variance of every estimator, on the same rollouts (P3, P4, P5)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    batch_sizes: Annotated[list[Batch], Different] = Field(
        [16, 64, 256], min_length=1, description="trajectories in a batch"
    )
    replicates: Annotated[int, Field(ge=8)] = Field(200, description="independent batches")
    reference_replicates: Annotated[int, Field(ge=8)] = Field(
        200, description="batches of the largest size behind the reference gradient where no exact one exists"
    )

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Batches that would cut a group."""
        for name in self.environments:
            group = entries.environments[name].group or 1
            for size in (n for n in self.batch_sizes if n % group):
                yield f"batch_sizes: found {size}; allowed with {name}: multiples of its group, {group}"
