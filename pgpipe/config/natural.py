"""Sections 9 and 10: the one-dimensional example, and the natural gradient."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    EnvironmentName,
    Finite,
    Model,
    Positive,
    RecipeName,
    Rising,
)
from pgpipe.config.studies import Environments, Recipes, Study
from pgpipe.criteria import ROUNDED_STEP, SLACK, SMALL_STEP

StartSpreads = Annotated[list[Annotated[float, Field(ge=0, allow_inf_nan=False)]], Different]
Sizes = Annotated[list[Positive], Different, Field(min_length=2)]
Seeds = Annotated[int, Field(ge=4)]  # fewer have no interquartile mean


def _without_null(given: Any) -> Any:
    """In an override file null takes an entry out."""
    if not isinstance(given, dict):
        return given
    return {name: value for name, value in given.items() if value is not None}


class LineBlock(Study):
    """A study of an environment that is a line, with the lecture's policy."""

    environment: EnvironmentName

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """What is no line."""
        lines = [name for name, environment in environments.items() if environment.id == "pgpipe/Line-v0"]
        if self.environment not in lines:
            yield f"environment: found {self.environment}, which is no line. Allowed: {', '.join(lines)}"


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


class Start(Model):
    """Where a flow begins."""

    k: Annotated[float, Field(gt=-2, lt=0)] = Field(description="between -2 and 0, where walks settle")
    sigma: Positive


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

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """What is no line, and starts at which every J* is zero."""
        yield from super().misfits(environments, recipes)
        if not any(self.shape_start_stds):
            yield "shape_start_stds: found only 0; allowed: one above 0, from where C24 counts updates"


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
    divergences: Annotated[list[Positive], Different] = Field(
        min_length=2, description="ε, the KL asked for, in nats"
    )

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """What is no line, and too few small steps."""
        yield from super().misfits(environments, recipes)
        small = [e for e in self.divergences if (1 - SLACK) * ROUNDED_STEP <= e <= (1 + SLACK) * SMALL_STEP]
        if len(small) < 2:
            found = f"found {len(small)} between {ROUNDED_STEP:g} and {SMALL_STEP:g}"
            yield f"divergences: {found}; allowed: at least 2, from which C26 takes the limit"


class DirectionStudy(Study):
    """Learning curves and KL of every update (P17)."""

    recipes: Annotated[list[RecipeName], Different] = Field(min_length=1)
    targets: Annotated[
        Mapping[str, Finite],
        BeforeValidator(_without_null, json_schema_input_type=Mapping[str, Finite | None]),
    ] = Field({}, description="by environment: the mean return of a batch whose first time is compared")
    seeds: Seeds = 16

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """Environments that have no target."""
        first = {recipes[name].environment: name for name in reversed(self.recipes)}
        for where in [name for name in first if name not in self.targets]:
            yield f"targets: found none for {where}, in which {first[where]} trains; allowed: a return"


class StepSizeStudy(Study):
    """Step sizes that work, by recipe (C35)."""

    sizes: Annotated[
        Mapping[RecipeName, Sizes],
        BeforeValidator(_without_null, json_schema_input_type=Mapping[RecipeName, Sizes | None]),
    ] = Field(min_length=1, description="by recipe: what takes the place of its learning_rate or its kl")
    seeds: Seeds = 8
    works: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.5, description="a size works from this share of the best score on"
    )
