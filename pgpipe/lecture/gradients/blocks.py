"""The study that sections 2, 5 and 8 read: every estimator on the same rollouts."""

from typing import Annotated

from pydantic import Field

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
