"""Specs of section 1."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.lecture.common.specs import Call, environment_spec, modules
from pgpipe.lecture.objective.blocks import ObjectiveStudy

if TYPE_CHECKING:
    from pgpipe.lecture.objective.sample_mean import ObjectiveSpec


def measure_objective(config: Entries, environment: str) -> Call:
    """Error of the mean return against the exact J."""
    study = config.block(ObjectiveStudy)
    spec: ObjectiveSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "sizes": study.n_trajectories,
        "replicates": study.replicates,
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.objective.sample_mean", spec, modules([spec["environment"]]))
