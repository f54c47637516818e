"""P14 Final return by learning rate and optimiser

Above, for each environment a curve for each optimiser over the learning rate: it rises from nothing to its
best, stays there over a range of learning rates, and falls again. Below, the width of that range for each
optimiser, over the bar of what is good.

Above: score of the policy after training, $(R - R_0) / (R_{best} - R_0)$, over the learning rate: $R$ is the
interquartile mean over the training seeds of the return, $R_0$ the mean return of untrained policies, and
$R_{best}$ the $R$ of the best of all trainings in the environment, whatever their optimiser, supervised ones
included. Bands are 95 % bootstrap intervals over seeds, which are resampled as a whole, with the choice of
the best. A learning rate is good where its score passes a bar; dashed lines show the lowest and the highest.
A training that diverged counts as random. Below: the width, in decades, of the widest contiguous range of
good learning rates, interpolated, over the bar, with its 95 % interval; the optimisers' points stand a little
apart. An arrow stands where the grid of learning rates ends before the range: the width is at least that.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.looks import OPTIMISERS, look_legend, wide_log_axis
from pgpipe.lecture.common.style import WIDTH, readable

APART = 0.006  # between the optimisers' points at a bar


def draw(learning_rate_returns: pd.DataFrame, learning_rate_ranges: pd.DataFrame) -> Figure:
    """A column of two panels for each environment, of the policy gradient alone."""
    environments = learning_rate_returns["environment"].unique()
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 5.6), sharey="row", squeeze=False, layout="constrained",
        height_ratios=(3, 2),
    )  # fmt: skip
    for (above, below), environment in zip(axes.T, environments, strict=True):
        scores, ranges = (_of(table, environment) for table in (learning_rate_returns, learning_rate_ranges))
        _scores(above, scores, ranges["good"])
        _widths(below, ranges)
        above.set(title=f"{readable(environment)} ({scores['seeds'].max()} seeds)", xlabel="learning rate α")
        below.set_xlabel("bar (share of the best score)")
    axes[0, 0].set_ylabel("score of the final return")
    axes[0, 0].set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    axes[1, 0].set_ylabel("width (decades)")
    axes[1, 0].set_ylim(bottom=0)
    look_legend(figure, OPTIMISERS, learning_rate_returns["optimizer"])
    return figure


def _of(table: pd.DataFrame, environment: str) -> pd.DataFrame:
    return table[(table["environment"] == environment) & (table["learner"] == "policy_gradient")]


def _scores(ax: Axes, scores: pd.DataFrame, bars: pd.Series) -> None:
    for bar in {bars.min(), bars.max()}:
        ax.axhline(bar, color="0.4", ls="--", lw=0.8)
    for name, look in OPTIMISERS.items():
        rows = scores[scores["optimizer"] == name].sort_values("learning_rate")
        rate = rows["learning_rate"]
        ax.fill_between(rate, rows["score_low"], rows["score_high"], color=look.colour, alpha=0.15, lw=0)
        ax.plot(rate, rows["score"], color=look.colour, ls=look.line, marker=look.marker, ms=4, lw=1.3)
    ax.set_ylim(-0.03, 1.08)
    wide_log_axis(ax, most=7)


def _widths(ax: Axes, ranges: pd.DataFrame) -> None:
    for place, (name, look) in enumerate(OPTIMISERS.items()):
        rows = ranges[ranges["optimizer"] == name].sort_values("good")
        if rows.empty:
            continue
        x = rows["good"] + (place - 1) * APART
        # an interval of a width that jumps need not hold the width itself
        bars = [(rows["width"] - rows["width_low"]).clip(0), (rows["width_high"] - rows["width"]).clip(0)]
        ax.errorbar(x, rows["width"], bars, color=look.colour, ls=look.line, marker=look.marker, ms=4, lw=1.2)
        open_ended = rows["low_censored"] | rows["high_censored"]
        ax.plot(x[open_ended], rows["width_high"][open_ended] + 0.15, "^", color=look.colour, ms=5)
    ax.set_xticks(sorted(ranges["good"].unique()))


def findings(learning_rate_returns: pd.DataFrame, learning_rate_ranges: pd.DataFrame) -> str:
    """The width of every range at the middle bar, in words."""
    rows = learning_rate_ranges[learning_rate_ranges["learner"] == "policy_gradient"]
    bars = sorted(rows["good"].unique())
    bar = bars[len(bars) // 2]
    words = []
    for environment, table in rows[rows["good"] == bar].groupby("environment", sort=False):
        each = ", ".join(
            f"{OPTIMISERS[row['optimizer']].label} {Interval.of_row(row, 'width', row['seeds']):.1f}"
            for row in table.to_dict("records")
        )
        words.append(f"{readable(str(environment))}: {each}")
    return f"Widths in decades at the bar of {bar:g}, with 95 % intervals: {'; '.join(words)}."
