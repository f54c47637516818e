"""Specs of section 10."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.spec import REWARD_TO_GO_MEAN
from pgpipe.lecture.common.specs import (
    Call,
    environment_spec,
    linear_environment_spec,
    modules,
    training_modules,
    training_spec,
)
from pgpipe.lecture.natural_gradient.blocks import DirectionStudy, NaturalStudy, StepSizeStudy

if TYPE_CHECKING:
    from pgpipe.lecture.natural_gradient.directions import DirectionsSpec
    from pgpipe.lecture.natural_gradient.fisher_costs import FisherSpec
    from pgpipe.lecture.natural_gradient.invariance import InvarianceSpec
    from pgpipe.lecture.natural_gradient.step_sizes import StepSizesSpec, SweptSpec


def solve_fisher(config: Entries) -> Call:
    """Fisher matrices that are solved both ways, and networks whose costs are counted."""
    study = config.block(NaturalStudy)
    spec: FisherSpec = {
        "seed": config.seed,
        "environments": [environment_spec(config, name) for name in study.environments],
        "episodes": study.episodes,
        "parameters": study.parameters,
        "steps": study.steps,
    }
    return Call("pgpipe.lecture.natural_gradient.fisher", spec, modules(spec["environments"]))


def compare_parameterizations(config: Entries) -> Call:
    """One policy of the line, stepped by three parameters."""
    study = config.block(NaturalStudy)
    spec: InvarianceSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "estimator": REWARD_TO_GO_MEAN,
        "episodes": 8 * study.episodes,
        "points": [[point.k, point.sigma] for point in study.points],
        "kls": study.kls,
    }
    return Call(
        "pgpipe.lecture.natural_gradient.invariance",
        spec,
        modules([spec["environment"]], [REWARD_TO_GO_MEAN]),
    )


def direction_environments(config: Entries) -> list[str]:
    """Where the recipes of the direction study train."""
    study = config.find(DirectionStudy)
    return _environments(config, study.recipes if study else [])


def step_size_environments(config: Entries) -> list[str]:
    """Where the recipes of the step-size study train."""
    study = config.find(StepSizeStudy)
    return _environments(config, study.sizes if study else [])


def compare_directions(config: Entries, environment: str) -> Call:
    """The recipes of the direction study that train in one environment."""
    study = config.block(DirectionStudy)
    own = [name for name in study.recipes if config.recipes[name].environment == environment]
    spec: DirectionsSpec = {
        "seed": config.seed,
        "environment": environment,
        "recipes": {name: training_spec(config, name) for name in own},
        "resamples": config.resamples,
        "seeds": list(range(study.seeds)),
        "target": study.targets[environment],
    }
    return Call(
        "pgpipe.lecture.natural_gradient.directions", spec, training_modules(*spec["recipes"].values())
    )


def sweep_steps(config: Entries, environment: str) -> Call:
    """The recipes of the step-size study that train in one environment, with their sizes."""
    study = config.block(StepSizeStudy)
    recipes: dict[str, SweptSpec] = {}
    for name, sizes in study.sizes.items():
        recipe = config.recipes[name]
        if recipe.environment == environment:
            direction = config.estimators[recipe.estimator].direction
            recipes[name] = {
                "training": training_spec(config, name),
                "key": "kl" if recipe.kl is not None else "learning_rate",
                "sizes": sizes,
                "direction": direction,
            }
    spec: StepSizesSpec = {
        "seed": config.seed,
        "environment": environment,
        "recipes": recipes,
        "resamples": config.resamples,
        "seeds": list(range(study.seeds)),
        "works": study.works,
    }
    return Call(
        "pgpipe.lecture.natural_gradient.step_sizes",
        spec,
        training_modules(*(part["training"] for part in recipes.values())),
    )


def _environments(config: Entries, recipes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(config.recipes[name].environment for name in recipes))
