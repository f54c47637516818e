"""Specs of section 5 that are not in the gradient study: causality, and learning by estimator."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.spec import E11, PlainEstimatorSpec
from pgpipe.lecture.common.specs import (
    Call,
    environment_spec,
    modules,
    oracle_of,
    training_modules,
    training_spec,
)
from pgpipe.lecture.declared import functions
from pgpipe.lecture.gradients.specs import listed_environments
from pgpipe.lecture.registry import source_of
from pgpipe.lecture.variance_reduction.blocks import CausalityStudy

if TYPE_CHECKING:
    from pgpipe.lecture.variance_reduction.action_values import ActionValuesSpec
    from pgpipe.lecture.variance_reduction.causality_tables import CausalitySpec
    from pgpipe.lecture.variance_reduction.contributions import ContributionsSpec
    from pgpipe.lecture.variance_reduction.learning_tables import LearningSpec
    from pgpipe.training.curves import BlockSpec


def study_causality(config: Entries, environment: str) -> Call:
    """What an action cannot change, by the exact gradient and, where known, the exact Q."""
    group: dict[str, PlainEstimatorSpec] = {
        "none": E11,
        "mean": {**E11, "baseline": "mean"},
        "to_go": {**E11, "signal": "reward_to_go"},
    }
    spec: CausalitySpec = {
        "environment": environment_spec(config, environment),
        "group": group,
        "module": oracle_of(config, environment),
    }
    uses = modules([spec["environment"]], group.values(), [spec["module"]])
    return Call("pgpipe.lecture.variance_reduction.causality_tables", spec, uses)


def environments_with_action_values(config: Entries) -> list[str]:
    """The environments of the causality study whose exact Q an oracle knows."""
    study = config.find(CausalityStudy)
    oracles = ((name, config.environments[name].oracle) for name in (study.environments if study else []))
    return [
        name for name, oracle in oracles if oracle and "exact_action_values" in functions(source_of(oracle))
    ]


def measure_action_values(config: Entries, environment: str) -> Call:
    """The mean reward to go of every state and action, and the exact Q."""
    where, module = environment_spec(config, environment), oracle_of(config, environment)
    spec: ActionValuesSpec = {"environment": where, "module": module}
    return Call("pgpipe.lecture.variance_reduction.action_values", spec, modules([where], [], [module]))


def two_action_environments(config: Entries) -> list[str]:
    """The environments of the gradient study with two actions whose trajectories an oracle lists."""
    environments = ((name, config.environments[name]) for name in listed_environments(config))
    return [name for name, environment in environments if environment.oracle and environment.n_actions == 2]


def list_contributions(config: Entries, environment: str) -> Call:
    """All trajectories of a small problem, and what each adds to an estimate."""
    where, module = environment_spec(config, environment), oracle_of(config, environment)
    spec: ContributionsSpec = {"environment": where, "module": module}
    return Call("pgpipe.lecture.variance_reduction.contributions", spec, modules([where], [], [module]))


def blocks(config: Entries) -> list[tuple[str, int]]:
    """The blocks of seeds that recipes are trained in: (recipe, number of the block)."""
    return [
        (recipe, block)
        for recipe in config.recipes
        for block in range(-(-config.seeds_of(recipe) // config.seeds_per_block))
    ]


def train_block(config: Entries, recipe: str, block: str) -> Call:
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


def summarise_learning(config: Entries) -> Call:
    """The learning curves of all recipes."""
    spec: LearningSpec = {
        "seed": config.seed,
        "estimators": {name: recipe.estimator for name, recipe in config.recipes.items()},
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.variance_reduction.learning_tables", spec)
