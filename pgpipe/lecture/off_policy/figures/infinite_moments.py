"""P9 The weights by horizon: where their second moment becomes infinite, and what they cost

Left: on a logarithmic axis exact curves of the second moment over the number of steps, one for each shift of
the gain, with measured points on them; some curves end where the moment becomes infinite. Right: the first
number of steps at which it is infinite, over the shift of the gain; both ends of the axis are infinite from
the first step. Below: variance over the on-policy one by the number of steps; the weights of whole
trajectories rise ever faster with the returns they weigh, the first-order ones stay near one.

The line, two policies of equal spread whose gains differ by δ. Left: E[w²] of the weights of t steps, exact
(lines); points are measured on rollouts of the *target*, where it is a mean, with 95 % intervals by
Student's t, as far as the weights have a third moment, and hollow, without an interval, beyond; a vertical
tick marks the last step with a finite second moment. Right: exact; in the shaded part E[w²] is infinite, and
no number of samples gives an estimate from whole trajectories' weights a variance. A sample moment cannot
show this: of any sample it is a number. Below: variance of a trajectory's contribution to the gradient at θ',
over that of the same credit without weights on rollouts of θ' itself, with 95 % intervals; the line is E[w²].
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from pgpipe.lecture.common.style import COLOURS, MARKERS, WIDTH, markers, palette, readable


def draw(
    off_policy_moments: pd.DataFrame, off_policy_boundary: pd.DataFrame, off_policy_scaling: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Figure:  # fmt: skip
    """Moments by horizon, the horizon at which they end, and below what the weights cost."""
    figure, panels = plt.subplot_mosaic(
        [["moments", "boundary"], ["cost", "cost"]], figsize=(WIDTH, 6.0), layout="constrained"
    )
    _moments(panels["moments"], off_policy_moments)
    _boundary(panels["boundary"], off_policy_boundary)
    _costs(panels["cost"], off_policy_scaling, estimators)
    return figure


def findings(
    off_policy_moments: pd.DataFrame, off_policy_boundary: pd.DataFrame, off_policy_scaling: pd.DataFrame,
    estimators: pd.DataFrame,
) -> str:  # fmt: skip
    """The behaviour, and where the boundary lies."""
    k, sigma = off_policy_moments[["k", "sigma"]].iloc[0]
    first = off_policy_boundary.set_index("shift")["first_infinite"]
    ends = first[(first == 1) & (first.index > 0)].index.min()
    never, farthest = first[first == 0].index, off_policy_boundary["farthest"].iloc[0]
    sure = off_policy_moments.dropna(subset="measured_low")
    error = (sure["measured_high"] - sure["measured_low"]) / 2 / 1.96
    off = ((sure["measured"] - sure["exact"]).abs() / error).max()
    at_once = f", and infinite from the first step on beyond {ends:.2f}" if ends == ends else ""
    return (
        f"The policy that samples has $k = {k:.2f}$, $\\sigma = {sigma:.2f}$. The moment is finite at every "
        f"horizon up to {farthest} for δ from {never.min():.2f} to {never.max():.2f}{at_once}. The largest "
        f"deviation of a measured moment from the exact one is {off:.1f} standard errors, of {len(sure)} "
        "moments; those of one δ share their rollouts."
    )


def _moments(ax: Axes, moments: pd.DataFrame) -> None:
    for i, (shift, rows) in enumerate(moments.groupby("shift")):
        colour = COLOURS[i % len(COLOURS)]
        finite = rows[np.isfinite(rows["exact"])]
        ax.plot(finite["horizon"], finite["exact"], color=colour, lw=1.3, label=f"δ = {shift:+g}")
        if 0 < len(finite) < len(rows):
            ax.plot(*finite[["horizon", "exact"]].iloc[-1], marker="|", ms=14, mew=1.6, color=colour)
        some = rows[rows["horizon"].isin(_spaced(int(rows["horizon"].max())))].dropna(subset="measured")
        bars = [some["measured"] - some["measured_low"], some["measured_high"] - some["measured"]]
        shape = MARKERS[i % len(MARKERS)]
        ax.errorbar(some["horizon"], some["measured"], bars, fmt=shape, ms=3.5, color=colour, mfc="white")
        sure = some.dropna(subset="measured_low")
        ax.plot(sure["horizon"], sure["measured"], shape, ms=3.5, color=colour, zorder=3)
    ax.set(xscale="log", yscale="log", title="second moment by horizon")
    ax.set(xlabel="steps t", ylabel="E[w²] of t steps")
    _ticks_at_1_2_5(ax)
    ax.set_ylim(top=6 * np.nanmax(moments["exact"].where(np.isfinite(moments["exact"]))))  # for the legend
    ax.legend(loc="upper left", ncols=2)


def _boundary(ax: Axes, boundary: pd.DataFrame) -> None:
    farthest = int(boundary["farthest"].iloc[0])
    first = boundary["first_infinite"].where(boundary["first_infinite"] > 0, np.nan)
    ax.fill_between(
        boundary["shift"], first.fillna(farthest), farthest, step="mid", color=COLOURS[1], alpha=0.25, lw=0
    )
    ax.plot(boundary["shift"], first, drawstyle="steps-mid", color=COLOURS[1], lw=1.6)
    ax.set(yscale="log", ylim=(0.8, farthest), title="where it ends")
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.set(xlabel="shift δ of the gain k", ylabel="first horizon with E[w²] = ∞ (steps)")
    ax.text(0.45, 0.45, "finite", transform=ax.transAxes, ha="center", color="0.3")
    ax.text(0.93, 0.8, "infinite", transform=ax.transAxes, ha="right", color="0.3")


def _costs(ax: Axes, scaling: pd.DataFrame, estimators: pd.DataFrame) -> None:
    """Every form's, and E[w²] beside them."""
    for name in [name for name in estimators["estimator"] if name in set(scaling["estimator"])]:
        rows = scaling[scaling["estimator"] == name].sort_values("horizon")
        bars = [rows["cost"] - rows["cost_low"], rows["cost_high"] - rows["cost"]]
        ax.errorbar(
            rows["horizon"], rows["cost"], [bar.fillna(0) for bar in bars], ms=4, lw=1.2,
            fmt=f"{markers(estimators)[name]}-", color=palette(estimators)[name], label=readable(name),
        )  # fmt: skip
    moments = scaling.groupby("horizon")["exact_second_moment"].first()
    ax.plot(moments[np.isfinite(moments)], ls=":", color="0.4", lw=1.2, label="E[w²]")
    ax.axhline(1, color="0.7", lw=0.8)
    ax.set(xscale="log", yscale="log", title="what the weights cost in variance")
    ax.set(xlabel="steps T of an episode", ylabel="variance over the on-policy one")
    _ticks_at_1_2_5(ax)
    ax.legend(loc="upper left", ncols=2)


def _spaced(longest: int) -> list[int]:
    return sorted({round(t) for t in np.geomspace(1, longest, 9)})


def _ticks_at_1_2_5(ax: Axes) -> None:
    """Plain numbers along both logarithmic axes."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_locator(NullLocator())
