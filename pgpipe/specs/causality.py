"""Specs of section 5 that are not in the gradient study."""

from typing import TYPE_CHECKING

from pgpipe.config.model import Config
from pgpipe.estimators.spec import E11, PlainEstimatorSpec
from pgpipe.specs.common import Call, environment_spec, modules, oracle_of

if TYPE_CHECKING:
    from pgpipe.studies.causality_tables import CausalitySpec


def study_causality(config: Config, environment: str) -> Call:
    """What an action cannot change, by the exact gradient and, where known, the exact Q."""
    group: dict[str, PlainEstimatorSpec] = {"none": E11, "mean": {**E11, "baseline": "mean"}}
    spec: CausalitySpec = {
        "environment": environment_spec(config, environment),
        "group": group,
        "module": oracle_of(config, environment),
    }
    uses = modules([spec["environment"]], group.values(), [spec["module"]])
    return Call("pgpipe.studies.causality_tables", spec, uses)
