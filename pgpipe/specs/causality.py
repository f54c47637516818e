"""Specs of section 5 that are not in the gradient study."""

from pgpipe.config.model import Config
from pgpipe.specs.common import E11, Call, Spec, environment_spec, modules


def study_causality(config: Config, environment: str) -> Call:
    """What an action cannot change, by the exact gradient and, where known, the exact Q."""
    group = {"none": E11, "mean": {**E11, "baseline": "mean"}}
    spec: Spec = {
        "environment": environment_spec(config, environment),
        "group": group,
        "module": config.environments[environment].oracle,
    }
    uses = modules([spec["environment"]], group.values(), [spec["module"]])
    return Call("pgpipe.studies.causality_tables", spec, uses)
