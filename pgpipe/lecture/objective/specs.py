"""Specs of section 1."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pgpipe.config.base import Entries
from pgpipe.lecture.common.specs import Call, environment_spec, modules
from pgpipe.lecture.objective.blocks import ObjectiveStudy

if TYPE_CHECKING:
    from pgpipe.lecture.objective.problems import ProblemSpec
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


def problem_environments(config: Entries) -> list[str]:
    """The environments that recipes or studies of this run name, in the config's order."""
    blocks = config.model_dump(exclude={"environments", "estimators"})
    named = set(_named(blocks))
    return [name for name in config.environments if name in named]


def _named(part: Any) -> Iterator[str]:
    """What stands under the keys `environment` and `environments`, at any depth."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("environment", "environments") and isinstance(value, str | list):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _named(value)


def describe_problem(config: Entries, environment: str) -> Call:
    """One environment in words, and episodes of its untrained policy."""
    spec: ProblemSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "exact": config.environments[environment].oracle is not None,
    }
    return Call("pgpipe.lecture.objective.problems", spec, modules([spec["environment"]]))
