"""Specs of section 1."""

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
