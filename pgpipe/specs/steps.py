"""Specs of section 3."""

from pgpipe.config.model import Config
from pgpipe.specs.common import Spec, environment_spec


def measure_steps(config: Config, environment: str) -> Spec:
    """One gradient step from each of many batches."""
    assert config.step_study is not None
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        **config.step_study.model_dump(exclude={"environments"}),
    }


def follow_gaussian(config: Config, environment: str) -> Spec:
    """A Gaussian policy along real rollouts."""
    assert config.gaussian_study is not None
    episodes = config.gaussian_study.episodes
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "episodes": episodes,
    }


def map_two_actions(config: Config) -> Spec:
    """The probabilities of two actions by state."""
    assert config.two_actions is not None
    study = config.two_actions
    return {
        "seed": config.seed,
        "environment": environment_spec(config, study.environment),
        **study.model_dump(exclude={"environment"}),
    }
