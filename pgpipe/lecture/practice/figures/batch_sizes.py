"""P13 Return and direction of the gradient by batch size

Above, for each environment, the return after training over the batch size: at equal environment steps it
falls for large batches, at equal updates it rises with the batch. Below, the cosine to the true gradient,
which rises with the batch size at every stage of training.

Above: interquartile mean of the return over the training seeds after equally many environment steps, and
after equally many updates, with its 95 % bootstrap interval over seeds; only the batch size differs, the
learning rate is the same. A small batch that moves often may beat a large one that points better. Below:
mean cosine to ∇J of the gradient of one such batch, at policies that have come equally far from the return
of an untrained policy to that of the trained one, with its 95 % bootstrap interval over the seeds that led
there. The dashed line is what counts as a usable direction; the stages' points stand a little apart so that
all are seen. A seed has no cosine at a stage where the error of its ∇J is over a third of its length; the
legend says how many have. Above the curves: the batch from which on a seed's direction is usable, median over
all seeds with its 95 % interval by order statistics; a seed without a cosine counts there as one that needs
more, and an arrow says that the interval is open.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from pgpipe.lecture.common.style import MARKERS, STAGE_COLOURS, WIDTH, readable

ROW = 0.07  # between the medians above the curves, in units of the cosine

APART = 1.05  # factor between the stages' places, so that their bars do not cover each other

BUDGETS = {"env_steps": ("#1F2A44", "o", "-"), "updates": ("#C07A1E", "s", "--")}


def draw(
    batch_returns: pd.DataFrame, batch_directions: pd.DataFrame, batch_crossings: pd.DataFrame
) -> Figure:
    """A column of two panels for each environment."""
    environments = batch_returns["environment"].unique()
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 5.6), sharex="col", squeeze=False, layout="constrained"
    )
    for (above, below), environment in zip(axes.T, environments, strict=True):
        _returns(above, batch_returns[batch_returns["environment"] == environment])
        _directions(
            below, *(of[of["environment"] == environment] for of in (batch_directions, batch_crossings))
        )
        below.axhline(batch_crossings["usable_cosine"].iloc[0], color="0.4", ls="--", lw=0.8)
        above.set_title(f"{readable(environment)} ({batch_returns['seeds'].max()} seeds)")
        below.set_xlabel("environment steps in a batch")
        _sizes(below, sorted(batch_returns["batch_steps"].unique()))
    axes[0, 0].set_ylabel("return per episode")
    axes[1, 0].set_ylabel("cosine to ∇J")
    return figure


def _returns(ax: Axes, table: pd.DataFrame) -> None:
    for budget, (colour, marker, line) in BUDGETS.items():
        rows = table[table["budget"] == budget].sort_values("batch_steps")
        # the smallest batch overshoots least in updates, so its steps say what was asked for
        asked = (
            f"{rows['env_steps'].min() / 1000:,.0f} thousand steps"
            if budget == "env_steps"
            else f"{rows['updates'].min()} updates"
        )
        ax.fill_between(rows["batch_steps"], rows["low"], rows["high"], color=colour, alpha=0.18, lw=0)
        ax.plot(
            rows["batch_steps"],
            rows["iqm"],
            color=colour,
            marker=marker,
            ls=line,
            ms=4.5,
            label=f"after {asked}",
        )
    ax.legend(loc="best")


def _directions(ax: Axes, table: pd.DataFrame, crossings: pd.DataFrame) -> None:
    reached = crossings.set_index("stage")
    for i, (stage, rows) in enumerate(table.groupby("stage")):
        rows = rows.sort_values("batch_steps")
        bars = [rows["cosine"] - rows["low"], rows["high"] - rows["cosine"]]
        ax.errorbar(
            rows["batch_steps"] * APART**i, rows["cosine"], bars,
            color=STAGE_COLOURS[i % len(STAGE_COLOURS)], marker=MARKERS[i], ms=4, lw=1.2,
            label=(f"{stage:g} of the way" if stage else "untrained")
            + f", {rows['seeds'].max()} of {reached.loc[stage, 'seeds']} seeds",
        )  # fmt: skip
    bottom, top = min(0.0, *ax.get_ylim()), 1.03 + ROW
    for i, (_, row) in enumerate(reached.sort_index().iterrows()):
        _usable(ax, row, top + i * ROW, STAGE_COLOURS[i % len(STAGE_COLOURS)], MARKERS[i])
    ax.set_ylim(bottom, top + len(reached) * ROW)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.legend(loc="lower right")


def _usable(ax: Axes, row: pd.Series, y: float, colour: str, marker: str) -> None:
    """The median batch that is usable, and its interval, with an arrow where that is open."""
    ends = [max(row["usable_steps_low"], row["smallest"]), min(row["usable_steps_high"], row["largest"])]
    ax.plot(ends, [y, y], color=colour, lw=2)
    ax.plot(row["usable_steps"], y, marker, color=colour, ms=4)
    if row["usable_steps_low"] < row["smallest"]:
        ax.plot(ends[0], y, "<", color=colour, ms=5)
    if row["usable_steps_high"] > row["largest"]:
        ax.plot(ends[1], y, ">", color=colour, ms=5)


def _sizes(ax: Axes, sizes: list[int]) -> None:
    """A tick at every size, a number at every other."""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(sizes[::2]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
