"""Specs of section 2."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.spec import E11
from pgpipe.lecture.common.specs import Call, environment_spec, modules, oracle_of
from pgpipe.lecture.direct_differentiation.blocks import ConvergenceStudy, TrajectoryStudy

if TYPE_CHECKING:
    from pgpipe.lecture.direct_differentiation.convergence import ConvergenceSpec
    from pgpipe.lecture.direct_differentiation.identities import IdentitiesSpec


def known_dynamics(config: Entries) -> list[str]:
    """The kinds of environments of the trajectory study, as `pgpipe.dynamics` names them."""
    return [kind for kind in ("line", "grid") if getattr(config.find(TrajectoryStudy), kind, None)]


def check_identities(config: Entries, dynamics: str) -> Call:
    """One environment of the trajectory study, whose arguments replace the environment's own."""
    study = config.block(TrajectoryStudy)
    changes = getattr(study, dynamics).model_dump()
    environment = environment_spec(config, name := changes.pop("environment"))
    spec: IdentitiesSpec = {
        "seed": config.seed,
        "environment": {**environment, "kwargs": environment["kwargs"] | changes},
        "module": oracle_of(config, name),
        "dynamics": f"pgpipe.dynamics.{dynamics}",
        "n": study.n_trajectories,
    }
    return Call(
        "pgpipe.lecture.direct_differentiation.identities",
        spec,
        modules([environment], [], [spec["module"], spec["dynamics"]]),
    )


def follow_gradient(config: Entries, environment: str) -> Call:
    """Error of E11 against the exact gradient, and the gain of a step along it."""
    study = config.block(ConvergenceStudy)
    spec: ConvergenceSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "module": oracle_of(config, environment),
        "estimator": E11,
        "sizes": study.n_trajectories,
        "replicates": study.replicates,
        "most_replicates": study.most_replicates,
        "step": study.step,
        "resamples": config.resamples,
    }
    return Call(
        "pgpipe.lecture.direct_differentiation.convergence",
        spec,
        modules([spec["environment"]], [E11], [spec["module"]]),
    )
