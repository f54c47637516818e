"""Specs of section 7."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.spec import REWARD_TO_GO
from pgpipe.lecture.common.specs import Call, environment_spec, modules
from pgpipe.lecture.implementation.blocks import GradientCosts, ImplementationStudy

if TYPE_CHECKING:
    from pgpipe.lecture.implementation.gradient_costs import GradientCostsSpec
    from pgpipe.lecture.implementation.identities import ImplementationSpec


def check_implementation(config: Entries, environment: str) -> Call:
    """Both sides of E35 to E37 in an environment."""
    spec: ImplementationSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "estimator": REWARD_TO_GO,
        "episodes": config.block(ImplementationStudy).episodes,
    }
    return Call(
        "pgpipe.lecture.implementation.identities", spec, modules([spec["environment"]], [REWARD_TO_GO])
    )


def count_costs(config: Entries, parameters: str) -> Call:
    """One number of parameters, with all numbers of samples."""
    study = config.block(GradientCosts)
    limit = study.limit
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
