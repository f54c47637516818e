"""The typed, closed model of `config.yaml`: the one source of truth for what a config may say.

The Snakefile alone reads it; numeric modules get plain dictionaries made from it (`specs.py`), so a new
key redoes nothing. `python -m pgpipe.config` prints the JSON Schema that editors complete and check with.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config_entries import LEAVES_ONE_OUT, Environment, Estimator
from pgpipe.config_fields import Count, Key, Model
from pgpipe.config_recipes import Recipe
from pgpipe.config_studies import (
    CausalityStudy,
    ConvergenceStudy,
    GaussianStudy,
    GradientStudy,
    ObjectiveStudy,
    ReturnShift,
    StepStudy,
    ThreeSamples,
    TrajectoryStudy,
    TwoActions,
    VectorField,
)


class Config(Model):
    """The lecture: what to compute."""

    seed: Annotated[int, Field(ge=0)] = Field(0, description="root of every random stream")
    environments: dict[Key, Environment] = Field(min_length=1)
    estimators: dict[Key, Estimator] = Field(min_length=1)
    recipes: dict[Key, Recipe] = Field({})
    seeds: Count = Field(30, description="training seeds of every recipe")
    seeds_per_block: Count = Field(16, description="seeds that one training job computes side by side")
    gradient_study: GradientStudy
    objective_study: ObjectiveStudy | None = None
    three_samples: ThreeSamples | None = None
    return_shift: ReturnShift | None = None
    trajectory_study: TrajectoryStudy | None = None
    convergence_study: ConvergenceStudy | None = None
    step_study: StepStudy | None = None
    gaussian_study: GaussianStudy | None = None
    two_actions: TwoActions | None = None
    causality_study: CausalityStudy | None = None
    vector_field: VectorField | None = None
    resamples: Annotated[int, Field(ge=100)] = Field(2000, description="bootstrap resamples of an interval")

    def seeds_of(self, recipe: str) -> int:
        """How many seeds of a recipe are trained for the learning curves."""
        own = self.recipes[recipe].seeds
        return self.seeds if own is None else own

    @model_validator(mode="after")
    def _entries_fit_together(self) -> Self:
        if misfits := "; ".join(self._misfits()):
            raise PydanticCustomError("misfit", "{misfits}", {"misfits": misfits})
        return self

    def _misfits(self) -> Iterator[str]:
        """What no entry can know by itself: key path, found, allowed."""
        for name in self.recipes:
            yield from self._recipe_misfits(name)
        for name, environment in self.environments.items():
            trained = environment.snapshots and self.recipes[environment.snapshots].environment
            if trained not in (None, name):
                yield f"environments.{name}.snapshots: found a recipe that trains in {trained}"
        exact = [name for name, environment in self.environments.items() if environment.oracle]
        bandits = [name for name, model in self.environments.items() if model.id == "pgpipe/Bandit-v0"]
        if self.return_shift and self.return_shift.environment not in bandits:
            found = self.return_shift.environment
            yield f"return_shift.environment: found {found}, no bandit. Allowed: {', '.join(bandits)}"
        for key in ("objective_study", "convergence_study", "causality_study"):
            for name in study.environments if (study := getattr(self, key)) else []:
                if name not in exact:
                    yield (
                        f"{key}.environments: found {name}, whose exact J is not known. "
                        f"Allowed: {', '.join(exact)}"
                    )
        trained_in = {recipe.environment for recipe in self.recipes.values()}
        if (study := self.step_study) and study.policy != "untrained":
            for name in sorted(set(study.environments) - trained_in):
                yield (
                    f"step_study.policy: found {study.policy}, but no recipe trains in {name}. "
                    "Allowed: untrained"
                )
        gaussian = [name for name, e in self.environments.items() if "gaussian" in e.policy.kind]
        for name in self.gaussian_study.environments if self.gaussian_study else []:
            if name not in gaussian:
                yield (
                    f"gaussian_study.environments: found {name}, whose policy is not Gaussian. "
                    f"Allowed: {', '.join(gaussian)}"
                )
        two = [name for name, e in self.environments.items() if e.n_actions == 2]
        if self.two_actions and self.two_actions.environment not in two:
            found = self.two_actions.environment
            yield (
                f"two_actions.environment: found {found}, which has other actions. Allowed: {', '.join(two)}"
            )
        lines = [
            name for name, environment in self.environments.items() if environment.id == "pgpipe/Line-v0"
        ]
        if self.vector_field and self.vector_field.environment not in lines:
            found = self.vector_field.environment
            yield f"vector_field.environment: found {found}, which is no line. Allowed: {', '.join(lines)}"
        yield from self._trajectory_misfits(exact)

    def _recipe_misfits(self, name: str) -> Iterator[str]:
        """What a recipe asks of its estimator that this one does not have."""
        recipe, where = self.recipes[name], f"recipes.{name}"
        estimator = self.estimators[recipe.estimator]
        if estimator.knows_value:
            yield f"{where}.estimator: found {recipe.estimator}; its exact value is the study's"
        if recipe.value_network and "values" not in estimator.asks:
            yield f"{where}.value_network: {recipe.estimator} asks for no value function; allowed: null"
        fits = recipe.value_network is not None and estimator.baseline not in LEAVES_ONE_OUT
        if estimator.needs_others and not fits:
            if recipe.episodes == 1:
                yield f"{where}.episodes: found 1; allowed: at least 2, as the own one is left out"
            longest = self.environments[recipe.environment].longest
            if recipe.steps and (longest is None or recipe.steps <= longest):
                least = f"more than the {longest} of one episode" if longest else "none"
                yield f"{where}.steps: found {recipe.steps}; allowed: {least}, as the own one is left out"

    def _trajectory_misfits(self, exact: list[str]) -> Iterator[str]:
        """Environments of the trajectory study that are not what they stand for."""
        for kind in ("line", "grid"):
            part = self.trajectory_study and getattr(self.trajectory_study, kind)
            known = [name for name in exact if self.environments[name].id == f"pgpipe/{kind.title()}-v0"]
            if part and part.environment not in known:
                yield (
                    f"trajectory_study.{kind}.environment: found {part.environment}, which is no {kind} with "
                    f"an exact J. Allowed: {', '.join(known)}"
                )


def json_schema() -> str:
    """Return the JSON Schema of `config.yaml` as text, as committed under `workflow/schemas/`."""
    schema: dict[str, Any] = Config.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(json_schema(), end="")
