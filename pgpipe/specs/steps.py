"""Specs of section 3."""

from pgpipe.config.model import Config
from pgpipe.specs.common import Call, Spec, environment_spec, modules


def measure_steps(config: Config, environment: str) -> Call:
    """One gradient step from each of many batches."""
    assert config.step_study is not None
    spec: Spec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        **config.step_study.model_dump(exclude={"environments"}),
    }
    return Call("pgpipe.studies.steps", spec, modules([spec["environment"]]))


def follow_gaussian(config: Config, environment: str) -> Call:
    """A Gaussian policy along real rollouts."""
    assert config.gaussian_study is not None
    spec: Spec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "episodes": config.gaussian_study.episodes,
    }
    return Call("pgpipe.studies.gaussian", spec, modules([spec["environment"]]))


def map_two_actions(config: Config) -> Call:
    """The probabilities of two actions by state."""
    assert config.two_actions is not None
    study = config.two_actions
    spec: Spec = {
        "seed": config.seed,
        "environment": environment_spec(config, study.environment),
        **study.model_dump(exclude={"environment"}),
    }
    return Call("pgpipe.studies.two_actions", spec, modules([spec["environment"]]))
