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
    """The picture as SVG and PNG, and what the run says of it, as Markdown.

    That is a heading, the headline, where the figure has one; and the sentences that end its caption.
    """
    module, given = import_module(spec["module"]), list(tables.values())
    with house_style():
        drawn = pictures(module.draw(*given))
    said = [f"# {line}" for line in [_call(module, "headline", given)] if line]
    said += [text for text in [_call(module, "findings", given)] if text]
    return {**drawn, "findings": "\n\n".join(said)}


def _call(module: Any, name: str, tables: list[pd.DataFrame]) -> str:
    """What a figure says by itself; nothing where it has no such function."""
    says = getattr(module, name, None)
    return says(*tables) if says else ""
