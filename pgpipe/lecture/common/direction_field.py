"""What F9 and F10 share: a field of directions over (k, σ), exact and sampled, on contours of J."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from pgpipe.lecture.common.style import WIDTH

# Values of J at which contours are drawn, those that occur.
LEVELS = tuple(-level for level in (100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01))


def draw_fields(
    vector_field: pd.DataFrame, sampled_field: pd.DataFrame, optimum: pd.DataFrame, columns: tuple[str, str]
) -> Figure:
    """A row for each spread of the start: on the left the exact field, on the right the sampled one."""
    spreads = vector_field["start_std"].unique()
    figure, axes = plt.subplots(
        len(spreads), 2, figsize=(WIDTH, 0.3 + 2.9 * len(spreads)), sharex=True, sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    episodes = sampled_field["episodes"].iloc[0]
    for line, spread in zip(axes, spreads, strict=True):
        best = optimum[optimum["start_std"] == spread].iloc[0]
        exact = vector_field[vector_field["start_std"] == spread]
        sampled = sampled_field[sampled_field["start_std"] == spread]
        words = f"start $m_0 = {spread**2:g}$"
        for ax, field, title in zip(
            line, (exact, sampled), ("exact", f"{episodes} episodes at each point"), strict=True
        ):
            _contours(ax, exact)
            _arrows(ax, field, columns)
            mark_optimum(ax, best)
            ax.set_title(f"{words}: {title}")
            ax.xaxis.set_major_locator(MultipleLocator(0.5))
            ax.grid(visible=False)
        line[0].set_ylabel("action spread σ")
    for ax in axes[-1]:
        ax.set_xlabel("gain k")
    return figure


def _contours(ax: Axes, field: pd.DataFrame) -> None:
    """Lines of equal J, with their values."""
    J = field.pivot_table(index="sigma", columns="k", values="objective")
    levels = [level for level in LEVELS if J.to_numpy().min() < level < J.to_numpy().max()]
    lines = ax.contour(
        J.columns, J.index, J, levels=levels, colors="#4292C6", linewidths=0.8, zorder=1, linestyles="solid"
    )
    ax.clabel(lines, fontsize=6.5, fmt="%g", inline_spacing=2)


def _arrows(ax: Axes, field: pd.DataFrame, columns: tuple[str, str]) -> None:
    """Arrows of one length."""
    by_k, by_sigma = (field.pivot_table(index="sigma", columns="k", values=name) for name in columns)
    length = np.hypot(by_k, by_sigma)
    style: dict[str, Any] = {"angles": "uv", "pivot": "mid", "scale": 26, "width": 0.0045, "color": "0.15"}
    ax.quiver(by_k.columns, by_k.index, by_k / length, by_sigma / length, zorder=2, **style)


def mark_optimum(ax: Axes, best: pd.Series) -> None:
    """A star at θ*, or where every k is optimal at σ = 0 a line."""
    gold: dict[str, Any] = {"clip_on": False, "zorder": 5}
    words, place = f"θ* = ({best['k']:.3f}, {best['sigma']:g})", (best["k"], best["sigma"])
    if best["unique"]:
        ax.scatter(
            best["k"], best["sigma"], s=130, marker="*", color="gold", edgecolor="black", lw=0.6, **gold
        )
    else:
        words, place = "σ = 0: optimal for every k", (ax.get_xlim()[0], 0.0)
        ax.plot(ax.get_xlim(), [0, 0], color="gold", lw=3.5, solid_capstyle="butt", **gold)
    ax.set_ylim(bottom=0)
    box: dict[str, Any] = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.9}
    ax.annotate(words, place, xytext=(8, 9), textcoords="offset points", zorder=6, bbox=box, fontsize=8)
