"""P6 Learning curves by estimator

One panel for each environment: the return per episode rises with the number of updates; each estimator has a
line, the interquartile mean over the seeds, in a band that is its 95 % interval.

Return per episode over updates. A line is the interquartile mean over the training seeds, the band its 95 %
bootstrap interval over seeds. All recipes of an environment start from the same parameters, seed by seed.
"""

from math import ceil

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import MARKERS, WIDTH, palette, readable

ACROSS = 3  # panels side by side


def draw(learning_summary: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel for each environment, one line and band for each recipe."""
    environments = learning_summary["environment"].unique()
    colours = palette(estimators)
    across = min(ACROSS, len(environments))
    lines = ceil(len(environments) / across)
    figure, axes = plt.subplots(
        lines, across, figsize=(WIDTH, 3.6 * lines), squeeze=False, layout="constrained"
    )
    for ax in axes.ravel()[len(environments) :]:
        ax.set_axis_off()
    for ax, environment in zip(axes.ravel(), environments, strict=False):
        table = learning_summary[learning_summary["environment"] == environment]
        for i, (recipe, rows) in enumerate(table.groupby("recipe", sort=False)):
            colour = colours[rows["estimator"].iloc[0]]
            ax.fill_between(rows["update"], rows["low"], rows["high"], color=colour, alpha=0.2, lw=0)
            every = max(1, len(rows) // 6)
            ax.plot(
                rows["update"], rows["iqm"], color=colour, lw=1.4,
                marker=MARKERS[i % len(MARKERS)], ms=4, markevery=(i * every // 3, every),
                label=readable(str(recipe)),
            )  # fmt: skip
        ax.set(title=f"{readable(environment)} ({table['seeds'].max()} seeds)", xlabel="updates")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
    for ax in axes[:, 0]:
        ax.set_ylabel("return per episode")
    return figure


def findings(learning_summary: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """Which seeds had no numbers left, and from which update on."""
    lost = learning_summary[learning_summary["diverged"] > 0]
    if lost.empty:
        return "No seed diverged."
    ends = lost.groupby(["environment", "recipe"], sort=False).agg(
        first=("update", "min"), diverged=("diverged", "max"), seeds=("seeds", "max")
    )
    said = [
        f"{row.diverged} of {row.seeds} seeds of {readable(recipe)} on {readable(environment)}, the first at "
        f"update {row.first}"
        for (environment, recipe), row in zip(ends.index, ends.itertuples(), strict=True)
    ]
    return f"Diverged, and counted as the worst from there on: {'; '.join(said)}."
