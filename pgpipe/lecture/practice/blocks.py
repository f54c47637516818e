"""Section 8: sweeps over what a training is given by hand."""

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    Positive,
    RecipeName,
    Rising,
    Seeds,
    without_null,
)
from pgpipe.config.recipes import Recipe
from pgpipe.lecture.common.blocks import Study

Share = Annotated[float, Field(ge=0, lt=1)]
OptimizerName = Literal["sgd", "momentum", "adam"]
LearningRates = Annotated[list[Positive], Different, Field(min_length=2)]
Bounds = Annotated[list[Positive], Rising, Field(min_length=2, max_length=2)]


class BatchSweep(Study):
    """Return and direction of the gradient by batch size (P13, C19)."""

    recipes: Annotated[list[RecipeName], Different] = Field(
        min_length=1, description="whose batch size is replaced"
    )
    steps: Annotated[list[Batch], Different] = Field(min_length=2, description="in the batch of an update")
    env_steps: Count = Field(description="in all, where trainings are compared at equal steps")
    updates: Count = Field(description="where they are compared at equal updates")
    seeds: Seeds = 16
    stages: Annotated[list[Share], Different] = Field(
        [0.0, 0.5, 0.9],
        min_length=1,
        description="shares of the way from a random policy's return to the trained one's, where directions "
        "are measured",
    )
    replicates: Count = Field(2, description="independent batches of each size, for each seed at each stage")
    reference_batches: Batch = Field(4, description="behind ∇J where no exact one is known")
    reference_steps: Batch = Field(
        32_000,
        description="in each of these; no size of the sweep, so that a new one leaves them as they are",
    )
    usable_cosine: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.707, description="to ∇J: the part along it is as long as the part across it"
    )
    episodes: Count = Field(32, description="that train nothing and tell the return")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Batches of a single episode, and sweeps that end before their first update."""
        yield from (f"recipes: {twice}" for twice in _twice(self.recipes, entries.recipes))
        for name in self.recipes:
            longest = entries.environments[entries.recipes[name].environment].longest
            least = f"more than the {longest} of one episode" if longest else "none"
            for key, found in (("steps", min(self.steps)), ("reference_steps", self.reference_steps)):
                if longest is None or found <= longest:
                    yield f"{key}: found {found}; allowed in {name}: {least}"
        if self.env_steps < max(self.steps):
            yield f"env_steps: found {self.env_steps}; allowed: at least the largest batch, {max(self.steps)}"


class LearningRateSweep(Study):
    """Final return by learning rate and optimiser, and beside supervised learning (P14, C20, C21)."""

    learning_rates: Annotated[
        Mapping[RecipeName, LearningRates],
        BeforeValidator(without_null, json_schema_input_type=Mapping[RecipeName, LearningRates | None]),
    ] = Field(
        min_length=1,
        description="for each recipe, whose optimiser and learning rate are replaced; null leaves it out",
    )
    optimizers: Annotated[list[OptimizerName], Different] = Field(["sgd", "momentum", "adam"], min_length=1)
    tried: Annotated[
        Mapping[RecipeName, Mapping[OptimizerName, Bounds]],
        BeforeValidator(without_null, json_schema_input_type=Mapping[RecipeName, Any]),
    ] = Field(
        default={},
        description="least and greatest learning rate of an optimiser in a recipe, so that none is spent "
        "where it fails for sure; default all",
    )
    seeds: Seeds | Mapping[RecipeName, Seeds] = Field(16, description="for all recipes, or for each")
    teachers: Count = Field(8, description="seeds that train by the recipe; the good ones are imitated")
    episodes: Count = Field(32, description="that train nothing and tell the return")
    good: Annotated[list[Annotated[float, Field(gt=0, lt=1)]], Different] = Field(
        [0.8, 0.85, 0.9, 0.95],
        min_length=1,
        description="bars: shares of the best score from which on a learning rate is good; claims ask all",
    )

    def seeds_of(self, recipe: str) -> int:
        """How many train in a recipe."""
        return self.seeds if isinstance(self.seeds, int) else self.seeds[recipe]

    def optimizers_at(self, recipe: str, learning_rate: float) -> list[OptimizerName]:
        """Those that are tried at a learning rate."""
        bounds = self.tried.get(recipe, {})
        everywhere = [0.0, inf]
        tried = {name: bounds.get(name, everywhere) for name in self.optimizers}
        return [name for name, (least, most) in tried.items() if least <= learning_rate <= most]

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Two recipes whose results would be taken for one's, and those that step by something else."""
        yield from (f"learning_rates: {twice}" for twice in _twice(self.learning_rates, entries.recipes))
        for name in self.learning_rates:
            if entries.recipes[name].kl is not None:
                yield f"learning_rates: found {name}, which steps to a kl. Allowed: a learning_rate"
            if not isinstance(self.seeds, int) and name not in self.seeds:
                yield f"seeds: found none of {name}; allowed: a number for each recipe of learning_rates"
            yield from (f"tried.{name}: {words}" for words in self._untried(name))

    def _untried(self, recipe: str) -> Iterator[str]:
        """Learning rates of no optimiser, and optimisers without a range of learning rates."""
        rates = self.learning_rates[recipe]
        for rate in rates:
            if not self.optimizers_at(recipe, rate):
                yield f"leaves no optimiser at {rate:g}; allowed: at least one at every learning rate"
        for name in self.optimizers:
            if sum(name in self.optimizers_at(recipe, rate) for rate in rates) < 2:
                yield f"leaves {name} less than two learning rates; allowed: two or more"


class NoiseStudy(Study):
    """Noise of the policy gradient and of the supervised one at matched stages (P15, C18)."""

    recipes: Annotated[list[RecipeName], Different] = Field(min_length=1)
    stages: Annotated[list[Share], Different] = Field(
        [0.0, 0.3, 0.6, 0.9],
        description="shares of the way from a random policy's return to the trained one's",
    )
    seeds: Seeds = 16
    replicates: Annotated[int, Field(ge=8)] = Field(16, description="independent batches at each stage")
    episodes: Count = Field(16, description="that train nothing and tell the stage")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Two recipes whose results would be taken for one's."""
        yield from (f"recipes: {twice}" for twice in _twice(self.recipes, entries.recipes))


def _twice(names: Iterable[str], recipes: Mapping[str, Recipe]) -> Iterator[str]:
    """Recipes of an environment that an earlier one trains in: results are told by environment."""
    first: dict[str, str] = {}
    for name in names:
        environment = recipes[name].environment
        if environment in first:
            both = f"{first[environment]} and {name}, both in {environment}"
            yield f"found {both}; allowed: one for each environment"
        first[environment] = name
