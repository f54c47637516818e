"""Specs of the figures."""

from pgpipe import registry
from pgpipe.config.model import Config
from pgpipe.specs.common import Spec


def draw_figure(config: Config, figure: str) -> Spec:
    """The module that draws."""
    return {"module": next(f.module for f in registry.figure_files() if f.name == figure)}
