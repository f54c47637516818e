"""P11 Training that uses each batch several times

A panel for each form of importance weights: return over environment steps, a line for each number of updates
from a batch, from light to dark. Without weights two updates a batch learn faster than one and many end in
collapse; with weights the same number of updates costs less. A last panel shows the return after the last
batch over the number of updates.

Return per episode over environment steps. Every line takes the same number of batches; K updates are made
from each, all but the first off-policy. Lines are interquartile means over seeds, bands and bars their 95 %
bootstrap intervals; all seeds start from the same parameters in every panel. Last panel: after the last
batch.
"""

from collections.abc import Mapping

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullLocator

from pgpipe.lecture.common.style import WIDTH, markers, palette, readable

ACROSS = 3  # panels side by side


def draw(reuse_summary: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel for each estimator, and one that compares them."""
    names = list(reuse_summary["estimator"].unique())
    lines = -(-(len(names) + 1) // ACROSS)
    figure, axes = plt.subplots(
        lines, ACROSS, figsize=(WIDTH, 0.5 + 2.5 * lines), sharey=True, squeeze=False, layout="constrained"
    )
    panels = axes.ravel()
    forms = _forms(estimators)
    for ax, name in zip(panels, names, strict=False):
        _curves(ax, reuse_summary[reuse_summary["estimator"] == name])
        ax.set_title(forms[name])
        ax.set_xlabel("environment steps (10³)")
    last, *empty = panels[len(names) :]
    _last(last, reuse_summary, estimators, forms)
    for ax in empty:
        ax.set_axis_off()
    legend = {"loc": "upper left"} if empty else {"loc": "lower left", "fontsize": 7}
    (empty or [last])[0].legend(*last.get_legend_handles_labels(), **legend)
    for ax in axes[:, 0]:
        ax.set_ylabel("return per episode")
    handles = [
        Line2D([], [], color=colour, lw=1.8, label=f"K = {reuse}")
        for reuse, colour in _shades(reuse_summary).items()
    ]
    seeds = reuse_summary["seeds"].iloc[0]
    title = f"updates from each batch ({readable(reuse_summary['environment'].iloc[0])}, {seeds} seeds)"
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), title=title)
    return figure


def _curves(ax: Axes, rows: pd.DataFrame) -> None:
    for reuse, colour in _shades(rows).items():
        own = rows[rows["reuse"] == reuse]
        steps = own["env_steps"] / 1000
        ax.fill_between(steps, own["low"], own["high"], color=colour, alpha=0.18, lw=0)
        ax.plot(steps, own["iqm"], color=colour, lw=1.4)
    ax.xaxis.set_major_locator(MaxNLocator(4))


def _last(ax: Axes, table: pd.DataFrame, estimators: pd.DataFrame, forms: Mapping[str, str]) -> None:
    colours, shapes = palette(estimators), markers(estimators)
    last = table[table["batch"] == table["batch"].max()]
    for name, rows in last.groupby("estimator", sort=False):
        bars = [rows["iqm"] - rows["low"], rows["high"] - rows["iqm"]]
        ax.errorbar(
            rows["reuse"], rows["iqm"], [bar.fillna(0).clip(lower=0) for bar in bars],
            fmt=f"{shapes[name]}-", ms=4, lw=1.2, color=colours[name], label=forms[name],
        )  # fmt: skip
    ax.set(xscale="log", title="after the last batch", xlabel="updates K from each batch")
    ax.set_xticks(sorted(last["reuse"].unique()), [f"{k}" for k in sorted(last["reuse"].unique())])
    ax.xaxis.set_minor_locator(NullLocator())


def _shades(table: pd.DataFrame) -> dict[int, str]:
    """A shade for each number of updates."""
    reuses = sorted(table["reuse"].unique())
    shades = mpl.colormaps["viridis_r"](np.linspace(0.1, 0.95, len(reuses)))
    return {reuse: mpl.colors.to_hex(shade) for reuse, shade in zip(reuses, shades, strict=True)}


def _forms(estimators: pd.DataFrame) -> dict[str, str]:
    """Each estimator's form of weights in words."""
    return {
        row.estimator: "no weights" if row.corrects == "nothing" else f"{readable(row.importance)} weights"
        for row in estimators.itertuples()
    }
