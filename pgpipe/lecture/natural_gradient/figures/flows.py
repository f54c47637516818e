"""F11 Where both directions lead

Paths over the plane of k and σ from the same starts, on contours of J, in a panel for each problem: those
of the natural gradient, broken and red, all end at one star; those of the gradient, solid and grey, only
where walks start spread out; else they fall to σ = 0 at different k, marked by crosses, and stall there.

$\\dot\\theta = \\nabla J$ and $\\dot\\theta = F^{-1}\\nabla J$ followed to their ends. Dots are starts,
crosses the ends of the gradient's paths off the best k, which is the star.

The paths are solved as differential equations, down to σ = 0.00001. With J = -σ²f(k), where walks start at
0 or reward is averaged for ever, the gradient uses up σ before it has changed k by much: that is an optimum
too, but no state of the problem off 0 is handled well by it.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.direction_field import LEVELS
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH

LINES = {"vanilla": "-", "natural": (0, (4, 1.5))}
ARRIVED = 5e-3  # of a k: within this of the best one it counts as there
POINTS = 80  # of a path, at most


def draw(flows: pd.DataFrame, flow_ends: pd.DataFrame, flow_levels: pd.DataFrame) -> Figure:
    """One panel for each regime."""
    regimes = flows["regime"].unique()
    figure, axes = plt.subplots(
        1, len(regimes), figsize=(WIDTH, 3.3), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for ax, regime in zip(axes[0], regimes, strict=True):
        _contours(ax, flow_levels[flow_levels["regime"] == regime])
        for (direction, _), path in flows[flows["regime"] == regime].groupby(["direction", "start"]):
            every = max(1, len(path) // POINTS)
            shown = pd.concat([path[::every], path[-1:]])
            colour, line = DIRECTION_COLOURS[direction], LINES[direction]
            ax.plot(shown["k"], shown["sigma"], color=colour, ls=line, lw=1.8)
            ax.plot(path["k"].iloc[0], path["sigma"].iloc[0], "o", ms=4.5, color="black", zorder=4)
        ends = flow_ends[flow_ends["regime"] == regime]
        _ends(ax, ends)
        best = f"best k = {ends['best_k'].iloc[0]:.3f}".replace("-", "−")
        ax.set(title=f"{_problem(regime)}\n{best}", xlabel="gain k", ylim=(0, None))
        ax.grid(visible=False)
    axes[0, 0].set_ylabel("action spread σ")
    names = {"vanilla": "vanilla, along ∇J", "natural": "natural, along F⁻¹∇J"}
    handles = [
        Line2D([], [], color=DIRECTION_COLOURS[kind], ls=LINES[kind], lw=1.8, label=words)
        for kind, words in names.items()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure


def headline(flows: pd.DataFrame, flow_ends: pd.DataFrame, flow_levels: pd.DataFrame) -> str:
    """Whether both arrive at the best k."""
    off = _off(flow_ends)
    arrives = (off < ARRIVED).groupby(flow_ends["direction"]).all()
    if not arrives.get("natural", False):
        return ""
    if arrives.get("vanilla", False):
        return "Both directions lead to the best k"
    stalls = flow_ends.loc[(flow_ends["direction"] == "vanilla") & (off >= ARRIVED), "start_std"].fillna(0)
    if (stalls == 0).all():
        return "The natural gradient always reaches the best k; the gradient stalls if walks start at 0"
    return "The natural gradient always reaches the best k; the gradient does not"


def findings(flows: pd.DataFrame, flow_ends: pd.DataFrame, flow_levels: pd.DataFrame) -> str:
    """How far off the gradient's paths end."""
    own = flow_ends[flow_ends["direction"] == "vanilla"]
    off = _off(own)
    if not (stalled := off >= ARRIVED).any():
        return ""
    return f"{stalled.sum()} of {len(own)} stall, up to {off.max():.2f} off the best k."


def _off(ends: pd.DataFrame) -> "pd.Series[float]":
    return (ends["k"] - ends["best_k"]).abs()


def _problem(regime: str) -> str:
    """The panel's title: which walks, or what is climbed instead."""
    kind, _, spread = regime.partition("start spread ")
    return f"m₀ = {float(spread) ** 2:.3g}" if not kind else regime


def _ends(ax: Axes, ends: pd.DataFrame) -> None:
    """The best k, and crosses where the gradient ends elsewhere."""
    best = ends["best_k"].iloc[0]
    stalls = ends[(ends["direction"] == "vanilla") & (_off(ends) >= ARRIVED)]
    cross: dict[str, Any] = {
        "ms": 7,
        "mew": 1.8,
        "color": DIRECTION_COLOURS["vanilla"],
        "clip_on": False,
        "zorder": 5,
    }
    ax.plot(stalls["k"], stalls["sigma"], "x", **cross)
    ax.plot(best, 0, "*", ms=14, color="gold", mec="black", mew=0.6, clip_on=False, zorder=6)


def _contours(ax: Axes, levels: pd.DataFrame) -> None:
    """Lines of equal J, where there are points on both axes."""
    J = levels.pivot_table(index="sigma", columns="k", values="objective")
    if min(J.shape) < 2:
        return
    values = np.nan_to_num(J.to_numpy(), neginf=-1e9)
    shown = [level for level in LEVELS if values.min() < level < values.max()]
    ax.contour(
        J.columns, J.index, values, levels=shown, colors="#3D94CC", linewidths=0.6, alpha=0.6, zorder=1,
        linestyles="solid",
    )  # fmt: skip
