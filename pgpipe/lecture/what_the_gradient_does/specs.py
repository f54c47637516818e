"""Specs of section 3."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.lecture.common.specs import Call, environment_spec, modules
from pgpipe.lecture.what_the_gradient_does.blocks import GaussianStudy, StepStudy, TwoActions

if TYPE_CHECKING:
    from pgpipe.lecture.what_the_gradient_does.gaussian import GaussianSpec
    from pgpipe.lecture.what_the_gradient_does.steps import StepsSpec
    from pgpipe.lecture.what_the_gradient_does.two_actions import TwoActionsSpec


def measure_steps(config: Entries, environment: str) -> Call:
    """One gradient step from each of many batches."""
    study = config.block(StepStudy)
    spec: StepsSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "policy": study.policy,
        "episodes": study.episodes,
        "batches": study.batches,
        "permutations": study.permutations,
        "length": study.length,
    }
    return Call("pgpipe.lecture.what_the_gradient_does.steps", spec, modules([spec["environment"]]))


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
