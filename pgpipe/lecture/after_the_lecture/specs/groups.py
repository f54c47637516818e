"""Specs of section 11: groups, divisors, training."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.spec import E11, PlainEstimatorSpec
from pgpipe.lecture.after_the_lecture.blocks.groups import DivisorStudy, GroupStudy, RecentStudy
from pgpipe.lecture.common.specs import (
    Call,
    environment_spec,
    modules,
    training_modules,
    training_spec,
)

if TYPE_CHECKING:
    from pgpipe.lecture.after_the_lecture.divisors import DivisorsSpec
    from pgpipe.lecture.after_the_lecture.groups import GroupsSpec
    from pgpipe.lecture.after_the_lecture.trainings import RecentSpec


# One prompt after the other, each of one token: the study says which, and how likely it is right.
ONE_TOKEN: EnvironmentSpec = {
    "name": "one token",
    "id": "pgpipe/Prompts-v0",
    "kwargs": {},
    "max_episode_steps": None,
    "gamma": 1.0,
    "policy": {"kind": "softmax_table", "logits": None},
}
# What is made of a group, by the names that the oracle has for it.
GROUP_FORMS: dict[str, PlainEstimatorSpec] = {
    "leave_one_out": {**E11, "baseline": "group_mean"},
    "own_mean": {**E11, "baseline": "group_batch_mean"},
    "normalized": {**E11, "normalize": "group"},  # type: ignore[typeddict-unknown-key]
}
DIVISORS = ("trajectories", "steps", "each", "constant")


def measure_groups(config: Entries) -> Call:
    """Estimates of single groups at every success probability."""
    study = config.block(GroupStudy)
    spec: GroupsSpec = {
        "seed": config.seed,
        "environment": ONE_TOKEN,
        "successes": study.successes,
        "sizes": study.sizes,
        "trajectories": study.trajectories,
        "forms": GROUP_FORMS,
    }
    return Call("pgpipe.lecture.after_the_lecture.groups", spec, modules([ONE_TOKEN], GROUP_FORMS.values()))


def compare_divisors(config: Entries) -> Call:
    """Batches of prompts and of two decisions, divided by every divisor, with and without a baseline."""
    study = config.block(DivisorStudy)
    where = environment_spec(config, study.environment)
    spec: DivisorsSpec = {
        "seed": config.seed,
        "environment": where,
        "batch_sizes": study.batch_sizes,
        "replicates": study.replicates,
        "lines": {
            divisor: {baseline: _line(divisor, baseline) for baseline in ("none", "mean")}
            for divisor in DIVISORS
        },
    }
    lines = [line for by_baseline in spec["lines"].values() for line in by_baseline.values()]
    return Call("pgpipe.lecture.after_the_lecture.divisors", spec, modules([where], lines))


def _line(divisor: str, baseline: str) -> PlainEstimatorSpec:
    return {**E11, "baseline": baseline, "aggregate": divisor}  # type: ignore[typeddict-unknown-key]


def recent_environments(config: Entries) -> list[str]:
    """Where the recipes of the study of section 11 train."""
    study = config.find(RecentStudy)
    return list(dict.fromkeys(config.recipes[name].environment for name in study.recipes)) if study else []


def train_recent(config: Entries, environment: str) -> Call:
    """The recipes of the study that train in one environment."""
    study = config.block(RecentStudy)
    own = [name for name in study.recipes if config.recipes[name].environment == environment]
    spec: RecentSpec = {
        "seed": config.seed,
        "environment": environment,
        "recipes": {name: training_spec(config, name) for name in own},
        "estimators": {name: config.recipes[name].estimator for name in own},
        "graded": config.environments[environment].id == "pgpipe/Prompts-v0",
        "resamples": config.resamples,
        "seeds": list(range(study.seeds)),
    }
    return Call(
        "pgpipe.lecture.after_the_lecture.trainings", spec, training_modules(*spec["recipes"].values())
    )
