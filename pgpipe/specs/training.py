"""Specs of the trainings: blocks of seeds, and the policies at which gradients are studied."""

from typing import TYPE_CHECKING

from pgpipe.config.model import Config
from pgpipe.envs.spec import SampledSpec
from pgpipe.specs.common import Call, environment_spec, modules, training_modules, training_spec

if TYPE_CHECKING:
    from pgpipe.studies.learning_tables import LearningSpec
    from pgpipe.training.curves import BlockSpec
    from pgpipe.training.snapshots import SnapshotsSpec, UntrainedSpec


def blocks(config: Config) -> list[tuple[str, int]]:
    """The blocks of seeds that recipes are trained in: (recipe, number of the block)."""
    return [
        (recipe, block)
        for recipe in config.recipes
        for block in range(-(-config.seeds_of(recipe) // config.seeds_per_block))
    ]


def snapshot_recipe(config: Config, environment: str) -> str | None:
    """The recipe that trains an environment's policies of the study; None if there is no such recipe."""
    own = (name for name, recipe in config.recipes.items() if recipe.environment == environment)
    return config.environments[environment].snapshots or next(own, None)


def train_block(config: Config, recipe: str, block: str) -> Call:
    """One block of a recipe's seeds."""
    first = int(block) * config.seeds_per_block
    seeds = list(range(first, min(first + config.seeds_per_block, config.seeds_of(recipe))))
    evaluation = config.recipes[recipe].evaluation
    training = training_spec(config, recipe)
    spec: BlockSpec = {
        "recipe": recipe,
        "seeds": seeds,
        "training": training,
        "evaluation": {"every": evaluation.every, "episodes": evaluation.episodes} if evaluation else None,
    }
    return Call("pgpipe.training.curves", spec, training_modules(training))


def train_snapshots(config: Config, environment: str) -> Call:
    """The training that gives the study's policies; without a recipe just the environment they start in."""
    recipe = snapshot_recipe(config, environment)
    if recipe is None:
        start: SampledSpec = {"seed": config.seed, "environment": environment_spec(config, environment)}
        untrained: UntrainedSpec = {"recipe": None, "training": start}
        return Call("pgpipe.training.snapshots", untrained, modules([start["environment"]]))
    training = training_spec(config, recipe)
    spec: SnapshotsSpec = {"recipe": recipe, "training": training}
    return Call("pgpipe.training.snapshots", spec, training_modules(training))


def summarise_learning(config: Config) -> Call:
    """The learning curves of all recipes."""
    spec: LearningSpec = {
        "seed": config.seed,
        "estimators": {name: recipe.estimator for name, recipe in config.recipes.items()},
        "resamples": config.resamples,
    }
    return Call("pgpipe.studies.learning_tables", spec)
