"""P8 The weights by horizon

Two rows of panels, a column for each environment. Above, the distribution of the logarithm of the weights
widens and its median sinks as steps are added. Below, the effective sample size falls with the number of
steps, the faster the farther the policies are apart.

Weights of whole trajectories after their first t steps, at targets along the gradient. Above: distribution
of log-weights at the largest distance, median, middle half and middle 90 %; the mean weight is one all
along, which no log-weight shows. Below: effective sample size (Σw)²/Σw² as a share of the trajectories, at
every distance, in nats of a whole trajectory; crosses are 1/E[w²], exact, where it is known and finite.
Below the dotted line less than 10 % is left, and results of these weights carry a warning.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from pgpipe.lecture.common.style import COLOURS, WIDTH, readable

LEAST_SHARE = 0.1


def draw(off_policy_weights: pd.DataFrame) -> Figure:
    """A column for each environment of more than one step."""
    table = off_policy_weights[off_policy_weights["direction"] == "gradient"]
    longest = table.groupby("environment")["horizon"].transform("max")
    environments = list(table.loc[longest > 1, "environment"].unique()) or list(table["environment"].unique())
    distances = sorted(table["distance"].unique())
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 4.4), sharex="col", squeeze=False, layout="constrained"
    )
    for column, environment in zip(axes.T, environments, strict=True):
        rows = table[table["environment"] == environment]
        _distribution(column[0], rows[rows["distance"] == distances[-1]])
        _shares(column[1], rows, distances)
        column[0].set_title(f"{readable(environment)}, {distances[-1]:g} nats")
        column[1].set_xlabel("steps t")
    axes[0, 0].set_ylabel("log-weight (nats)")
    axes[1, 0].set_ylabel("effective sample size")
    handles, labels = axes[1, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(handles), title="KL (nats)")
    return figure


def findings(off_policy_weights: pd.DataFrame) -> str:
    """Where the moment is infinite, and where little is left of the sample."""
    last = off_policy_weights.groupby(["environment", "direction", "distance"]).tail(1)
    warned = last[last["warning"].fillna("") != ""]
    if warned.empty:
        return "No weight of this run carries a warning."
    said = [
        f"{readable(row.environment)}, {row.direction}, {row.distance:g} nats: {row.warning} "
        f"({row.effective_share:.1%} left, the largest weight has {row.largest_share:.0%} of the sum)"
        for row in warned.itertuples()
    ]
    return f"Warnings: {'; '.join(said)}."


def _distribution(ax: Axes, rows: pd.DataFrame) -> None:
    t = rows["horizon"]
    ax.fill_between(t, rows["log_q05"], rows["log_q95"], color=COLOURS[0], alpha=0.15, lw=0)
    ax.fill_between(t, rows["log_q25"], rows["log_q75"], color=COLOURS[0], alpha=0.3, lw=0)
    ax.plot(t, rows["log_q50"], color=COLOURS[0], lw=1.6)
    ax.axhline(0, color="0.5", lw=0.8)
    ax.set_xscale("log" if t.max() > 30 else "linear")


def _shares(ax: Axes, rows: pd.DataFrame, distances: list[float]) -> None:
    shades = mpl.colormaps["viridis_r"](np.linspace(0.15, 0.95, len(distances)))
    for colour, distance in zip(shades, distances, strict=True):
        own = rows[rows["distance"] == distance]
        ax.plot(own["horizon"], own["effective_share"], color=colour, lw=1.4, label=f"{distance:g}")
        finite = own[np.isfinite(own["exact_second_moment"])]
        ax.plot(finite["horizon"], 1 / finite["exact_second_moment"], "x", ms=4, color=colour)
    ax.axhline(LEAST_SHARE, color="0.5", lw=0.8, ls=":")
    ax.set_ylim(0, 1.05)
    ax.yaxis.set_major_formatter(PercentFormatter(1))
