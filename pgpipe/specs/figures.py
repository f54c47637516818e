"""Specs of the figures."""

from pgpipe import registry
from pgpipe.config.model import Config
from pgpipe.specs.common import Call


def draw_figure(config: Config, figure: str) -> Call:
    """The module that draws."""
    module = next(f.module for f in registry.figure_files() if f.name == figure)
    return Call("pgpipe.drawing", {"module": module}, [module])
