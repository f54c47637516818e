"""P13 Return and direction of the gradient by batch size

A column for each environment, all over the batch size. Above, a bar for each stage of training shows from
which batch on a direction is usable; in the middle the cosine to the true gradient at each stage, with a
dashed line where a direction becomes usable. Below, the return after training, a line at equal
environment steps and one at equal updates.

Above: the batch from which on a seed's direction is usable, median over the seeds; an arrow is an open
interval. Middle: mean cosine to ∇J. Below: interquartile mean of the return after equally many steps, and
after equally many updates. 95 % intervals.

A direction is usable from the cosine of the dashed line on. The median is over all seeds that reach the
stage, its interval by order statistics; a seed whose ∇J is too noisy to have a direction, its error over
a third of its length, counts as one that needs more. Such a seed has no cosine: the stages' names say how
many have, where some have not. Stages are shares of the way from the return of an untrained policy to
that of the trained one; their points stand a little apart so that all are seen. Intervals of cosines and
returns are by bootstrap over the seeds. In all trainings only the batch size differs, the learning rate
is the same; a small batch that moves often may beat a large one that points better.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from pgpipe.lecture.common.labels import End, label_ends, two_figures
from pgpipe.lecture.common.style import MARKERS, STAGE_COLOURS, WIDTH, readable
from pgpipe.lecture.common.words import counted, percent

BEYOND = 1.2  # factor from the end of an open interval to its arrow
APART = 1.05  # factor between the stages' places, so that their bars do not cover each other
BUDGETS = {"env_steps": ("#1F2A44", "o", "-"), "updates": ("#A8660F", "s", "--")}


def draw(
    batch_returns: pd.DataFrame, batch_directions: pd.DataFrame, batch_crossings: pd.DataFrame
) -> Figure:
    """A column of three panels for each environment."""
    environments, stages = batch_returns["environment"].unique(), sorted(batch_crossings["stage"].unique())
    figure, axes = plt.subplots(
        3, len(environments), figsize=(WIDTH, 6.2), sharex="col", squeeze=False, layout="constrained",
        height_ratios=(0.3 + 0.35 * len(stages), 3, 3),
    )  # fmt: skip
    usable = batch_crossings["usable_cosine"].iloc[0]
    for column, environment in zip(axes.T, environments, strict=True):
        returns, directions, crossings = (
            of[of["environment"] == environment] for of in (batch_returns, batch_directions, batch_crossings)
        )
        _usable(column[0], crossings, directions, stages)
        column[0].tick_params(labelleft=column[0] is axes[0, 0])
        _directions(column[1], directions, stages)
        column[1].set_ylim(min(0.0, 1.1 * batch_directions["low"].min()), 1.04)
        column[1].axhline(usable, color="0.4", ls="--", lw=0.9)
        _returns(column[2], returns)
        column[0].set_title(f"{readable(environment)} ({counted(returns['seeds'].max(), 'seed')})")
        _sizes(column[2], sorted(batch_returns["batch_steps"].unique()))
        _name_budgets(column[2], returns)
    last = axes[1, -1]
    last.text(0.98, usable - 0.03, "usable above", transform=last.get_yaxis_transform(), ha="right", va="top")
    axes[0, 0].set_ylabel("usable\nfrom")
    axes[1, 0].set_ylabel("cosine to ∇J")
    axes[2, 0].set_ylabel("return per episode")
    return figure


def headline(
    batch_returns: pd.DataFrame, batch_directions: pd.DataFrame, batch_crossings: pd.DataFrame
) -> str:
    """What a usable direction takes where the stages are farthest apart."""
    known = batch_crossings[batch_crossings["usable_steps"] > 0]
    if known.empty:
        return ""
    steps = known.groupby("environment", sort=False)["usable_steps"]
    place = (steps.max() / steps.min()).idxmax()
    rows = known[known["environment"] == place].sort_values("stage")
    first, last = rows.iloc[0], rows.iloc[-1]
    if len(rows) == 1:
        return f"On {readable(place)} a usable direction takes {_steps(first)} steps"
    stages = [f"at {row['stage']:.0%}" if row["stage"] else "untrained" for row in (first, last)]
    ends = f"{_steps(first)} steps {stages[0]}, {_steps(last)} {stages[1]}"
    return f"On {readable(place)} a usable direction takes {ends}"


def _steps(row: pd.Series) -> str:
    """The median in two figures, or the bound that it is beyond, as it is."""
    steps = row["usable_steps"]
    if row["at_least"]:
        return f">{steps:,.0f}"
    return f"≤{steps:,.0f}" if steps <= row["smallest"] else two_figures(steps)


def _stage(stage: float) -> str:
    return f"{percent(stage)} of the way" if stage else "untrained"


def _usable(ax: Axes, crossings: pd.DataFrame, directions: pd.DataFrame, stages: list[float]) -> None:
    """A bar for each stage: the median usable batch with its interval, and an arrow where it is open."""
    told = directions.groupby("stage")["seeds"].max()
    names = {}
    for _, row in crossings.iterrows():
        y = stages.index(row["stage"])
        colour, marker = _look(y)
        ends = [max(row["usable_steps_low"], row["smallest"]), min(row["usable_steps_high"], row["largest"])]
        ax.plot(ends, [y, y], color=colour, lw=2)
        ax.plot(row["usable_steps"], y, marker, color=colour, ms=5)
        if row["usable_steps_low"] < row["smallest"]:
            ax.plot(ends[0] / BEYOND, y, "<", color=colour, ms=5)
        if row["usable_steps_high"] > row["largest"]:
            ax.plot(ends[1] * BEYOND, y, ">", color=colour, ms=5)
        names[y] = _stage(row["stage"])
        if (seeds := told.get(row["stage"], 0)) < row["seeds"]:
            _beside(ax, ends, y, f"a direction in {seeds} of {row['seeds']} seeds", row)
    ax.set_ylim(len(stages) - 0.4, -0.6)
    ax.set_yticks(list(names), list(names.values()))
    ax.grid(visible=False, axis="y")


def _beside(ax: Axes, ends: list[float], y: float, text: str, row: pd.Series) -> None:
    """A note on the side of a bar where there is more room."""
    left = ends[0] * ends[1] > row["smallest"] * row["largest"]
    ax.annotate(
        text, (ends[0] if left else ends[1], y), (-9 if left else 9, 0), textcoords="offset points",
        ha="right" if left else "left", va="center", fontsize=8,
    )  # fmt: skip


def _directions(ax: Axes, table: pd.DataFrame, stages: list[float]) -> None:
    for stage, rows in table.groupby("stage"):
        i, rows = stages.index(stage), rows.sort_values("batch_steps")
        colour, marker = _look(i)
        bars = [rows["cosine"] - rows["low"], rows["high"] - rows["cosine"]]
        ax.errorbar(
            rows["batch_steps"] * APART ** (i - 1), rows["cosine"], bars, color=colour, marker=marker,
            ms=4.5, lw=1.4, elinewidth=1,
        )  # fmt: skip


def _returns(ax: Axes, table: pd.DataFrame) -> None:
    for budget, (colour, marker, line) in BUDGETS.items():
        rows = table[table["budget"] == budget].sort_values("batch_steps")
        ax.fill_between(rows["batch_steps"], rows["low"], rows["high"], color=colour, alpha=0.18, lw=0)
        ax.plot(rows["batch_steps"], rows["iqm"], color=colour, marker=marker, ls=line, ms=4.5, lw=1.6)


def _name_budgets(ax: Axes, table: pd.DataFrame) -> None:
    """What was equal, at the lines' ends."""
    ends = []
    for budget, (colour, _, _) in BUDGETS.items():
        rows = table[table["budget"] == budget].sort_values("batch_steps")
        if rows.empty:
            continue
        # the smallest batch overshoots least in updates, so its steps say what was asked for
        equal = (
            f"{rows['env_steps'].min() / 1000:,.0f},000\nsteps"
            if budget == "env_steps"
            else f"{rows['updates'].min()}\nupdates"
        )
        ends.append(End.of(rows, "batch_steps", "iqm", equal, colour))
    label_ends(ax, ends, apart=0.18)


def _look(i: int) -> tuple[str, str]:
    """Colour and marker of a stage."""
    return STAGE_COLOURS[i % len(STAGE_COLOURS)], MARKERS[i % len(MARKERS)]


def _sizes(ax: Axes, sizes: list[int]) -> None:
    """A number at every other size."""
    ax.set(xscale="log", xlabel="environment steps in a batch")
    ax.xaxis.set_major_locator(FixedLocator(sizes[::2]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
