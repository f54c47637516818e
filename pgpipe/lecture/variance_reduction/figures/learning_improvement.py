"""P7 Final return and probability of improvement

On the left the final return of every recipe with its interval, on the right, for every two recipes of one
environment, the probability that a seed of the first ends above a seed of the second.

Left: interquartile mean over the training seeds of the return after the last update, with its 95 % bootstrap
interval. Right: probability that a training seed with the row's recipe has a higher final return, the mean of
the last tenth of its updates, than one with the column's; ties count half. Above one half the row is the
better one; an asterisk marks a 95 % bootstrap interval that leaves one half out.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import WIDTH, palette, readable


def draw(
    learning_summary: pd.DataFrame, learning_improvement: pd.DataFrame, estimators: pd.DataFrame
) -> Figure:
    """A row of two panels for each environment: final returns, and who beats whom."""
    # one recipe alone improves on nothing
    compared = set(learning_improvement["environment"]) or set(learning_summary["environment"])
    environments = [e for e in learning_summary["environment"].unique() if e in compared]
    recipes = [
        learning_summary.loc[learning_summary["environment"] == e, "recipe"].unique() for e in environments
    ]
    heights = [0.75 + 0.32 * len(names) for names in recipes]
    figure, axes = plt.subplots(
        len(environments), 2, figsize=(WIDTH, 0.3 + sum(heights)), squeeze=False, layout="constrained",
        height_ratios=heights,
    )  # fmt: skip
    colours = palette(estimators)
    for (left, right), environment, names in zip(axes, environments, recipes, strict=True):
        rows = learning_summary[learning_summary["environment"] == environment]
        last = rows[rows["update"] == rows.groupby("recipe")["update"].transform("max")].set_index("recipe")
        for place, name in enumerate(names):
            end, colour = last.loc[name], colours[last.loc[name, "estimator"]]
            left.plot([end["low"], end["high"]], [place, place], color=colour, lw=2)
            left.plot(end["iqm"], place, "o", ms=5, color=colour)
        left.set_yticks(range(len(names)), [readable(name) for name in names])
        left.set_ylim(len(names) - 0.5, -0.5)
        left.set(
            title=f"{readable(environment)} ({rows['seeds'].max()} seeds)", xlabel="final return per episode"
        )
        left.grid(visible=False, axis="y")
        _matrix(right, learning_improvement[learning_improvement["environment"] == environment], list(names))
    return figure


def _matrix(ax: Axes, table: pd.DataFrame, names: list[str]) -> None:
    """The probability that the row's recipe beats the column's, as numbers on shades."""
    if table.empty:  # one recipe alone
        ax.set_axis_off()
        return
    values = table.pivot_table(index="recipe", columns="other", values="probability").reindex(
        names, columns=names
    )
    ax.imshow(values, cmap="PuOr", vmin=0, vmax=1, aspect="auto")
    for row in table.itertuples():
        sure = "*" if row.low > 0.5 or row.high < 0.5 else ""
        at = (names.index(row.other), names.index(row.recipe))
        strong = abs(row.probability - 0.5) > 0.35
        ax.annotate(
            f"{row.probability:.2f}{sure}", at, ha="center", va="center", fontsize=8,
            color="white" if strong else "black",
        )  # fmt: skip
    ax.set_xticks(
        range(len(names)), [readable(name) for name in names], rotation=30, ha="right", fontsize=7.5
    )
    ax.set_yticks(np.arange(len(names)), [""] * len(names))
    ax.set(xlabel="than the recipe of the column", title="probability to end higher")
    ax.grid(visible=False)
