"""Specs of section 1 and of the exact field over the line."""

from pgpipe.config.model import Config
from pgpipe.specs.common import Spec, environment_spec


def measure_objective(config: Config, environment: str) -> Spec:
    """Error of the mean return against the exact J."""
    assert config.objective_study is not None
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "sizes": config.objective_study.n_trajectories,
        "replicates": config.objective_study.replicates,
        "resamples": config.resamples,
    }


def map_field(config: Config) -> Spec:
    """The grid of (k, σ) on the line."""
    assert config.vector_field is not None
    field = config.vector_field
    return {
        "environment": environment_spec(config, field.environment),
        **field.model_dump(exclude={"environment"}),
    }
