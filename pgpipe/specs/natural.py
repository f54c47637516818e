"""Specs of sections 9 and 10."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pgpipe.config.model import Config
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.specs.common import (
    Call,
    environment_spec,
    linear_environment_spec,
    modules,
    training_modules,
    training_spec,
)

if TYPE_CHECKING:
    from pgpipe.studies.directions import DirectionsSpec
    from pgpipe.studies.fisher_costs import FisherSpec
    from pgpipe.studies.invariance import InvarianceSpec
    from pgpipe.studies.line import LineSpec
    from pgpipe.studies.line_walks import WalksSpec
    from pgpipe.studies.sampled_field import SampledFieldSpec
    from pgpipe.studies.step_sizes import StepSizesSpec, SweptSpec
    from pgpipe.studies.vector_field import FieldSpec

# What is sampled on the line: unbiased, and with little noise.
LINE_ESTIMATOR: PlainEstimatorSpec = {"signal": "reward_to_go", "baseline": "mean", "score_discount": True}


def _field(config: Config) -> "FieldSpec":
    assert config.vector_field is not None
    field = config.vector_field
    return {
        "environment": linear_environment_spec(config, field.environment),
        "start_stds": field.start_stds,
        "k": field.k,
        "sigma": field.sigma,
        "points": field.points,
    }


def map_field(config: Config) -> Call:
    """The grid of (k, σ) on the line."""
    spec: FieldSpec = _field(config)
    return Call("pgpipe.studies.vector_field", spec, modules([spec["environment"]]))


def sample_field(config: Config) -> Call:
    """The same grid, and a batch at each of its points."""
    assert config.vector_field is not None
    spec: SampledFieldSpec = {
        "seed": config.seed,
        "estimator": LINE_ESTIMATOR,
        "episodes": config.vector_field.episodes,
        **_field(config),
    }
    return Call("pgpipe.studies.sampled_field", spec, modules([spec["environment"]], [LINE_ESTIMATOR]))


def study_line(config: Config) -> Call:
    """What is known of the line without a rollout."""
    assert config.line_study is not None
    study = config.line_study
    spec: LineSpec = {
        "environment": linear_environment_spec(config, study.environment),
        "start_stds": study.start_stds,
        "shape_start_stds": study.shape_start_stds,
        "updates": study.updates,
        "starts": [[start.k, start.sigma] for start in study.starts],
    }
    return Call("pgpipe.studies.line", spec, modules([spec["environment"]]))


def walk_line(config: Config) -> Call:
    """Rollouts of the line's own policy."""
    assert config.line_study is not None
    study = config.line_study
    spec: WalksSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "start_stds": study.start_stds,
        "episodes": study.episodes,
        "walks": study.walks,
    }
    return Call("pgpipe.studies.line_walks", spec, modules([spec["environment"]]))


def solve_fisher(config: Config) -> Call:
    """Fisher matrices that are solved both ways, and networks whose costs are counted."""
    assert config.natural_study is not None
    study = config.natural_study
    spec: FisherSpec = {
        "seed": config.seed,
        "environments": [environment_spec(config, name) for name in study.environments],
        "episodes": study.episodes,
        "parameters": study.parameters,
        "steps": study.steps,
    }
    return Call("pgpipe.studies.fisher", spec, modules(spec["environments"]))


def compare_parameterizations(config: Config) -> Call:
    """One policy of the line, stepped by three parameters."""
    assert config.natural_study is not None
    study = config.natural_study
    spec: InvarianceSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "estimator": LINE_ESTIMATOR,
        "episodes": 8 * study.episodes,
        "points": [[point.k, point.sigma] for point in study.points],
        "divergences": study.divergences,
    }
    return Call("pgpipe.studies.invariance", spec, modules([spec["environment"]], [LINE_ESTIMATOR]))


def direction_environments(config: Config) -> list[str]:
    """Where the recipes of the direction study train."""
    study = config.direction_study
    return _environments(config, study.recipes if study else [])


def step_size_environments(config: Config) -> list[str]:
    """Where the recipes of the step-size study train."""
    study = config.step_size_study
    return _environments(config, study.sizes if study else [])


def compare_directions(config: Config, environment: str) -> Call:
    """The recipes of the direction study that train in one environment."""
    assert config.direction_study is not None
    study = config.direction_study
    own = [name for name in study.recipes if config.recipes[name].environment == environment]
    spec: DirectionsSpec = {
        "seed": config.seed,
        "environment": environment,
        "recipes": {name: training_spec(config, name) for name in own},
        "resamples": config.resamples,
        "seeds": list(range(study.seeds)),
        "target": study.targets[environment],
    }
    return Call("pgpipe.studies.directions", spec, training_modules(*spec["recipes"].values()))


def sweep_steps(config: Config, environment: str) -> Call:
    """The recipes of the step-size study that train in one environment, with their sizes."""
    assert config.step_size_study is not None
    study = config.step_size_study
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
        "pgpipe.studies.step_sizes", spec, training_modules(*(part["training"] for part in recipes.values()))
    )


def _environments(config: Config, recipes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(config.recipes[name].environment for name in recipes))
