"""What P1 and P25 share: a series for each stage of training, by the number of trajectories."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.style import MARKERS, STAGE_COLOURS, STAGES, stages

APART = 1.2  # by which neighbouring stages stand apart along N, so that none hides another
MOST = 6  # numbers on an axis


def sizes_axis(ax: Axes, sizes: "pd.Series[int]") -> None:
    """A logarithmic horizontal axis whose numbers are sizes that occur."""
    n = np.sort(sizes.unique())
    n = n[:: -(-len(n) // MOST)]
    ax.set_xscale("log")
    ax.set_xlim(sizes.min() / 1.7, sizes.max() * 1.7)
    ax.set_xticks(n, [f"{size:,}" for size in n])
    ax.minorticks_off()


def stage_points(ax: Axes, table: pd.DataFrame, name: str) -> None:
    """The values of a column with their intervals, `name`_low to `name`_high, in a series for each stage."""
    for i, stage in enumerate(stages(table)):
        rows = table[table["policy"] == stage]
        values, low, high = (rows[f"{name}{end}"] for end in ("", "_low", "_high"))
        ax.errorbar(
            _places(table, rows, i), values, [values - low, high - values],
            fmt=_marker(stage), ms=4.5, lw=1.2, color=_colour(stage),
        )  # fmt: skip


def stage_lines(ax: Axes, table: pd.DataFrame, name: str) -> None:
    """Thin lines that join a stage's values."""
    for i, stage in enumerate(stages(table)):
        rows = table[table["policy"] == stage]
        ax.plot(_places(table, rows, i), rows[name], lw=1, alpha=0.6, zorder=1, color=_colour(stage))


def lines_of_slope_half(ax: Axes, table: pd.DataFrame, name: str) -> None:
    """Thin lines that fall as N^(-1/2), each through the middle of a stage's values."""
    n = table["n_trajectories"]
    scaled = np.log(table[name].where(table[name] > 0)) + np.log(n) / 2
    middle = np.exp(scaled.groupby(table["policy"]).transform("median"))
    stage_lines(ax, table.assign(**{name: middle / n**0.5}), name)


def name_stages(ax: Axes, table: pd.DataFrame, name: str, levels: Mapping[float, str] | None = None) -> None:
    """Each stage's name at the end of its series, and words at levels.  The axes' limits have to be final."""
    ends = [End(ax.get_xlim()[1], level, words, "0.35") for level, words in (levels or {}).items()]
    for i, stage in enumerate(stages(table)):
        rows = table[table["policy"] == stage]
        last = rows["n_trajectories"].idxmax()
        ends.append(
            End(float(_places(table, rows, i)[last]), rows.loc[last, name], STAGES[stage], _colour(stage))
        )
    label_ends(ax, ends)


def _colour(stage: str) -> str:
    return STAGE_COLOURS[list(STAGES).index(stage)]


def _marker(stage: str) -> str:
    return MARKERS[list(STAGES).index(stage)]


def _places(table: pd.DataFrame, rows: pd.DataFrame, i: int) -> Any:
    """Where a stage's points stand: at N, a little to the left or right."""
    return rows["n_trajectories"] * APART ** (i - (len(stages(table)) - 1) / 2)
