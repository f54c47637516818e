"""Names at the ends of lines, which take the place of legends, and axes with plain numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

SIZE = 8.5  # points
ROOM = 0.8  # share of a panel's width up to which names fit inside
LONG = 0.15  # share of its width from which on a name is tied to its line
EDGE = 0.04  # share of its height that its frame takes


class End(NamedTuple):
    """Where a line ends, in the units of its axes, and what stands there."""

    x: float
    y: float
    text: str
    colour: str

    @classmethod
    def of(cls, rows: pd.DataFrame, x: str, y: str, text: str, colour: str) -> "End":
        """The end of the line through the rows' columns x and y."""
        return cls(float(rows[x].iloc[-1]), float(rows[y].iloc[-1]), text, colour)


def label_ends(ax: Axes, ends: Sequence[End], *, apart: float = 0.085, pad: float = 0.03) -> None:
    """A name to the right of each line's end; those that would touch move apart, tied to their lines.

    A line whose last value is no number has no name. `apart` and `pad` are shares of the panel's height and
    width. The axes' limits have to be final.
    """
    ends = sorted((end for end in ends if not np.isnan([end.x, end.y]).any()), key=lambda end: end.y)
    if not ends:
        return
    on_screen = ax.transData.transform([(end.x, end.y) for end in ends])
    places = ax.transAxes.inverted().transform(on_screen)
    inside = float(places[:, 0].max())
    right = (inside if inside < ROOM else 1.0) + pad
    for end, (x, y), height in zip(ends, places, spread(places[:, 1], apart), strict=True):
        tie = {"arrowstyle": "-", "color": end.colour, "lw": 0.6, "shrinkA": 0, "shrinkB": 2.5}
        tie["relpos"] = (0, 0.5)  # from the name's left edge, not across it
        far = abs(height - y) > apart / 2 or right - x > LONG
        ax.annotate(
            end.text, (x, np.clip(y, 0, 1)), (right, height), "axes fraction", "axes fraction",
            arrowprops=tie if far else None, annotation_clip=False, color=end.colour, fontsize=SIZE,
            va="center", ha="left",
        )  # fmt: skip


def spread(heights: ArrayLike, apart: float) -> list[float]:
    """Rising heights, moved as little as may be to be so far apart, and inside of the frame if they fit."""
    wished = np.clip(np.asarray(heights, float), 0, 1)
    steps = apart * np.arange(len(wished))
    moved = isotonic_regression(wished - steps).x
    return list(np.clip(moved, EDGE, max(EDGE, 1 - EDGE - steps[-1])) + steps)


def signed(number: float) -> str:
    """A number with its sign, a minus as long as a plus."""
    return f"{number:+g}".replace("-", "−")


def two_figures(number: float) -> str:
    """A number of two significant figures, with commas at the thousands."""
    return f"{float(f'{number:.2g}'):,.12g}"


def plain_numbers(axis: Axis) -> None:
    """Numbers at 1, 2 and 5 of each power of ten of a logarithmic axis, at the powers alone of a long one."""
    if axis.get_scale() != "log":
        return
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 200 * low else (1.0,)))
    axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axis.set_minor_locator(NullLocator())
