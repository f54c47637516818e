"""Specs of section 5 that are not in the gradient study."""

from pgpipe.config.model import Config
from pgpipe.specs.common import E11, Spec, environment_spec


def study_causality(config: Config, environment: str) -> Spec:
    """What an action cannot change, by the exact gradient and, where known, the exact Q."""
    return {
        "environment": environment_spec(config, environment),
        "group": {"none": E11, "mean": {**E11, "baseline": "mean"}},
        "module": config.environments[environment].oracle,
    }
