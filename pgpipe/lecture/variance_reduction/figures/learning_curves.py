"""P6 Learning curves by estimator

One panel for each environment: the return per episode rises with the number of updates; up to four
estimators have a line in colour with a name at its end, the interquartile mean over the seeds, in a band
that is its 95 % interval. The others are grey lines.

Return per episode, interquartile mean over the training seeds; bands are 95 % bootstrap intervals over the
seeds.

All recipes of an environment start from the same parameters, seed by seed. In colour are those whose
estimators are rungs of the lecture's ladder (total return, reward to go, a mean, a value function), and
others, as the config has them, up to four. A seed that diverges counts as the worst from there on.
"""

from math import ceil

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.style import WIDTH, markers, palette, readable
from pgpipe.lecture.common.words import capital, counted
from pgpipe.lecture.variance_reduction.figures._named_recipes import OTHERS, named_recipes
from pgpipe.lecture.variance_reduction.figures._words import listed

LINE = 12.0  # points from one name to the next
ACROSS = 2  # panels side by side; an odd one spans the first line


def draw(learning_summary: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel for each environment, one line and band for each recipe."""
    environments = list(learning_summary["environment"].unique())
    figure, axes = _panels(len(environments))
    for ax, environment in zip(axes, environments, strict=True):
        table = learning_summary[learning_summary["environment"] == environment]
        _lines(ax, table, estimators)
        ax.set_title(f"{readable(environment)} ({counted(table['seeds'].max(), 'seed')})")
        ax.set(xlabel="updates", ylabel="return per episode")
    figure.canvas.draw()  # names stand beside the ends where these are, once all is laid out
    for ax, environment in zip(axes, environments, strict=True):
        _names(ax, learning_summary[learning_summary["environment"] == environment], estimators)
    return figure


def headline(learning_summary: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """Where the total return ends below all others."""
    plain = composed_of(estimators, signal="total_return", baseline="none")[:1]
    lowest, compared = [], 0
    for environment, table in learning_summary.groupby("environment", sort=False):
        last = table[table["update"] == table.groupby("recipe")["update"].transform("max")]
        own, others = (last[last["estimator"].isin(plain) == is_plain] for is_plain in (True, False))
        if len(own) and len(others):
            compared += 1
            if own["high"].max() < others["low"].min():
                lowest.append(readable(str(environment)))
    if lowest:
        return f"{capital(readable(plain[0]))} ends below all others on {listed(lowest)}"
    return f"{capital(readable(plain[0]))} ends below all others nowhere" if compared else ""


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


def _panels(n: int) -> tuple[Figure, list[Axes]]:
    """Two panels in a line, the first one as wide as both where the number is odd."""
    across = min(ACROSS, n)
    alone = across > 1 and n % across
    lines = ceil(n / across)
    figure = plt.figure(figsize=(WIDTH, 0.2 + 2.6 * lines), layout="constrained")
    grid = figure.add_gridspec(lines, across)
    spans = [grid[0, :]] if alone or across == 1 else []
    spans += [grid[i // across, i % across] for i in range(across if alone else len(spans), lines * across)]
    return figure, [figure.add_subplot(span) for span in spans[:n]]


def _lines(ax: Axes, table: pd.DataFrame, estimators: pd.DataFrame) -> None:
    """Grey lines first, then those in colour with their bands."""
    named, colours, shapes = named_recipes(table, estimators), palette(estimators), markers(estimators)
    for recipe, rows in table.groupby("recipe", sort=False):
        if recipe not in named:
            ax.plot(rows["update"], rows["iqm"], color=OTHERS, lw=1.1, zorder=1.5)
    for i, recipe in enumerate(named):
        rows = table[table["recipe"] == recipe]
        estimator, every = rows["estimator"].iloc[0], max(1, len(rows) // 6)
        colour = colours[estimator]
        ax.fill_between(rows["update"], rows["low"], rows["high"], color=colour, alpha=0.2, lw=0)
        ax.plot(
            rows["update"], rows["iqm"], color=colour, lw=1.6, marker=shapes[estimator], ms=4.5,
            markevery=(i * every // 3, every),
        )  # fmt: skip


def _names(ax: Axes, table: pd.DataFrame, estimators: pd.DataFrame) -> None:
    """Names at the ends; where there are grey lines, how many."""
    named, colours = named_recipes(table, estimators), palette(estimators)
    ax.set_xlim(table["update"].min(), table["update"].max())
    known = {recipe: rows for recipe, rows in table.dropna(subset="iqm").groupby("recipe") if recipe in named}
    ends = [
        End.of(rows, "update", "iqm", named[str(recipe)], colours[rows["estimator"].iloc[0]])
        for recipe, rows in known.items()
    ]
    height = ax.get_window_extent().height * 72 / ax.figure.dpi  # in points
    label_ends(ax, ends, apart=LINE / height)
    others = sorted(set(table["recipe"]) - set(named))
    if others:
        ax.text(
            0.99, 0.03, f"grey: {len(others)} others", transform=ax.transAxes, ha="right", color="0.4",
            fontsize=8.5,
        )  # fmt: skip
