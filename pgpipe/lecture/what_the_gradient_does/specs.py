"""Specs of section 3."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.lecture.common.specs import Call, environment_spec, modules, training_modules, training_spec
from pgpipe.lecture.gradients.specs import snapshot_recipe
from pgpipe.lecture.what_the_gradient_does.blocks import GaussianStudy, StepStudy, TwoActions

if TYPE_CHECKING:
    from pgpipe.lecture.what_the_gradient_does.gaussian import GaussianSpec
    from pgpipe.lecture.what_the_gradient_does.replicates import StepsSpec
    from pgpipe.lecture.what_the_gradient_does.two_actions import TwoActionsSpec


def measure_steps(config: Entries, environment: str) -> Call:
    """One gradient step from each of many batches, at the policies of several training seeds."""
    study, recipe = config.block(StepStudy), snapshot_recipe(config, environment)
    training = None if recipe is None else training_spec(config, recipe)
    if training:
        training["updates"] = min(study.updates, training["updates"])
    spec: StepsSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "training": training,
        "policy": study.policy,
        "policies": study.policies,
        "episodes": study.episodes,
        "batches": study.batches,
        "permutations": study.permutations,
        "length": study.length,
    }
    uses = modules([spec["environment"]], [], training_modules(training) if training else [])
    return Call("pgpipe.lecture.what_the_gradient_does.steps", spec, uses)


def follow_gaussian(config: Entries, environment: str) -> Call:
    """A Gaussian policy along real rollouts."""
    spec: GaussianSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "episodes": config.block(GaussianStudy).episodes,
    }
    return Call("pgpipe.lecture.what_the_gradient_does.gaussian", spec, modules([spec["environment"]]))


def map_two_actions(config: Entries) -> Call:
    """The probabilities of two actions by state."""
    study = config.block(TwoActions)
    spec: TwoActionsSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, study.environment),
        "episodes": study.episodes,
        "points": study.points,
    }
    return Call("pgpipe.lecture.what_the_gradient_does.two_actions", spec, modules([spec["environment"]]))
