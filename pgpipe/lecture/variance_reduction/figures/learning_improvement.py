"""P7 Probability to end above the total return

A row for every recipe, environment by environment: a point at the probability that one of its seeds ends
above one of the total return's, with an interval, against a line at one half; beside it the final return in
numbers.

Probability that a training seed ends above one of the reference, with its 95 % bootstrap interval over the
seeds of both; ties count half. On the right, return after the last update, interquartile mean over the
seeds and its 95 % interval.

The reference is the total return without a baseline; where no recipe has it, the first recipe of the
environment. A seed's final return is the mean of the last tenth of its updates. A filled point is one whose
interval leaves one half out. All pairs are in `learning_improvement.csv`.
"""

from math import isnan

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.style import WIDTH, palette, readable
from pgpipe.lecture.common.words import counted, number
from pgpipe.lecture.variance_reduction.figures._words import listed


def draw(
    learning_summary: pd.DataFrame, learning_improvement: pd.DataFrame, estimators: pd.DataFrame
) -> Figure:
    """A panel for each environment, a row for each recipe but the reference."""
    compared = list(learning_improvement["environment"].unique())
    tables = {e: learning_summary[learning_summary["environment"] == e] for e in compared}
    if not tables:  # one recipe alone improves on nothing
        first = learning_summary["environment"].iloc[0]
        tables = {first: learning_summary[learning_summary["environment"] == first]}
    heights = [table["recipe"].nunique() + 0.6 for table in tables.values()]
    figure, axes = plt.subplots(
        len(tables), 1, figsize=(WIDTH, 0.5 + sum(0.4 + 0.25 * h for h in heights)), squeeze=False,
        height_ratios=heights, sharex=True, layout="constrained",
    )  # fmt: skip
    for ax, (environment, table) in zip(axes[:, 0], tables.items(), strict=True):
        rows = _against_reference(table, learning_improvement, estimators)
        _panel(ax, table, rows, estimators)
        ax.set_title(f"{readable(environment)} ({counted(table['seeds'].max(), 'seed')})")
    axes[0, 0].text(1.02, 1.03, "final return", transform=axes[0, 0].transAxes, fontsize=9.5)
    axes[-1, 0].set(xlim=(-0.02, 1.02), xticks=[0, 0.25, 0.5, 0.75, 1])
    axes[-1, 0].set_xlabel("probability to end above the reference")
    return figure


def headline(
    learning_summary: pd.DataFrame, learning_improvement: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """Where all estimators beat the total return."""
    plain = composed_of(estimators, signal="total_return", baseline="none")[:1]
    recipes = set(learning_summary.loc[learning_summary["estimator"].isin(plain), "recipe"])
    against = learning_improvement[learning_improvement["other"].isin(recipes)]
    against = against[~against["recipe"].isin(recipes)]
    if against.empty:
        return ""
    least = against.groupby("environment", sort=False)["low"].min()
    name = readable(plain[0])
    beaten = [readable(str(environment)) for environment in least.index[least > 0.5]]
    if beaten:
        return f"Every other estimator is likely to end above {name} on {listed(beaten)}"
    better = int((against["low"] > 0.5).sum())
    return f"{better} of {len(against)} recipes are likely to end above {name}"


def _against_reference(
    table: pd.DataFrame, improvement: pd.DataFrame, estimators: pd.DataFrame
) -> pd.DataFrame:
    """The rows of an environment whose other recipe is the reference."""
    plain = composed_of(estimators, signal="total_return", baseline="none")[:1]
    total = table.loc[table["estimator"].isin(plain), "recipe"]
    reference = [*total, *table["recipe"]][0]
    own = improvement[improvement["environment"] == table["environment"].iloc[0]]
    return own[own["other"] == reference]


def _panel(ax: Axes, table: pd.DataFrame, rows: pd.DataFrame, estimators: pd.DataFrame) -> None:
    """Recipes in the estimators' order, the reference first, with their final returns in numbers."""
    colours, order = palette(estimators), list(estimators["estimator"])
    last = table[table["update"] == table.groupby("recipe")["update"].transform("max")].set_index("recipe")
    names = sorted(last.index, key=lambda name: order.index(last.loc[name, "estimator"]))
    names.sort(key=lambda name: name in set(rows["recipe"]))
    several = last["estimator"].duplicated(keep=False)
    shown = [readable(name if several[name] else last.loc[name, "estimator"]) for name in names]
    ax.set_yticks(range(len(names)), shown)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    ax.axvline(0.5, color="0.5", lw=0.9, zorder=1)
    for row in rows.to_dict("records"):
        y, colour = names.index(row["recipe"]), colours[last.loc[row["recipe"], "estimator"]]
        sure = row["low"] > 0.5 or row["high"] < 0.5
        ax.plot([row["low"], row["high"]], [y, y], color=colour, lw=2)
        ax.plot(row["probability"], y, "o", ms=6, mec=colour, mew=1.4, mfc=colour if sure else "white")
    for y, name in enumerate(names):
        end = last.loc[name]
        mean, low, high = (_or_diverged(end[name]) for name in ("iqm", "low", "high"))
        said = f"{mean} [{low}, {high}]" if end["seeds"] > 1 else mean
        ax.annotate(
            said, (1.02, y), xycoords=("axes fraction", "data"), va="center", fontsize=8.5,
            annotation_clip=False,
        )  # fmt: skip
        if name not in set(rows["recipe"]):
            ax.plot(0.5, y, "|", ms=9, mew=2, color=colours[end["estimator"]])
            ax.annotate("reference", (0.5, y), (7, 0), textcoords="offset points", va="center", fontsize=8.5)


def _or_diverged(value: float) -> str:
    """A number, or the word for what is as bad as a seed that diverged."""
    return "diverged" if isnan(value) else number(value, 3)
