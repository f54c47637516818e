"""Specs of the report and of what stands beside it."""

from pgpipe.config.model import Config
from pgpipe.plan import figures
from pgpipe.specs.common import Spec


def write_report(config: Config) -> Spec:
    """The whole config, as the report shows it, and the pictures in it."""
    return {"config": config.model_dump(mode="json"), "figures": [f.name for f in figures(config)]}


def write_manifest(config: Config) -> Spec:
    """The whole config, as the manifest records it."""
    return {"config": config.model_dump(mode="json")}


def gather_timings(config: Config) -> Spec:
    """Nothing but what ran decides the costs."""
    return {}
