"""F6 When all returns have one sign: a step without and with the baseline

The trajectories of F2 by their return. Upper row: the weight of each, which without the baseline has one sign
and with it both. Lower row: how the step changed the log-probability of each, with strokes at the means of
good, neutral and bad. Right: the rank correlation of return and change over many batches, by environment and
weighting, beside that of shuffled returns.

Returns of one sign push all trajectories one way; less their mean, they push good ones up and bad ones down.
Right: means over policies with 95 % intervals; grey marks are chance.

Good, neutral and bad are the upper, middle and lower third by return. Strokes are means over them. The mean
that is subtracted is that of the other trajectories. Right: Spearman's correlation of the return with the
change of $\\log p_\\theta(\\tau)$, over several batches of the policies of several training seeds. Grey is
the same where the returns are dealt out anew before the step: each trajectory pulls itself along, so chance
alone gives more than zero.

An environment has no panels at the left where the two steps are one and the same, forward or backward (a
correlation of the changes beyond 0.99), as with a policy of two parameters.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.style import COLOURS, WIDTH, readable
from pgpipe.lecture.common.trajectory_marks import by_mark, changes_by_return, mark_legend, worth_showing
from pgpipe.statistics import mean_interval

COLUMNS = {"total_return": "without: return", "return_minus_mean": "with: return − mean"}
ROWS = {"likelihood": "one", "total_return": "return", "return_minus_mean": "return − mean"}
MEASURED, CHANCE = COLOURS[0], "0.5"
PAIR = ("correlation", "permuted")


def draw(step_trajectories: pd.DataFrame, step_batches: pd.DataFrame) -> Figure:
    """Weights above, changes below, without and with the baseline; at the right all batches."""
    figure = plt.figure(figsize=(WIDTH, 4.8), layout="constrained")
    grid = figure.add_gridspec(2, 3, width_ratios=(1, 1, 1.15))
    above = [figure.add_subplot(grid[0, i]) for i in range(2)]
    below = [figure.add_subplot(grid[1, i]) for i in range(2)]
    environment = worth_showing(step_trajectories, list(COLUMNS))[0]
    table = step_trajectories[step_trajectories["environment"] == environment]
    changes_by_return(below, table, COLUMNS)
    _weights(above, table)
    for upper, lower, title in zip(above, below, COLUMNS.values(), strict=True):
        upper.set_title(title)
        lower.set_title("")
        lower.sharex(upper)
        upper.tick_params(labelbottom=False)
    for right in (above[1], below[1]):
        right.tick_params(labelleft=False)
    above[0].annotate(
        readable(environment), (0.04, 0.96), xycoords="axes fraction", va="top", fontsize=8.5, color="0.35"
    )
    figure.align_ylabels([above[0], below[0]])
    _correlations(figure.add_subplot(grid[:, 2]), step_batches)
    mark_legend(figure)
    return figure


def headline(step_trajectories: pd.DataFrame, step_batches: pd.DataFrame) -> str:
    """Where the baseline puts the step in better order, beyond chance."""
    gains = _gains(step_batches)
    better = [name for name, gain in gains.items() if gain.low > 0]
    if not gains:
        return ""
    if not better:
        return "With the mean subtracted a step does not clearly follow the returns more closely"
    where = "" if len(better) == len(gains) else f" on {' and '.join(map(readable, better))}"
    return f"With the mean subtracted a step follows the returns more closely{where}"


def findings(step_trajectories: pd.DataFrame, step_batches: pd.DataFrame) -> str:
    """What the baseline adds to the correlation, beyond chance."""
    said = [f"{gain:.2f} on {readable(name)}" for name, gain in _gains(step_batches).items()]
    return f"Beyond chance the baseline adds {', '.join(said)} to the correlation." if said else ""


def _gains(batches: pd.DataFrame) -> dict[str, Interval]:
    """What subtracting the mean adds to the correlation less chance, a policy a number, by environment."""
    excess = batches.assign(excess=batches["correlation"] - batches["permuted"])
    gains = {}
    for environment, rows in excess.groupby("environment", sort=False):
        means = rows.pivot_table(index="seed", columns="weighting", values="excess").reindex(columns=COLUMNS)
        gain = (means["return_minus_mean"] - means["total_return"]).dropna().to_numpy()
        if len(gain) > 1:
            gains[str(environment)] = mean_interval(gain)
    return gains


def _weights(axes: Sequence[Axes], table: pd.DataFrame) -> None:
    """The weight of each trajectory by its return, as a bar from zero, on one vertical scale."""
    for ax, weighting in zip(axes, COLUMNS, strict=True):
        ax.axhline(0, color="0.5", lw=0.8, zorder=1)
        for group, colour in by_mark(ax, table[table["weighting"] == weighting], "weight"):
            ax.vlines(group["return"], 0, group["weight"], color=colour, lw=1)
    axes[1].sharey(axes[0])
    axes[0].set_ylabel("weight in ĝ (return)")


def _correlations(ax: Axes, table: pd.DataFrame) -> None:
    """The rank correlation by environment and weighting, and in grey that under shuffled returns."""
    places = {}
    for i, (environment, rows) in enumerate(table.groupby("environment", sort=False)):
        top = i * (len(ROWS) + 1.2)
        ax.text(
            0.97, top - 0.75, readable(str(environment)), transform=ax.get_yaxis_transform(), ha="right",
            va="center", fontsize=9, weight="bold",
        )  # fmt: skip
        for j, (weighting, words) in enumerate(ROWS.items()):
            places[top + j] = words
            chosen = rows[rows["weighting"] == weighting]
            said = ("measured", "chance") if i == 0 and j == len(ROWS) - 1 else ("", "")
            for column, shift, colour, name in zip(
                PAIR, (-0.12, 0.14), (MEASURED, CHANCE), said, strict=True
            ):
                _mean(ax, top + j + shift, chosen.groupby("seed")[column].mean(), colour, name)
    ax.axvline(0, color="0.5", lw=0.8, zorder=1)
    ax.set_yticks(list(places), list(places.values()))
    ax.set_ylim(max(places) + 0.7, -1.3)
    ax.grid(visible=False, axis="y")
    ax.set(title="all batches, by weights", xlabel="rank correlation\nof return and change")


def _mean(ax: Axes, y: float, of_policies: "pd.Series[float]", colour: str, words: str) -> None:
    """The mean over policies with its 95 % interval, and perhaps what it is, in words."""
    known = of_policies.dropna().to_numpy()
    if len(known) < 2:
        return
    mean = mean_interval(known)
    ax.plot([mean.low, mean.high], [y, y], color=colour, lw=1.6)
    ax.plot(mean.estimate, y, "o" if colour == MEASURED else "s", color=colour, ms=4.5)
    above = colour == MEASURED
    ax.annotate(
        words, (mean.estimate, y), (8, 4 if above else -5), textcoords="offset points", ha="right",
        va="bottom" if above else "top", fontsize=8.5, color=MEASURED if above else "0.35",
    )  # fmt: skip
