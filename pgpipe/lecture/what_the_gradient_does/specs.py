"""Specs of section 3."""

from typing import TYPE_CHECKING

from pgpipe.lecture.common.specs import Call, environment_spec, modules

if TYPE_CHECKING:
    from pgpipe.lecture.config import Config
    from pgpipe.lecture.what_the_gradient_does.gaussian import GaussianSpec
    from pgpipe.lecture.what_the_gradient_does.steps import StepsSpec
    from pgpipe.lecture.what_the_gradient_does.two_actions import TwoActionsSpec


def measure_steps(config: "Config", environment: str) -> Call:
    """One gradient step from each of many batches."""
    assert config.step_study is not None
    study = config.step_study
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


def follow_gaussian(config: "Config", environment: str) -> Call:
    """A Gaussian policy along real rollouts."""
    assert config.gaussian_study is not None
    spec: GaussianSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "episodes": config.gaussian_study.episodes,
    }
    return Call("pgpipe.lecture.what_the_gradient_does.gaussian", spec, modules([spec["environment"]]))


def map_two_actions(config: "Config") -> Call:
    """The probabilities of two actions by state."""
    assert config.two_actions is not None
    study = config.two_actions
    spec: TwoActionsSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, study.environment),
        "episodes": study.episodes,
        "points": study.points,
    }
    return Call("pgpipe.lecture.what_the_gradient_does.two_actions", spec, modules([spec["environment"]]))
