"""The house style of every figure, and the one place that turns them into pictures."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ticker import LogLocator, NullFormatter

from pgpipe.lecture.common.extents import log_scale
from pgpipe.lecture.common.hues import COLOURS as COLOURS
from pgpipe.lecture.common.hues import DIRECTION_COLOURS as DIRECTION_COLOURS
from pgpipe.lecture.common.words import readable as readable

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

# Stages of training, from light to dark: no estimator has these.
STAGE_COLOURS = ("#B07CC0", "#7E4A9E", "#3E0F5C")

# Dashes tell kinds of steps apart without colour.
DIRECTION_LINES = {"vanilla": "-", "normalized": (0, (4, 2)), "adam": (0, (1, 1.5)), "natural": "-"}

STAGES = {"untrained": "untrained", "half_trained": "half-trained", "trained": "trained"}

WIDTH = 7.2  # inches: a full text column
MOST_NAMES = 4  # in a line of a legend

CLIP = re.compile(rb'<clipPath id="(p[0-9a-f]{10})"')  # as matplotlib names them


@contextmanager
def house_style() -> Iterator[None]:
    """Fonts, grid and fixed salts: the same table gives the same bytes."""
    _register_fonts()
    settings = {
        **sns.axes_style("whitegrid", {"grid.color": "0.92", "axes.edgecolor": "0.6"}),
        "backend": "agg",
        "figure.dpi": 100,
        "savefig.dpi": 160,
        "font.family": ["Lecture Sans", "DejaVu Sans"],
        "mathtext.fontset": "stix",
        "font.size": 9.5,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.labelsize": 9.5,
        "legend.fontsize": 9,
        "legend.frameon": False,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "svg.hashsalt": "pgpipe",
        "figure.constrained_layout.use": True,
    }
    with mpl.rc_context(settings):
        yield


@cache
def _register_fonts() -> None:
    """Make the house's own letters known: the same on every machine."""
    for path in sorted((Path(__file__).parent / "fonts").glob("*.ttf")):
        fontManager.addfont(path)


def pictures(figure: Figure) -> dict[str, bytes]:
    """The figure as `svg` and `png`, laid out once for both, without a date."""
    if engine := figure.get_layout_engine():
        engine.execute(figure)  # a trial drawing, which each kind of picture would repeat
        figure.set_layout_engine("none")
    made = {}
    for kind, metadata in (("svg", {"Date": None}), ("png", {"Software": None})):
        buffer = BytesIO()
        figure.savefig(buffer, format=kind, metadata=metadata)
        made[kind] = buffer.getvalue()
    made["svg"] = _numbered(made["svg"])
    return made


def _numbered(svg: bytes) -> bytes:
    """Clips named in order: their names are hashes of places, whose last bits the layout does not repeat."""
    for number, name in enumerate(CLIP.findall(svg)):
        svg = svg.replace(name, b"clip%d" % number)
    return svg


def palette(estimators: pd.DataFrame) -> dict[str, str]:
    """An estimator's colour, the same in every figure: its place in the config."""
    names = estimators["estimator"]
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}


def markers(estimators: pd.DataFrame) -> dict[str, str]:
    """An estimator's marker, beside its colour."""
    names = estimators["estimator"]
    # a second round of the colours meets other markers
    return {name: MARKERS[(i + i // len(COLOURS)) % len(MARKERS)] for i, name in enumerate(names)}


def stages(table: pd.DataFrame) -> list[str]:
    """The stages of training in a table, in the order of training."""
    return [stage for stage in STAGES if stage in set(table["policy"])]


def estimator_legend(figure: Figure, estimators: pd.DataFrame, names: Sequence[str]) -> None:
    """One legend for all panels, above them."""
    colours, shapes = palette(estimators), markers(estimators)
    legend_above(figure, [(readable(name), colours[name], shapes[name], "-") for name in names])


def legend_above(figure: Figure, looks: Iterable[tuple[str, str, str, Any]]) -> None:
    """One legend for all panels, above them: each series' name, colour, marker and line."""
    handles = [
        mpl.lines.Line2D([], [], color=colour, marker=marker, ls=line, lw=1.5, markersize=5, label=name)
        for name, colour, marker, line in looks
    ]
    rows = max(1, ceil(len(handles) / MOST_NAMES))
    figure.legend(
        handles=handles, loc="outside upper center", ncols=max(1, ceil(len(handles) / rows)),
        handlelength=2.6,  # so that dashes show on both sides of a marker
    )  # fmt: skip


def named_in(figure: Figure) -> set[str]:
    """The names of the series that panels show."""
    return {name for ax in figure.axes for name in ax.get_legend_handles_labels()[1]}


def plain_log_axis(ax: Axes) -> None:
    """A logarithmic vertical axis whose numbers stand at powers of ten and nowhere between."""
    log_scale(ax, vertical=True)
    if ax.get_yscale() != "log":
        return
    ax.yaxis.set_major_locator(LogLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())
