"""P7 Performance profiles

A panel for each environment and one for all of them: a line for every recipe falls from one to zero as the
threshold rises, in a band that is its 95 % interval.

Share of the training seeds whose final return, the mean of the last tenth of the updates, is above a
threshold; a line that lies higher is better at that level, one that falls late has no bad seeds. Bands are
95 % bootstrap intervals over seeds. Where several environments share estimators, the last panel takes them
together: the score is 0 for the untrained policy and 1 for the best recipe of an environment, and seeds are
drawn within each environment.
"""

from math import ceil

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.style import MARKERS, WIDTH, palette, readable

ACROSS = 2  # panels side by side


def draw(learning_profiles: pd.DataFrame, learning_scores: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel for each environment, one line and band for each recipe."""
    recipes = learning_profiles.groupby("environment", sort=False)["recipe"].unique()
    # one recipe alone is compared with nothing
    names = [name for name, found in recipes.items() if len(found) > 1] or list(recipes.index[:1])
    lines = ceil(len(names) / ACROSS)
    figure, axes = plt.subplots(
        lines, ACROSS, figsize=(WIDTH, 2.7 * lines), squeeze=False, layout="constrained", sharey=True
    )
    for ax in axes.ravel()[len(names) :]:
        ax.set_axis_off()
    for ax, name in zip(axes.ravel(), names, strict=False):
        _panel(ax, learning_profiles[learning_profiles["environment"] == name], name, estimators)
    for ax in axes[:, 0]:
        ax.set_ylabel("share of the seeds above")
    return figure


def findings(learning_profiles: pd.DataFrame, learning_scores: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """The scores over all environments."""
    if learning_scores.empty:
        return ""
    said = [
        f"{readable(row['estimator'])} {Interval.from_columns(row, ('iqm', 'low', 'high'), row['n']):.2f}"
        for row in learning_scores.to_dict("records")
    ]
    first = learning_scores.iloc[0]
    return (
        f"Interquartile mean of the score over {first['environments']} environments, with its 95 % "
        f"stratified bootstrap interval, n = {first['n']} each: {', '.join(said)}."
    )


def _panel(ax: Axes, table: pd.DataFrame, name: str, estimators: pd.DataFrame) -> None:
    colours = palette(estimators)
    for i, (recipe, rows) in enumerate(table.groupby("recipe", sort=False)):
        colour = colours[rows["estimator"].iloc[0]]
        ax.fill_between(rows["threshold"], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)
        every = max(1, len(rows) // 5)
        ax.plot(
            rows["threshold"], rows["share"], color=colour, lw=1.4,
            marker=MARKERS[i % len(MARKERS)], ms=4, markevery=(i * every // 3 % every, every),
            label=readable(str(recipe)),
        )  # fmt: skip
    together = name == "all"
    title = "all environments" if together else readable(name)
    ax.set(
        title=f"{title} ({table['n'].max()} {'scores' if together else 'seeds'})",
        xlabel="score" if together else "final return per episode",
        ylim=(-0.03, 1.05),
    )
    ax.legend(loc="lower left", fontsize=7)
