"""Drawing a figure from its tables; the one place that makes pictures."""

import logging
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from typing_extensions import TypedDict

from pgpipe.lecture.common.empty import notice, say_what_is_open, say_where_empty
from pgpipe.lecture.common.lacks import why_not
from pgpipe.lecture.common.style import house_style, pictures
from pgpipe.lecture.common.words import NoNumberError, plain, with_signs, without_none

LOG = logging.getLogger(__name__)


class FigureSpec(TypedDict):
    """The module that draws."""

    module: str


def draw_figure(spec: FigureSpec, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The picture as SVG and PNG, and what the run says of it, as Markdown.

    That is a heading, the headline, where the figure has one; and the sentences that end its caption. Tables
    in which there is nothing to draw give a picture that says why: the report comes out without it.
    """
    module, by_name = (
        import_module(spec["module"]),
        {Path(path).stem: table for path, table in tables.items()},
    )
    with house_style():
        drawn, why = _drawn(module, by_name)
    if why:
        return {**drawn, "findings": f"Not drawn: {plain(why)}."}
    said = [f"# {line}" for line in [_call(module, "headline", by_name)] if line]
    said += [text for text in [_call(module, "findings", by_name)] if text]
    return {**drawn, "findings": "\n\n".join(said)}


def _drawn(module: ModuleType, tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, bytes], str]:
    """The picture, and why it is none, empty if it is one."""
    try:
        figure: Figure = module.draw(*tables.values())
        say_where_empty(figure)
        say_what_is_open(figure)
        return pictures(figure), ""
    except Exception as error:  # tables that lack something can stop a drawing in any way
        LOG.exception("%s could not be drawn", module.__name__)
        plt.close("all")
        why = why_not(error, tables)
        return pictures(notice(f"Not drawn: {why}.")), why


def _call(module: ModuleType, name: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """What a figure says by itself; nothing where it has no such function, or nothing can be said.

    A sentence with a number that is none is not said.
    """
    says = getattr(module, name, None)
    if says is None:
        return ""
    try:
        return with_signs(without_none(says(*tables.values())))
    except NoNumberError:
        return ""
    except Exception:  # the picture is there; what lacks is a sentence
        LOG.exception("%s of %s could not be said", name, module.__name__)
        return ""
