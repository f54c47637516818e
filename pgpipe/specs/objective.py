"""Specs of section 1."""

from typing import TYPE_CHECKING

from pgpipe.config.model import Config
from pgpipe.specs.common import Call, environment_spec, modules

if TYPE_CHECKING:
    from pgpipe.studies.objective import ObjectiveSpec


def measure_objective(config: Config, environment: str) -> Call:
    """Error of the mean return against the exact J."""
    assert config.objective_study is not None
    spec: ObjectiveSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "sizes": config.objective_study.n_trajectories,
        "replicates": config.objective_study.replicates,
        "resamples": config.resamples,
    }
    return Call("pgpipe.studies.objective", spec, modules([spec["environment"]]))
