"""Specs of the figures."""

from typing import TYPE_CHECKING

from pgpipe import registry
from pgpipe.config.model import Config
from pgpipe.specs.common import Call

if TYPE_CHECKING:
    from pgpipe.drawing import FigureSpec


def draw_figure(config: Config, figure: str) -> Call:
    """The module that draws."""
    module = next(f.module for f in registry.figure_files() if f.name == figure)
    spec: FigureSpec = {"module": module}
    return Call("pgpipe.drawing", spec, [module])
