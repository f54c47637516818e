"""F11 Where both directions lead

Paths over the plane of k and σ from the same starts, on contours of J, in a panel for each problem: those
of the natural gradient all end at one star, those of the gradient only where walks start spread out; else
they fall to σ = 0 at different k and stall there.

θ' = ∇J (grey) and θ' = F⁻¹∇J (red, broken) followed to their ends, solved as differential equations. Dots
are the starts, crosses the ends of the gradient's paths, the star the best k, where every path of the
natural gradient ends. With J = -σ²f(k), where walks start at 0 or reward is averaged for ever, the gradient
uses up σ before it has changed k by much: that is an optimum too, but no state of the problem off 0 is
handled well by it.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.direction_field import LEVELS
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH

LINES = {"vanilla": "-", "natural": (0, (4, 1.5))}


def draw(flows: pd.DataFrame, flow_ends: pd.DataFrame, flow_levels: pd.DataFrame) -> Figure:
    """One panel for each regime."""
    regimes = flows["regime"].unique()
    figure, axes = plt.subplots(
        1, len(regimes), figsize=(WIDTH, 3.4), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for ax, regime in zip(axes[0], regimes, strict=True):
        _contours(ax, flow_levels[flow_levels["regime"] == regime])
        for (direction, _), path in flows[flows["regime"] == regime].groupby(["direction", "start"]):
            colour, line = DIRECTION_COLOURS[direction], LINES[direction]
            ax.plot(path["k"], path["sigma"], color=colour, ls=line, lw=1.5)
            ax.plot(path["k"].iloc[0], path["sigma"].iloc[0], "o", ms=4, color="black", zorder=4)
        ends = flow_ends[flow_ends["regime"] == regime]
        stalls = ends[ends["direction"] == "vanilla"]
        ax.plot(
            stalls["k"], stalls["sigma"], "x", ms=6, mew=1.5, color=DIRECTION_COLOURS["vanilla"],
            clip_on=False, zorder=5,
        )  # fmt: skip
        best = ends["best_k"].iloc[0]
        ax.plot(best, 0, "*", ms=13, color="gold", mec="black", mew=0.6, clip_on=False, zorder=6)
        ax.set(title=f"{regime}\nbest k = {best:.3f}", xlabel="gain k", ylim=(0, None))
        ax.grid(visible=False)
    axes[0, 0].set_ylabel("action spread σ")
    names = {"vanilla": "gradient ∇J", "natural": "natural gradient F⁻¹∇J"}
    handles = [
        Line2D([], [], color=DIRECTION_COLOURS[d], ls=LINES[d], label=words) for d, words in names.items()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure


def _contours(ax: Axes, levels: pd.DataFrame) -> None:
    """Lines of equal J."""
    J = levels.pivot_table(index="sigma", columns="k", values="objective")
    values = np.nan_to_num(J.to_numpy(), neginf=-1e9)
    shown = [level for level in LEVELS if values.min() < level < values.max()]
    lines = ax.contour(
        J.columns,
        J.index,
        values,
        levels=shown,
        colors="#9ECAE1",
        linewidths=0.7,
        zorder=1,
        linestyles="solid",
    )
    ax.clabel(lines, fontsize=6, fmt="%g", inline_spacing=1)
