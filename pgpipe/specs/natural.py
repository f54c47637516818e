"""Specs of sections 9 and 10."""

from typing import Any

from pgpipe.config.model import Config
from pgpipe.specs.common import Spec, environment_spec, training_spec

# What is sampled on the line: unbiased, and with little noise.
LINE_ESTIMATOR = {"signal": "reward_to_go", "baseline": "mean", "score_discount": True}


def map_field(config: Config) -> Spec:
    """The grid of (k, σ) on the line."""
    assert config.vector_field is not None
    field = config.vector_field
    return {
        "environment": environment_spec(config, field.environment),
        **field.model_dump(exclude={"environment", "episodes"}),
    }


def sample_field(config: Config) -> Spec:
    """The same grid, and a batch at each of its points."""
    assert config.vector_field is not None
    return {
        "seed": config.seed,
        "estimator": LINE_ESTIMATOR,
        "episodes": config.vector_field.episodes,
        **map_field(config),
    }


def study_line(config: Config) -> Spec:
    """What is known of the line without a rollout."""
    assert config.line_study is not None
    study = config.line_study
    return {
        "environment": environment_spec(config, study.environment),
        **study.model_dump(include={"start_stds", "shape_start_stds", "updates"}),
        "starts": [[start.k, start.sigma] for start in study.starts],
    }


def walk_line(config: Config) -> Spec:
    """Rollouts of the line's own policy."""
    assert config.line_study is not None
    study = config.line_study
    return {
        "seed": config.seed,
        "environment": environment_spec(config, study.environment),
        **study.model_dump(include={"start_stds", "episodes", "walks"}),
    }


def solve_fisher(config: Config) -> Spec:
    """Fisher matrices that are solved both ways, and networks whose costs are counted."""
    assert config.natural_study is not None
    study = config.natural_study
    return {
        "seed": config.seed,
        "environments": [environment_spec(config, name) for name in study.environments],
        "parts": [{"environment": environment_spec(config, name)} for name in study.environments],
        **study.model_dump(include={"episodes", "parameters", "steps"}),
    }


def compare_parameterizations(config: Config) -> Spec:
    """One policy of the line, stepped by three parameters."""
    assert config.natural_study is not None
    study = config.natural_study
    return {
        "seed": config.seed,
        "environment": environment_spec(config, study.environment),
        "estimator": LINE_ESTIMATOR,
        "episodes": 8 * study.episodes,
        "points": [[point.k, point.sigma] for point in study.points],
        "divergences": study.divergences,
    }


def compare_directions(config: Config, environment: str) -> Spec:
    """The recipes of the direction study that train in one environment."""
    assert config.direction_study is not None
    study = config.direction_study
    own = [name for name in study.recipes if config.recipes[name].environment == environment]
    return {
        **_trainings(config, environment, {name: training_spec(config, name) for name in own}),
        "seeds": list(range(study.seeds)),
        "target": study.targets[environment],
    }


def sweep_steps(config: Config, environment: str) -> Spec:
    """The recipes of the step-size study that train in one environment, with their sizes."""
    assert config.step_size_study is not None
    study, recipes = config.step_size_study, {}
    for name, sizes in study.sizes.items():
        recipe = config.recipes[name]
        if recipe.environment == environment:
            direction = config.estimators[recipe.estimator].direction
            key = "kl" if recipe.kl is not None else "learning_rate"
            training = training_spec(config, name)
            recipes[name] = {"training": training, "key": key, "sizes": sizes, "direction": direction}
    trainings = {name: part["training"] for name, part in recipes.items()}
    return {
        **_trainings(config, environment, trainings),
        "recipes": recipes,
        "seeds": list(range(study.seeds)),
        "works": study.works,
    }


def _trainings(config: Config, environment: str, recipes: dict[str, Any]) -> Spec:
    """`parts` are there for the modules that the trainings name."""
    return {
        "seed": config.seed,
        "environment": environment,
        "recipes": recipes,
        "parts": list(recipes.values()),
        "resamples": config.resamples,
    }
