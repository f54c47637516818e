"""Drawing a figure from its tables; the one place that makes pictures."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.lecture.common.style import house_style, pictures


class FigureSpec(TypedDict):
    """The module that draws."""

    module: str


def draw_figure(spec: FigureSpec, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The picture as SVG and PNG, and the sentences with its numbers that end its caption."""
    module = import_module(spec["module"])
    with house_style():
        drawn = pictures(module.draw(*tables.values()))
    findings = module.findings(*tables.values()) if hasattr(module, "findings") else ""
    return {**drawn, "findings": findings}
