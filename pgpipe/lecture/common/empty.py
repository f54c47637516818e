"""Pictures in which nothing is to be seen say so."""

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from pgpipe.lecture.common.style import WIDTH
from pgpipe.lecture.common.words import open_where_none

LETTERS = 100  # of a line of a notice
GREY = "0.35"


def notice(words: str) -> Figure:
    """A picture that is nothing but words."""
    lines = fill(words, LETTERS)
    figure = Figure(figsize=(WIDTH, 0.4 + 0.2 * (1 + lines.count("\n"))))
    figure.text(0.5, 0.5, lines, ha="center", va="center", color=GREY)
    return figure


def say_where_empty(figure: Figure) -> None:
    """Write into each panel in which nothing is drawn that nothing was measured."""
    for ax in figure.axes:
        if ax.axison and ax.get_visible() and not _shows_something(ax):
            ax.text(
                0.5, 0.5, "nothing measured", transform=ax.transAxes, ha="center", va="center", color=GREY
            )


def say_what_is_open(figure: Figure) -> None:
    """A question mark for each number among a picture's words that is none."""
    for text in figure.findobj(Text):
        if (words := open_where_none(text.get_text())) != text.get_text():
            text.set_text(words)


def _shows_something(ax: Axes) -> bool:
    """Whether there is anything in a panel but lines across all of it."""
    drawn = (*ax.patches, *ax.images, *(text for text in ax.texts if text.get_text()))
    lines = (line for line in ax.lines if line.get_transform().contains_branch(ax.transData))
    return bool(drawn) or any(map(_has_number, lines)) or any(map(_has_place, ax.collections))


def _has_number(line: Line2D) -> bool:
    x, y = (np.asarray(values, float) for values in (line.get_xdata(), line.get_ydata()))
    return bool((np.isfinite(x) & np.isfinite(y)).any())


def _has_place(collection: Collection) -> bool:
    return len(collection.get_paths()) > 0
