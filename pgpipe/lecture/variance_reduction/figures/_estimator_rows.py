"""Small multiples in which every estimator is a row: what figures of the gradient study share."""

from collections.abc import Sequence
from math import ceil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
from numpy.typing import NDArray

from pgpipe.lecture.common.estimator_table import biased_by_making
from pgpipe.lecture.common.style import STAGE_COLOURS, STAGES, WIDTH, readable, stages

ROW = 0.155  # inches for an estimator
AROUND = 0.62  # inches for a panel's title and axis

COLOURS = dict(zip(STAGES, STAGE_COLOURS, strict=True))


def rows_of_panels(
    table: pd.DataFrame, estimators: pd.DataFrame, *, across: int, each: int = 1
) -> tuple[Figure, dict[str, NDArray[np.object_]], list[str]]:
    """A group of `each` panels for every environment, `across` groups side by side.

    Returns the figure, the panels of every environment, and the estimators from above to below.
    """
    environments = list(table["environment"].unique())
    names = [name for name in estimators["estimator"] if name in set(table["estimator"])]
    across = min(across, len(environments))
    lines = ceil(len(environments) / across)
    height = 0.5 + lines * (AROUND + ROW * len(names))
    figure, axes = plt.subplots(
        lines, across * each, figsize=(WIDTH, height), sharey=True, squeeze=False, layout="constrained"
    )
    groups = axes.reshape(lines * across, each)
    for ax in groups[len(environments) :].ravel():
        ax.set_axis_off()
    marked = biased_by_making(estimators)
    labels = [readable(name) + (" †" if name in marked else "") for name in names]
    axes[0, 0].set_yticks(range(len(names)), labels, fontsize=7.5)
    axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
    panels = dict(zip(environments, groups, strict=False))
    for environment, group in panels.items():
        group[0].set_title(readable(environment))
        for ax in group:
            ax.grid(visible=False, axis="y")
            for place in range(0, len(names), 2):  # every other row shaded, to read across
                ax.axhspan(place - 0.5, place + 0.5, color="0.965", zorder=0)
    return figure, panels, names


def places(rows: pd.DataFrame, names: Sequence[str], order: Sequence[str]) -> NDArray[np.float64]:
    """Where the rows of a table stand: an estimator's line, the stages of training one below the other."""
    offsets = dict(zip(order, np.linspace(-0.26, 0.26, len(order)) if len(order) > 1 else [0.0], strict=True))
    stage = rows["policy"].map(offsets).to_numpy(float)
    return rows["estimator"].map({name: i for i, name in enumerate(names)}).to_numpy(float) + stage


def shades(rows: pd.DataFrame) -> list[str]:
    """The colour of each row's stage of training."""
    return [COLOURS[policy] for policy in rows["policy"]]


def stage_legend(figure: Figure, table: pd.DataFrame, *more: Line2D) -> None:
    """What the shades mean, above all panels; `more` are further handles."""
    handles = [
        Line2D([], [], color=COLOURS[stage], marker="o", ms=4, lw=1.6, label=STAGES[stage])
        for stage in stages(table)
    ]
    figure.legend(handles=[*handles, *more], loc="outside upper center", ncols=len(handles) + len(more))


def largest_batch(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the largest batch of each environment."""
    largest = table.groupby("environment")["batch_size"].transform("max")
    return table[table["batch_size"] == largest]


def log_ticks(ax: Axes) -> None:
    """A logarithmic horizontal axis with few, plain numbers."""
    ax.set_xscale("log")
    ax.tick_params(axis="x", labelsize=7)
    low, high = ax.get_xlim()
    if high < 30 * low:  # powers of ten alone might leave a single number, and one number makes no scale
        few = LogLocator(subs=(1.0, 3.0)) if high > 10 * low else MaxNLocator(2, steps=[1, 2, 5, 10])
        ax.xaxis.set_major_locator(few)
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
