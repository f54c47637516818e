"""Specs of section 1."""

from typing import TYPE_CHECKING

from pgpipe.lecture.common.specs import Call, environment_spec, modules

if TYPE_CHECKING:
    from pgpipe.lecture.config import Config
    from pgpipe.lecture.objective.sample_mean import ObjectiveSpec


def measure_objective(config: "Config", environment: str) -> Call:
    """Error of the mean return against the exact J."""
    assert config.objective_study is not None
    spec: ObjectiveSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "sizes": config.objective_study.n_trajectories,
        "replicates": config.objective_study.replicates,
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.objective.sample_mean", spec, modules([spec["environment"]]))
