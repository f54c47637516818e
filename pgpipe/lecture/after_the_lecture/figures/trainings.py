"""P19 Return and length of responses over training

Above, a panel for each environment: the return per episode over the updates, a line with a band for each
estimator. Below, for the longest responses, how many steps they take over the updates: all of them on the
left, the wrong ones on the right.

Interquartile mean over the training seeds with its 95 % bootstrap interval as a band; of wrong responses the
mean over those of all seeds, as far as most seeds have some.

All trainings of an environment start from the same parameters and take as many batches of as many episodes.
PPO steps several times from each batch, the others once. All step by Adam, to which a constant factor of the
gradient is nothing: RLOO and Dr. GRPO differ by one, and their lines are one. The return is undiscounted, and
on CartPole it is also the length.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from pgpipe.lecture.common.style import WIDTH, estimator_legend, markers, palette, readable
from pgpipe.lecture.common.words import counted

COLUMNS = 12  # of the grid, which panels share
# Middle, low and high.
RETURN = ("iqm", "low", "high")
LENGTH = ("length", "length_low", "length_high")
WRONG = ("wrong_length", "wrong_length_low", "wrong_length_high")


def draw(recent_summary: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """Returns above, lengths below."""
    environments = list(recent_summary["environment"].unique())
    shown = longest(recent_summary)
    figure = plt.figure(figsize=(WIDTH, 5.4 if shown else 3.0), layout="constrained")
    grid = figure.add_gridspec(2 if shown else 1, COLUMNS)
    wide = COLUMNS // min(len(environments), COLUMNS)
    for i, environment in enumerate(environments[:COLUMNS]):
        rows = recent_summary[recent_summary["environment"] == environment]
        ax = figure.add_subplot(grid[0, i * wide : (i + 1) * wide])
        ax.set_title(f"{readable(environment)} ({counted(rows['seeds'].max(), 'seed')})")
        ax.set(xlabel="updates", ylabel="" if i else "return per episode")
        _curves(ax, rows, estimators, RETURN)
        ax.set_ylim(bottom=min(0.0, rows["low"].min()))
    if shown:
        _lengths(figure, grid, recent_summary[recent_summary["environment"] == shown], estimators)
    used = set(recent_summary["estimator"])
    estimator_legend(figure, estimators, [name for name in estimators["estimator"] if name in used])
    return figure


def longest(summary: pd.DataFrame) -> str:
    """The environment of the longest responses that are right or wrong; none if there is none."""
    graded = summary.dropna(subset=["wrong_length"])
    return "" if graded.empty else str(graded.loc[graded["length"].idxmax(), "environment"])


def headline(recent_summary: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """How long wrong responses are half-way by what divides by the own length, and by what does not."""
    rows = recent_summary[recent_summary["environment"] == longest(recent_summary)]
    half = rows[rows["update"] == rows["update"].max() // 2].dropna(subset=["wrong_length"])
    by_length = estimators.loc[estimators["aggregate"] == "each", "estimator"]
    ours, others = (
        half.loc[half["estimator"].isin(by_length) == own, "wrong_length"] for own in (True, False)
    )
    if ours.empty or others.empty:
        return ""
    return (
        f"Half-way, wrong responses take {ours.max():.1f} steps if each is divided by its own length, "
        f"{others.min():.1f} to {others.max():.1f} if not"
    )


def findings(recent_summary: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """Which seeds diverged."""
    lost = recent_summary[recent_summary["diverged"] > 0]
    if lost.empty:
        return "No seed diverged."
    ends = lost.groupby(["environment", "estimator"], sort=False)["diverged"].max()
    said = [f"{n} of {readable(e)} on {readable(where)}" for (where, e), n in ends.items()]
    return f"Seeds that diverged, and count as the worst from there on: {', '.join(said)}."


def _lengths(figure: Figure, grid: GridSpec, rows: pd.DataFrame, estimators: pd.DataFrame) -> None:
    """All responses on the left, the wrong ones on the right, on one axis."""
    where, half = readable(rows["environment"].iloc[0]), COLUMNS // 2
    left = figure.add_subplot(grid[1, :half])
    right = figure.add_subplot(grid[1, half:], sharey=left)
    _curves(left, rows, estimators, LENGTH)
    _curves(right, rows.dropna(subset=["wrong_length"]), estimators, WRONG)
    left.set(title=f"{where}, all responses", xlabel="updates", ylabel="steps per response")
    left.set_ylim(bottom=0)  # after both, whose range it is
    right.set(title=f"{where}, wrong responses", xlabel="updates", xlim=left.get_xlim())
    right.tick_params(labelleft=False)


def _curves(ax: Axes, rows: pd.DataFrame, estimators: pd.DataFrame, columns: tuple[str, str, str]) -> None:
    """A line, a band and a few markers for each recipe."""
    colours, shapes = palette(estimators), markers(estimators)
    middle, low, high = columns
    for i, (_, own) in enumerate(rows.groupby("recipe", sort=False)):
        estimator, every = own["estimator"].iloc[0], max(1, len(own) // 4)
        colour = colours[estimator]
        ax.fill_between(own["update"], own[low], own[high], color=colour, alpha=0.15, lw=0)
        ax.plot(
            own["update"], own[middle], color=colour, lw=1.5, marker=shapes[estimator], ms=5,
            markevery=(i * every // 5, every),
        )  # fmt: skip
