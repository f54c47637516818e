"""F7 The number line, the goal and the policy

A number line with the goal at 0 and two walkers, one on either side. An arrow shows the mean action of
each, toward the goal; above it stands the density of the place that the next step leads to.

The one-dimensional example: a walker at s wants to be at 0 and to move little, r(s, a) = -s² - a². The
policy moves it by a ~ N(ks, σ²), so on average by the share -k of the way, arrows, and the next place s' =
s + a is normally distributed, curves. For the configured k and σ.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import COLOURS, MARKERS, WIDTH


def draw(number_line: pd.DataFrame) -> Figure:
    """One walker on either side of the goal."""
    figure, ax = plt.subplots(figsize=(WIDTH, 2.3), layout="constrained")
    ax.axhline(0, color="0.3", lw=1.2, zorder=1)
    tallest = number_line["density"].max()
    for i, (place, rows) in enumerate(number_line.groupby("place")):
        colour, mean = COLOURS[i], place + rows["mean_action"].iloc[0]
        shown = rows[rows["density"] > 1e-3 * tallest]
        ax.fill_between(shown["next_place"], shown["density"], color=colour, alpha=0.15, lw=0)
        ax.plot(shown["next_place"], shown["density"], color=colour, lw=1.3)
        ax.plot(place, 0, MARKERS[i], ms=8, color=colour, zorder=4, clip_on=False)
        ax.annotate(
            "", (mean, 0.1 * tallest), (place, 0.1 * tallest),
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        ax.annotate(
            f"s = {place:g}", (place, 0), xytext=(0, -15), textcoords="offset points", ha="center",
            color=colour, annotation_clip=False,
        )  # fmt: skip
        ax.annotate(
            f"mean action {rows['mean_action'].iloc[0]:.2f}", ((place + mean) / 2, 0.1 * tallest),
            xytext=(0, 4), textcoords="offset points", ha="center", fontsize=8,
        )  # fmt: skip
    ax.plot(0, 0, "*", ms=15, color="gold", mec="black", mew=0.6, zorder=5, clip_on=False)
    first = number_line.iloc[0]
    ax.set(
        title=f"k = {first['k']:g}, σ = {first['sigma']:g}; the star is the goal",
        xlabel="place s", ylabel="density of s'", ylim=(0, 1.15 * tallest),
    )  # fmt: skip
    ax.tick_params(axis="x", pad=16)
    ax.grid(visible=False)
    return figure
