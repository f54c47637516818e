"""Specs of section 7."""

from typing import TYPE_CHECKING

from pgpipe.estimators.spec import REWARD_TO_GO
from pgpipe.lecture.common.specs import Call, environment_spec, modules

if TYPE_CHECKING:
    from pgpipe.lecture.config import Config
    from pgpipe.lecture.implementation.gradient_costs import GradientCostsSpec
    from pgpipe.lecture.implementation.identities import ImplementationSpec


def check_implementation(config: "Config", environment: str) -> Call:
    """Both sides of E35 to E37 in an environment."""
    assert config.implementation_study is not None
    spec: ImplementationSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "estimator": REWARD_TO_GO,
        "episodes": config.implementation_study.episodes,
    }
    return Call(
        "pgpipe.lecture.implementation.identities", spec, modules([spec["environment"]], [REWARD_TO_GO])
    )


def count_costs(config: "Config", parameters: str) -> Call:
    """One number of parameters, with all numbers of samples."""
    assert config.gradient_costs is not None
    study, limit = config.gradient_costs, config.gradient_costs.limit
    environment = environment_spec(config, study.environment)
    spec: GradientCostsSpec = {
        "seed": config.seed,
        "environment": {**environment, "max_episode_steps": study.steps},
        "estimator": REWARD_TO_GO,
        "parameters": int(parameters),
        "trajectories": study.trajectories,
        "limit": {
            "calls": limit.calls,
            "gigabytes_moved": limit.gigabytes_moved,
            "gigabytes_held": limit.gigabytes_held,
        },
    }
    return Call(
        "pgpipe.lecture.implementation.gradient_costs", spec, modules([spec["environment"]], [REWARD_TO_GO])
    )
