"""P14 Final return by learning rate and optimiser

A column for each environment, over the learning rate. Above, the score after training, a curve for each
optimiser, and dashed lines where a score counts as good. Below, in a strip, the range of good learning
rates as a bar for each optimiser, thicker where the demand is higher.

Above: score after training, with 95 % bootstrap bands. Below: learning rates whose score passes a dashed
bar, thicker for a higher bar; an arrow: the grid ends first.

The score is $(R - R_0) / (R_{best} - R_0)$: $R$ is the interquartile mean of the return, $R_0$ the mean
return of untrained policies, and $R_{best}$ the $R$ of the best of all trainings in the environment,
whatever their optimiser, supervised ones included. Seeds are resampled as a whole, with the choice of the
best. A training that diverged counts as random. A strip shows the widest contiguous range at each bar,
interpolated.
"""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.looks import OPTIMISERS, wide_log_axis
from pgpipe.lecture.common.style import WIDTH, readable
from pgpipe.lecture.common.words import counted

THIN, THICK = 1.5, 8.0  # points: the line of the lowest bar and that of the highest
BEYOND = 1.3  # factor from the end of a range that the grid cuts off to its arrow


def draw(
    learning_rate_returns: pd.DataFrame,
    learning_rate_ranges: pd.DataFrame,
    learning_rate_contrasts: pd.DataFrame,
) -> Figure:
    """A column of two panels for each environment, of the policy gradient alone."""
    environments = learning_rate_returns["environment"].unique()
    used = [name for name in OPTIMISERS if name in set(learning_rate_returns["optimizer"])]
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 4.6), sharex="col", sharey="row", squeeze=False,
        layout="constrained", height_ratios=(5, 0.4 + 0.5 * len(used)),
    )  # fmt: skip
    for (above, below), environment in zip(axes.T, environments, strict=True):
        scores, ranges = (_of(table, environment) for table in (learning_rate_returns, learning_rate_ranges))
        _scores(above, scores, ranges["good"])
        _strip(below, ranges, used)
        above.set_title(f"{readable(environment)} ({counted(scores['seeds'].max(), 'seed')})")
        below.set_xlabel("learning rate α")
    axes[0, 0].set_ylabel("score of the final return")
    axes[0, 0].set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    _name(axes[1, 0], used)
    return figure


def headline(
    learning_rate_returns: pd.DataFrame,
    learning_rate_ranges: pd.DataFrame,
    learning_rate_contrasts: pd.DataFrame,
) -> str:
    """Whether Adam's range is wider than momentum's, by environment, at every bar."""
    pair = {"learner": "policy_gradient", "optimizer": "adam", "other_optimizer": "momentum"}
    rows = learning_rate_contrasts
    for column, value in pair.items():
        rows = rows[rows[column] == value]
    if rows.empty:
        return ""
    above = (rows["low"] > 0) & ~rows["other_censored"]
    wider = above.groupby(rows["environment"], sort=False).all()
    sure, open_ = ([readable(str(place)) for place in wider[wider == is_so].index] for is_so in (True, False))
    if not sure:
        return "Adam does not clearly tolerate more learning rates than SGD with momentum"
    where = f"on {' and '.join(sure)}, not clearly on {' and '.join(open_)}" if open_ else "at every bar"
    return f"Adam tolerates more learning rates than momentum {where}"


def findings(
    learning_rate_returns: pd.DataFrame,
    learning_rate_ranges: pd.DataFrame,
    learning_rate_contrasts: pd.DataFrame,
) -> str:
    """The width of every range at the middle bar, in words."""
    rows = learning_rate_ranges[learning_rate_ranges["learner"] == "policy_gradient"]
    bars = sorted(rows["good"].dropna().unique())
    if not bars:
        return ""
    bar = bars[len(bars) // 2]
    words = []
    for environment, table in rows[rows["good"] == bar].groupby("environment", sort=False):
        each = ", ".join(
            f"{_short(row['optimizer'])} {Interval.of_row(row, 'width', row['seeds']):.1f}"
            for row in table.to_dict("records")
        )
        words.append(f"{readable(str(environment))}: {each}")
    return f"Decades at {bar:g}: {'; '.join(words)}."


def _short(optimizer: str) -> str:
    return "momentum" if optimizer == "momentum" else OPTIMISERS[optimizer].label


def _of(table: pd.DataFrame, environment: str) -> pd.DataFrame:
    return table[(table["environment"] == environment) & (table["learner"] == "policy_gradient")]


def _scores(ax: Axes, scores: pd.DataFrame, bars: pd.Series) -> None:
    for bar in sorted(bars.unique()):
        ax.axhline(bar, color="0.5", ls="--", lw=0.7)
    for name, look in OPTIMISERS.items():
        rows = scores[scores["optimizer"] == name].sort_values("learning_rate")
        rate = rows["learning_rate"]
        ax.fill_between(rate, rows["score_low"], rows["score_high"], color=look.colour, alpha=0.15, lw=0)
        ax.plot(rate, rows["score"], color=look.colour, ls=look.line, marker=look.marker, ms=4.5, lw=1.6)
    ax.set_ylim(-0.03, 1.05)
    wide_log_axis(ax, most=7)


def _strip(ax: Axes, ranges: pd.DataFrame, used: list[str]) -> None:
    """A bar for each optimiser, of lines on each other, with its marker in the middle of the thickest."""
    bars = sorted(ranges["good"].unique())
    for y, name in enumerate(used):
        look, rows = OPTIMISERS[name], ranges[ranges["optimizer"] == name].sort_values("good")
        for _, row in rows[rows["width"] > 0].iterrows():
            width = THIN + (THICK - THIN) * bars.index(row["good"]) / max(1, len(bars) - 1)
            ends = [row["from_rate"], row["to_rate"]]
            ax.plot(ends, [y, y], color=look.colour, lw=width, solid_capstyle="butt")
        _arrows(ax, rows, y, look.colour)
        if (rows["width"] <= 0).all():
            ax.text(0.5, y, "none", transform=ax.get_yaxis_transform(), ha="center", va="center")
    ax.grid(visible=False, axis="y")


def _name(ax: Axes, used: list[str]) -> None:
    """The optimisers beside their bars, in colour and with the markers of their curves."""
    ax.set_yticks(range(len(used)), [_short(name) for name in used])
    ax.set_ylim(len(used) - 0.4, -0.6)
    ax.tick_params(axis="y", pad=16)
    for y, (label, name) in enumerate(zip(ax.get_yticklabels(), used, strict=True)):
        look = OPTIMISERS[name]
        label.set_color(look.colour)
        beside: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
        ax.plot([-0.07, -0.02], [y, y], color=look.colour, ls=look.line, lw=1.4, **beside)
        ax.plot(-0.045, y, look.marker, color=look.colour, ms=4.5, **beside)


def _arrows(ax: Axes, rows: pd.DataFrame, y: float, colour: str) -> None:
    """Where the grid ends before the range, at some bar."""
    for ends, cut, arrow, factor in (
        ("from_rate", "low_censored", "<", 1 / BEYOND),
        ("to_rate", "high_censored", ">", BEYOND),
    ):
        open_ended = rows[rows[cut] & (rows["width"] > 0)]
        if len(open_ended):
            ax.plot(open_ended[ends].iloc[0] * factor, y, arrow, color=colour, ms=6)
