"""F7 The number line, the goal and the policy

A number line with the goal at 0 and two walkers, one on either side. An arrow shows the mean action of
each, toward the goal; above it stands the density of the place that the next step leads to, around the
arrow's end.

A walker at $s$ wants to be at 0 and to move little. The policy draws its move $a \\sim N(ks, \\sigma^2)$:
arrows are the mean move, curves the density of the next place $s' = s + a$.

For the configured k and σ; the curves are those of $N((1+k)s, σ^2 + ν^2)$, where $ν$ is the standard
deviation of the environment's own noise.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.labels import signed
from pgpipe.lecture.common.style import COLOURS, MARKERS, WIDTH

HEIGHT = 0.13  # of the arrows, as a share of the tallest density
ABOVE = 0.4  # from here on there is room for a line at the mean


def draw(number_line: pd.DataFrame) -> Figure:
    """One walker on either side of the goal."""
    figure, ax = plt.subplots(figsize=(WIDTH, 2.6), layout="constrained")
    tallest, first = number_line["density"].max(), number_line.iloc[0]
    ax.axhline(0, color="0.3", lw=1.2, zorder=1)
    for i, (_, rows) in enumerate(number_line.groupby("place")):
        _walker(ax, rows, tallest, COLOURS[i], MARKERS[i])
    ax.plot(0, 0, "*", ms=15, color="gold", mec="black", mew=0.6, zorder=5, clip_on=False)
    _below(ax, 0, "goal", "black")
    ax.set(
        title=f"k = {signed(first['k'])}, σ = {first['sigma']:g}", xlabel="place s",
        ylabel="density of the next place s′", ylim=limits(0, 1.12 * tallest),
    )  # fmt: skip
    ax.tick_params(axis="x", pad=17)
    ax.grid(visible=False)
    return figure


def headline(number_line: pd.DataFrame) -> str:
    """Where the mean step leads."""
    k, sigma = number_line["k"].iloc[0], number_line["sigma"].iloc[0]
    spread = f"give or take σ = {sigma:g}"
    if -1 <= k < 0:
        return f"A step goes {-k:.0%} of the way to the goal, {spread}"
    if k < -1:
        return f"A step goes past the goal, on average, {spread}"
    return f"A step leads away from the goal, on average, {spread}" if k > 0 else ""


def _walker(ax: Axes, rows: pd.DataFrame, tallest: float, colour: str, marker: str) -> None:
    """Where it stands, its mean action, and where its step leads."""
    place, action = rows["place"].iloc[0], rows["mean_action"].iloc[0]
    mean, height = place + action, HEIGHT * tallest
    shown = rows[rows["density"] > 1e-3 * tallest]
    ax.fill_between(shown["next_place"], shown["density"], color=colour, alpha=0.15, lw=0)
    ax.plot(shown["next_place"], shown["density"], color=colour, lw=1.5)
    peak = np.interp(mean, rows["next_place"], rows["density"])
    ax.plot([mean, mean], [min(peak, ABOVE * tallest), peak], color=colour, lw=0.9, ls=(0, (3, 2)))
    ax.plot(place, 0, marker, ms=8, color=colour, zorder=4, clip_on=False)
    arrow = {"arrowstyle": "-|>", "color": colour, "lw": 1.8, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (mean, height), (place, height), arrowprops=arrow)
    ax.annotate(
        f"mean move\nks = {signed(round(action, 2))}", ((place + mean) / 2, height), (0, 5),
        textcoords="offset points", ha="center", va="bottom", fontsize=8.5, color=colour,
    )  # fmt: skip
    _below(ax, place, f"s = {signed(place)}", colour)


def _below(ax: Axes, place: float, words: str, colour: str) -> None:
    """Words under the number line."""
    ax.annotate(
        words, (place, 0), (0, -9), textcoords="offset points", ha="center", va="top", color=colour,
        annotation_clip=False,
    )  # fmt: skip
