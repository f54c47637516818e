"""P9 The weights by horizon: where their second moment becomes infinite, and what they cost

Above left, the plane of the shift of the gain and the number of steps, shaded where the second moment is
infinite, with a vertical line for each shift that is followed. Above right, the moment over the number of
steps, a curve for each of these shifts; those that enter the shade end in an arrow. Below, variance over
the on-policy one by the number of steps, a named line for each form of weights, and beside them the
second moment of whole trajectories' weights.

The line; δ is the difference of the two policies' gains. Above, exact; points are measured on the
target's rollouts, hollow where no interval exists. Below: variance of a trajectory's part of the
gradient, over that of the same form on the target's own rollouts, with 95 % intervals.

The two policies have equal spread. In the shade no number of samples gives an estimate from whole
trajectories' weights a variance, and a sample moment cannot show it: of any sample it is a number. So the
moment is measured on rollouts of the *target*, where it is the mean weight, with 95 % intervals by
Student's t as far as the weights have a third moment. Below, the moment is that of whole trajectories'
weights, exact; the intervals are by the delta method in logarithms.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.extents import log_limits, log_scale
from pgpipe.lecture.common.labels import SIZE, End, label_ends, plain_numbers, signed
from pgpipe.lecture.common.style import COLOURS, MARKERS, WIDTH, markers, palette
from pgpipe.lecture.off_policy.figures._forms import points, shown_forms

INFINITE, FINITE = COLOURS[1], "0.3"


def draw(
    off_policy_moments: pd.DataFrame, off_policy_boundary: pd.DataFrame, off_policy_scaling: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Figure:  # fmt: skip
    """The plane and the moments along lines in it, and below what the weights cost."""
    figure, panels = plt.subplot_mosaic(
        [["plane", "moments"], ["cost", "cost"]], figsize=(WIDTH, 6.4), layout="constrained",
        height_ratios=(5, 4),
    )  # fmt: skip
    _plane(panels["plane"], off_policy_boundary, off_policy_moments)
    _moments(panels["moments"], off_policy_moments)
    _costs(panels["cost"], off_policy_scaling, estimators)
    return figure


def headline(
    off_policy_moments: pd.DataFrame, off_policy_boundary: pd.DataFrame, off_policy_scaling: pd.DataFrame,
    estimators: pd.DataFrame,
) -> str:  # fmt: skip
    """The least shift at which the moment ends, and when."""
    ended = off_policy_boundary[off_policy_boundary["first_infinite"] > 0]
    if ended.empty:
        farthest = off_policy_boundary["farthest"].max()
        return f"No shift shown makes the weights' variance infinite within {farthest} steps"
    nearest = ended.loc[ended["shift"].abs().idxmin()]
    steps = int(nearest["first_infinite"])
    return (
        f"A gain shifted by {nearest['shift']:+.2f} gives weights of infinite variance after "
        f"{steps} step{'s' * (steps > 1)}"
    )


def findings(
    off_policy_moments: pd.DataFrame, off_policy_boundary: pd.DataFrame, off_policy_scaling: pd.DataFrame,
    estimators: pd.DataFrame,
) -> str:  # fmt: skip
    """How far measured moments are from the exact ones."""
    sure = off_policy_moments.dropna(subset="measured_low")
    if sure.empty:
        return ""
    error = (sure["measured_high"] - sure["measured_low"]) / 2 / 1.96
    off = ((sure["measured"] - sure["exact"]).abs() / error.where(error > 0)).max()
    return f"Measured moments are at most {off:.1f} standard errors off."


def _plane(ax: Axes, boundary: pd.DataFrame, moments: pd.DataFrame) -> None:
    farthest, least = int(boundary["farthest"].iloc[0]), 0.7
    first = boundary["first_infinite"].astype(float).mask(boundary["first_infinite"] == 0)
    # between the last finite step and the first infinite one
    edge = (first - 0.5).mask(first == 1, least / 2).fillna(2 * farthest)
    ax.fill_between(boundary["shift"], edge, 2 * farthest, step="mid", color=INFINITE, alpha=0.25, lw=0)
    ax.plot(boundary["shift"], edge, drawstyle="steps-mid", color=INFINITE, lw=1.6)
    for shift, marker, rows in _by_shift(moments):
        finite = rows[np.isfinite(rows["exact"])]
        style: dict[str, Any] = {
            "color": _colour(rows),
            "lw": 1.0,
            "marker": marker,
            "markevery": [-1],
            "ms": 4,
        }
        ax.plot(np.full(len(finite), shift), finite["horizon"], **style)
    ax.set(yscale="log", ylim=(least, farthest), title="where E[w²] is infinite")
    ax.margins(x=0)
    plain_numbers(ax.yaxis)
    ax.set(xlabel="shift δ of the gain", ylabel="steps T")
    _name_regions(ax, boundary)


def _name_regions(ax: Axes, boundary: pd.DataFrame) -> None:
    """The words in the middle of the longest stretches of shifts on both sides of the boundary."""
    never, at_once = boundary["first_infinite"] == 0, boundary["first_infinite"] > 0
    for mask, text in ((never, "finite"), (at_once, "infinite")):
        runs = (mask != mask.shift()).cumsum()[mask]
        if len(runs):
            middle = boundary.loc[runs[runs == runs.mode().iloc[0]].index, "shift"].mean()
            ax.text(middle, 0.9, text, transform=ax.get_xaxis_transform(), ha="center", fontsize=10.5)


def _moments(ax: Axes, moments: pd.DataFrame) -> None:
    ends, top = [], 1.3 * moments.loc[np.isfinite(moments["exact"]), "exact"].max()
    for shift, marker, rows in _by_shift(moments):
        colour, finite = _colour(rows), rows[np.isfinite(rows["exact"])]
        ax.plot(finite["horizon"], finite["exact"], color=colour, lw=1.4)
        _measured(ax, rows, colour, marker)
        if 0 < len(finite) < len(rows):
            step, end = finite[["horizon", "exact"]].iloc[-1]
            up = {"arrowstyle": "-|>", "color": colour, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", (step, 2 * end), (step, end), arrowprops=up)
            words = f"{signed(shift)}: ∞"
            ax.text(step, 2.1 * end, words, color=colour, fontsize=SIZE, ha="center", va="bottom")
            top = max(top, 3 * end)
        elif len(finite):
            ends.append(End.of(finite, "horizon", "exact", f"δ = {signed(shift)}", colour))
    ax.set(xscale="log", title="E[w²] by the number of steps", ylim=log_limits(0.9, top), yscale="log")
    ax.set(xlabel="steps T", ylabel="E[w²]")
    for axis in (ax.xaxis, ax.yaxis):
        plain_numbers(axis)
    label_ends(ax, ends)


def _measured(ax: Axes, rows: pd.DataFrame, colour: str, marker: str) -> None:
    """Points at some horizons; hollow where they have no interval."""
    spaced = {round(t) for t in np.geomspace(1, int(rows["horizon"].max()), 9)}
    some = rows[rows["horizon"].isin(spaced)].dropna(subset="measured")
    reach = bars(some, "measured")
    ax.errorbar(some["horizon"], some["measured"], reach, fmt=marker, ms=3.5, color=colour, mfc="white")
    sure = some.dropna(subset="measured_low")
    ax.plot(sure["horizon"], sure["measured"], marker, ms=3.5, color=colour, zorder=3)


def _costs(ax: Axes, scaling: pd.DataFrame, estimators: pd.DataFrame) -> None:
    """Every form's, and E[w²] beside them."""
    ends, moments = [], scaling.groupby("horizon")["exact_second_moment"].first()
    for name, text in shown_forms(estimators, set(scaling["estimator"])).items():
        rows, colour = scaling[scaling["estimator"] == name].sort_values("horizon"), palette(estimators)[name]
        points(ax, rows, ("horizon", "cost"), colour, markers(estimators)[name])
        ends.append(End.of(rows, "horizon", "cost", text, colour))
    finite = moments[np.isfinite(moments)]
    ax.plot(finite, ls=":", color="0.2", lw=1.4)
    if len(finite):
        ends.append(End(finite.index[-1], finite.iloc[-1], "E[w²], exact", "0.2"))
    ax.axhline(1, color="0.6", lw=0.8)
    shift = signed(scaling["shift"].iloc[0])
    ax.set(xscale="log", title=f"what the weights cost in variance (δ = {shift})")
    log_scale(ax, vertical=True)
    ax.set(xlabel="steps T of an episode", ylabel="variance over\nthe on-policy one")
    for axis in (ax.xaxis, ax.yaxis):
        plain_numbers(axis)
    label_ends(ax, ends, apart=0.11, pad=0.02)


def _by_shift(moments: pd.DataFrame) -> list[tuple[float, str, pd.DataFrame]]:
    """Shift, marker and rows of each curve."""
    groups = enumerate(moments.groupby("shift"))
    return [(float(shift), MARKERS[i % len(MARKERS)], rows) for i, (shift, rows) in groups]


def _colour(rows: pd.DataFrame) -> str:
    """Whether the curve runs into the shade."""
    return FINITE if np.isfinite(rows["exact"]).all() else INFINITE
