"""Section 11: groups, divisors, training."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import Different, EnvironmentName, RecipeName
from pgpipe.lecture.common.blocks import Study

Success = Annotated[float, Field(gt=0, lt=1)]
GroupSize = Annotated[int, Field(ge=2, le=1024)]


class GroupStudy(Study):
    """E ĝ over ∇p by success probability and size of the group (P18, C36, C41)."""

    successes: Annotated[list[Success], Different] = Field(
        [0.02, 0.1, 0.5, 0.9], min_length=2, description="chance of a right response to each prompt"
    )
    sizes: Annotated[list[GroupSize], Different] = Field(
        [2, 4, 8, 16, 64], min_length=1, description="episodes in a group, which all answer one prompt"
    )
    trajectories: Annotated[int, Field(ge=2048)] = Field(
        262_144, description="rollouts behind each measured point"
    )


class DivisorStudy(Study):
    """What dividing by lengths does to the direction, by size of the batch (P19, C37)."""

    environment: EnvironmentName = Field(description="prompts with a softmax table, beside two decisions")
    batch_sizes: Annotated[list[Annotated[int, Field(ge=1, le=256)]], Different] = Field(
        [1, 2, 4, 8, 16, 32], min_length=1, description="trajectories in a batch"
    )
    replicates: Annotated[int, Field(ge=100)] = Field(10_000, description="independent batches of each size")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """An environment whose responses cannot be listed."""
        exact = [n for n, e in entries.environments.items() if e.oracle and e.id == "pgpipe/Prompts-v0"]
        if self.environment not in exact:
            allowed = ", ".join(exact) or "pgpipe/Prompts-v0 with a softmax_table"
            yield f"environment: found {self.environment}, whose responses are not listed. Allowed: {allowed}"


class RecentStudy(Study):
    """Return and length of episodes over training, by estimator (P19)."""

    recipes: Annotated[list[RecipeName], Different] = Field(
        min_length=1, description="those of one environment are compared, paired by seed"
    )
    seeds: Annotated[int, Field(ge=2)] = 30
