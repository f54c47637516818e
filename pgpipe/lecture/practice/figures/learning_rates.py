"""P14 Final return by learning rate and optimiser

For each environment a curve for each optimiser over the learning rate: it rises from nothing to its best,
stays there over a range of learning rates, and falls again. Below the curves a bar shows each optimiser's
range.

Score of the policy after training, $(R - R_0) / (R_{best} - R_0)$, over the learning rate: $R$ is the
interquartile mean over the training seeds of the return, $R_0$ the mean return of untrained policies, and
$R_{best}$ the $R$ of the best of all trainings in the environment, whatever their optimiser, supervised ones
included. Bands are 95 % bootstrap intervals over seeds, which are resampled as a whole, with the choice of
the best. A learning rate is good where its score passes the dashed line; the bars below show the widest
contiguous range of good ones, interpolated. An arrow stands where the grid ends before the range does. A
training that diverged counts as random.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.looks import OPTIMISERS, look_legend, wide_log_axis
from pgpipe.lecture.common.style import WIDTH, readable

LOWEST, APART = -0.12, 0.07  # where the bars begin, and how far they stand apart


def draw(learning_rate_returns: pd.DataFrame, learning_rate_ranges: pd.DataFrame) -> Figure:
    """A panel for each environment, of the policy gradient alone."""
    environments = learning_rate_returns["environment"].unique()
    figure, axes = plt.subplots(
        1, len(environments), figsize=(WIDTH, 3.9), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, environment in zip(axes[0], environments, strict=True):
        scores, ranges = (_of(table, environment) for table in (learning_rate_returns, learning_rate_ranges))
        _panel(ax, scores, ranges)
        ax.set(title=f"{readable(environment)} ({scores['seeds'].max()} seeds)", xlabel="learning rate α")
    axes[0, 0].set_ylabel("score of the final return")
    axes[0, 0].set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    look_legend(figure, OPTIMISERS, learning_rate_returns["optimizer"])
    return figure


def _of(table: pd.DataFrame, environment: str) -> pd.DataFrame:
    return table[(table["environment"] == environment) & (table["learner"] == "policy_gradient")]


def _panel(ax: Axes, scores: pd.DataFrame, ranges: pd.DataFrame) -> None:
    ax.axhline(ranges["good"].iloc[0], color="0.4", ls="--", lw=0.8)
    for place, (name, look) in enumerate(
        (n, o) for n, o in OPTIMISERS.items() if n in set(scores["optimizer"])
    ):
        rows = scores[scores["optimizer"] == name].sort_values("learning_rate")
        ax.fill_between(rows["learning_rate"], rows["low"], rows["high"], color=look.colour, alpha=0.15, lw=0)
        ax.plot(
            rows["learning_rate"],
            rows["score"],
            color=look.colour,
            ls=look.line,
            marker=look.marker,
            ms=4,
            lw=1.3,
        )
        good = ranges[ranges["optimizer"] == name].iloc[0]
        if good["width"] > 0:
            y = LOWEST - APART * place
            ax.plot(
                [good["from_rate"], good["to_rate"]], [y, y], color=look.colour, lw=3, solid_capstyle="butt"
            )
            for end, mark, open_ended in (
                ("from_rate", "<", good["low_censored"]), ("to_rate", ">", good["high_censored"]),
            ):  # fmt: skip
                if open_ended:
                    ax.plot(good[end], y, mark, color=look.colour, ms=6)
    ax.set_ylim(LOWEST - APART * len(OPTIMISERS), 1.08)
    wide_log_axis(ax, most=7)


def findings(learning_rate_returns: pd.DataFrame, learning_rate_ranges: pd.DataFrame) -> str:
    """The width of every range, in words."""
    rows = learning_rate_ranges[learning_rate_ranges["learner"] == "policy_gradient"]
    words = []
    for environment, table in rows.groupby("environment", sort=False):
        each = ", ".join(
            f"{OPTIMISERS[row['optimizer']].label} {Interval.of_row(row, 'width', row['seeds']):.1f}"
            for row in table.to_dict("records")
        )
        words.append(f"{readable(str(environment))}: {each}")
    return f"Widths in decades, with 95 % intervals: {'; '.join(words)}."
