"""Section 10: the natural gradient."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    EnvironmentName,
    Finite,
    Positive,
    RecipeName,
    Seeds,
    without_null,
)
from pgpipe.lecture.common.blocks import LineBlock, Start, Study
from pgpipe.lecture.natural_gradient.criteria import ROUNDED_STEP, SLACK, SMALL_STEP

Sizes = Annotated[list[Positive], Different, Field(min_length=2)]


class NaturalStudy(LineBlock):
    """Conjugate gradient against the dense solve, and steps in three parameterisations (P16, C26, C27)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(
        min_length=1, description="whose Fisher matrices are solved both ways"
    )
    episodes: Batch = Field(8, description="trajectories at whose states F is taken")
    parameters: Annotated[list[Annotated[int, Field(ge=20)]], Different] = Field(
        min_length=2, description="of the networks whose costs are counted: as near as that comes"
    )
    steps: Count = Field(256, description="states in the batch of these")
    environment: EnvironmentName = Field(description="a line, whose policy is stepped by σ, log σ and σ²")
    points: list[Start] = Field(min_length=1, description="(k, σ) at which steps are taken")
    kls: Annotated[list[Positive], Different] = Field(
        min_length=2, description="ε, the KL asked for, in nats"
    )

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is no line, and too few small steps."""
        yield from super().misfits(entries)
        small = [e for e in self.kls if (1 - SLACK) * ROUNDED_STEP <= e <= (1 + SLACK) * SMALL_STEP]
        if len(small) < 2:
            found = f"found {len(small)} between {ROUNDED_STEP:g} and {SMALL_STEP:g}"
            yield f"kls: {found}; allowed: at least 2, from which C26 takes the limit"


class DirectionStudy(Study):
    """Learning curves and KL of every update (P17)."""

    recipes: Annotated[list[RecipeName], Different] = Field(min_length=1)
    targets: Annotated[
        Mapping[str, Finite],
        BeforeValidator(without_null, json_schema_input_type=Mapping[str, Finite | None]),
    ] = Field({}, description="by environment: the mean return of a batch whose first time is compared")
    seeds: Seeds = 16

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Environments that have no target."""
        first = {entries.recipes[name].environment: name for name in reversed(self.recipes)}
        for where in [name for name in first if name not in self.targets]:
            yield f"targets: found none for {where}, in which {first[where]} trains; allowed: a return"


class StepSizeStudy(Study):
    """Step sizes that work, by recipe (C35)."""

    sizes: Annotated[
        Mapping[RecipeName, Sizes],
        BeforeValidator(without_null, json_schema_input_type=Mapping[RecipeName, Sizes | None]),
    ] = Field(min_length=1, description="by recipe: what takes the place of its learning_rate or its kl")
    seeds: Seeds = 8
    works: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.5, description="a size works from this share of the best score on"
    )
