"""Section 1: the objective and its estimate."""

from typing import Annotated

from pydantic import Field

from pgpipe.config.fields import Count, Different
from pgpipe.lecture.common.blocks import ExactStudy


class ObjectiveStudy(ExactStudy):
    """Error of the sample mean of the return against the exact J (P1)."""

    n_trajectories: Annotated[list[Count], Different] = Field([1, 4, 16, 64, 256], min_length=2)
    replicates: Annotated[int, Field(ge=8)] = 400
