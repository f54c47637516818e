"""The entries of every config: environments, estimators and recipes by name, seeds, resamples."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config.entries import Environment
from pgpipe.config.estimators import Estimator
from pgpipe.config.fields import MOST, MOST_SEEDS, Count, Key, Model
from pgpipe.config.recipes import Recipe

Block = TypeVar("Block", bound=Model)


class Entries(Model):
    """What is named, and what no single study owns; a config adds its blocks, each of a kind of its own."""

    takes_all: ClassVar[dict[str, str]] = {}  # blocks that use every entry of a family, and the family

    base: Literal["none"] | None = Field(
        None,
        exclude_if=lambda base: base is None,
        description="none: the config starts from nothing, and only what it names is made; null: it is laid "
        "over the default one",
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="root of every random stream")
    environments: dict[Key, Environment] = Field({})
    estimators: dict[Key, Estimator] = Field({})
    recipes: dict[Key, Recipe] = Field({})
    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = Field(
        30, description="training seeds of every recipe"
    )
    seeds_per_block: Count = Field(16, description="seeds that one training job computes side by side")
    resamples: Annotated[int, Field(ge=100, le=MOST)] = Field(
        2000, description="bootstrap resamples of an interval"
    )
    plugins: list[str] = Field(
        [],
        exclude_if=lambda plugins: not plugins,
        description="code of one's own: installed packages by name, files and packages by their path "
        "from this file's folder. An override file's are added to those below",
    )

    def seeds_of(self, recipe: str) -> int:
        """How many seeds of a recipe are trained for the learning curves."""
        own = self.recipes[recipe].seeds
        return self.seeds if own is None else own

    def find(self, kind: type[Block]) -> Block | None:
        """The block of this kind; None if the config leaves it out."""
        return next((value for _, value in self if type(value) is kind), None)

    def block(self, kind: type[Block]) -> Block:
        """The same for who cannot do without it.  Raises `LookupError` if the config leaves it out."""
        if (found := self.find(kind)) is None:
            raise LookupError(f"the config has no block of the kind {kind.__name__}")
        return found

    def notes(self) -> list[str]:
        """What a reader of the results has to know of environments, by key path."""
        named = self.environments.items()
        return [f"environments.{name}: {note}" for name, model in named for note in model.notes]

    @model_validator(mode="after")
    def _entries_fit_together(self) -> Self:
        if misfits := "; ".join(self.misfits()):
            raise PydanticCustomError("misfit", "{misfits}", {"misfits": misfits})
        return self

    def misfits(self) -> Iterator[str]:
        """What no entry can know by itself: key path, found, allowed."""
        for name in self.recipes:
            yield from self._recipe_misfits(name)
        for name, environment in self.environments.items():
            trained = environment.snapshots and self.recipes[environment.snapshots].environment
            if trained not in (None, name):
                yield f"environments.{name}.snapshots: found a recipe that trains in {trained}"

    def _recipe_misfits(self, name: str) -> Iterator[str]:
        """What a recipe asks of its estimator that this one does not have."""
        recipe, where = self.recipes[name], f"recipes.{name}"
        estimator = self.estimators[recipe.estimator]
        if estimator.needs_exact_value:
            yield f"{where}.estimator: found {recipe.estimator}; its exact value is the study's"
        group = self.environments[recipe.environment].group
        if estimator.needs_groups and not group:
            where_to = f"environments.{recipe.environment}.group"
            yield f"{where}.estimator: found {recipe.estimator}, which needs groups; missing: {where_to}"
        if group and recipe.steps:
            yield f"{where}.steps: found {recipe.steps}; allowed with groups of {group}: episodes"
        if group and recipe.episodes and recipe.episodes % group:
            yield f"{where}.episodes: found {recipe.episodes}; allowed: a multiple of group, {group}"
        if estimator.needs_state_ratios:
            yield f"{where}.estimator: found {recipe.estimator}; its exact state ratios are the study's"
        if recipe.value_network and "values" not in estimator.asks:
            yield f"{where}.value_network: {recipe.estimator} asks for no value function; allowed: null"
        if recipe.conjugate_gradient and estimator.direction == "vanilla":
            yield f"{where}.conjugate_gradient: {recipe.estimator} is a vanilla direction; allowed: null"
        if recipe.optimizer == "adam" and estimator.direction == "natural":
            yield (
                f"{where}.optimizer: found adam, which rescales every number of a natural direction. "
                "Allowed: sgd, momentum, normalized, null"
            )
        if recipe.steps and self.environments[recipe.environment].single:
            yield (
                f"{where}.steps: found {recipe.steps}; only one {recipe.environment} may run in a process, "
                "and steps take several at a time. Allowed: episodes"
            )
        fits = recipe.value_network is not None and not estimator.composed.leaves_own_out
        if estimator.needs_others and not fits:
            if recipe.episodes == 1:
                yield f"{where}.episodes: found 1; allowed: at least 2, which leave-one-out needs"
            longest = self.environments[recipe.environment].longest
            found = f"{where}.steps: found {recipe.steps}"
            if recipe.steps and longest is None:
                why = (
                    "batches need at least 2 episodes, and with episodes that end at random none may be left"
                )
                remedy = f"episodes, 2 or more, or max_episode_steps below {recipe.steps}"
                yield f"{found}; {why}. Allowed: {remedy}"
            elif recipe.steps and longest is not None and recipe.steps <= longest:
                why = "as leave-one-out needs at least 2 trajectories"
                yield f"{found}; allowed: more than the {longest} of one episode, {why}"
