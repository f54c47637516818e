"""Specs of the trainings: blocks of seeds, and the policies at which gradients are studied."""

from pgpipe.config.model import Config
from pgpipe.specs.common import Spec, environment_spec, training_spec


def snapshot_recipe(config: Config, environment: str) -> str | None:
    """The recipe that trains an environment's policies of the study; None if there is no such recipe."""
    own = (name for name, recipe in config.recipes.items() if recipe.environment == environment)
    return config.environments[environment].snapshots or next(own, None)


def train_block(config: Config, recipe: str, block: str) -> Spec:
    """One block of a recipe's seeds."""
    first = int(block) * config.seeds_per_block
    seeds = list(range(first, min(first + config.seeds_per_block, config.seeds_of(recipe))))
    evaluation = config.recipes[recipe].evaluation
    return {
        "recipe": recipe,
        "seeds": seeds,
        "training": training_spec(config, recipe),
        "evaluation": evaluation and evaluation.model_dump(),
    }


def train_snapshots(config: Config, environment: str) -> Spec:
    """The training that gives the study's policies; without a recipe just the environment they start in."""
    recipe = snapshot_recipe(config, environment)
    if recipe is None:
        start = {"seed": config.seed, "environment": environment_spec(config, environment)}
        return {"recipe": None, "training": start}
    return {"recipe": recipe, "training": training_spec(config, recipe)}


def summarise_learning(config: Config) -> Spec:
    """The learning curves of all recipes."""
    return {
        "seed": config.seed,
        "estimators": {name: recipe.estimator for name, recipe in config.recipes.items()},
        "resamples": config.resamples,
    }
