"""P8 The weights by horizon

Two rows of panels, a column for each environment, all over the number of steps. Above, the quantiles of
the logarithm of the weights fan out and the median sinks below the expectation, which stays at one.
Below, the effective sample size falls with the number of steps, the faster the farther the policies are
apart.

Weights of whole trajectories after t steps, at policies along ∇J. Above: quantiles of log w at the
largest distance. Below: effective sample size, (Σw)²/Σw², as a share of the trajectories, at every
distance; crosses: the exact 1/E[w²].

The targets lie along the gradient of J, at growing KL of a whole trajectory. The expected weight is one
at every step, whatever the target, which no quantile shows. $1/E[w^2]$ is marked where it is known and
finite. Below the dotted line less than 10 % of the sample is left, and results of these weights carry a
warning, as do weights whose second moment is infinite.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from pgpipe.lecture.common.labels import End, label_ends, plain_numbers
from pgpipe.lecture.common.style import COLOURS, WIDTH, readable
from pgpipe.lecture.off_policy.figures._forms import nats

LEAST_SHARE = 0.1
MOST_WARNINGS = 3
QUANTILES = {"log_q95": "95 %", "log_q75": "75 %", "log_q50": "median", "log_q25": "25 %", "log_q05": "5 %"}


def draw(off_policy_weights: pd.DataFrame) -> Figure:
    """A column for each environment of more than one step."""
    table = _shown(off_policy_weights)
    environments, distances = list(table["environment"].unique()), sorted(table["distance"].unique())
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 5.0), sharex=True, sharey="row", squeeze=False,
        layout="constrained",
    )  # fmt: skip
    if table["horizon"].max() > 30:
        axes[0, 0].set_xscale("log")
    for (above, below), environment in zip(axes.T, environments, strict=True):
        rows = table[table["environment"] == environment]
        _quantiles(above, rows[rows["distance"] == distances[-1]])
        _shares(below, rows, distances)
        above.set_title(readable(environment))
        below.set_xlabel("steps t")
    axes[0, 0].set_ylabel(f"log-weight (nats)\nat {nats(distances[-1])}")
    axes[1, 0].set_ylabel("effective sample size")
    axes[1, 0].yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    across = axes[1, 0].get_yaxis_transform()
    axes[1, 0].text(0.03, LEAST_SHARE + 0.015, "warning below", fontsize=8, transform=across)
    if axes[0, 0].get_xscale() == "log":
        plain_numbers(axes[0, 0].xaxis)
    for (above, below), environment in zip(axes.T, environments, strict=True):
        rows = table[table["environment"] == environment]
        _name_quantiles(above, rows[rows["distance"] == distances[-1]])
        _name_distances(below, rows, distances)
    return figure


def headline(off_policy_weights: pd.DataFrame) -> str:
    """How much of the sample is left at the farthest target, at the end of an episode."""
    table = _shown(off_policy_weights)
    far = table[table["distance"] == table["distance"].max()]
    left = 100 * far.groupby("environment").tail(1)["effective_share"]
    low, high = f"{left.min():.0f}", f"{left.max():.0f}"
    between = low if low == high else f"{low}–{high}"
    return f"At {nats(far['distance'].iloc[0])}, {between} % of the sample is left in the end"


def findings(off_policy_weights: pd.DataFrame) -> str:
    """Where the moment is infinite, and where little is left of the sample, in whatever direction."""
    last = off_policy_weights.groupby(["environment", "direction", "distance"]).tail(1)
    warned = last[last["warning"].notna()]
    if warned.empty:
        return "No weight of this run carries a warning."
    groups = warned.groupby(["environment", "direction", "warning"], sort=False)["distance"]
    said = [
        f"{readable(environment)}, {direction}, {' and '.join(f'{d:g}' for d in far)} nats: {warning}"
        for (environment, direction, warning), far in groups
    ]
    more = f"; and {len(said) - MOST_WARNINGS} more" if len(said) > MOST_WARNINGS else ""
    return f"Warnings: {'; '.join(said[:MOST_WARNINGS])}{more}."


def _shown(weights: pd.DataFrame) -> pd.DataFrame:
    """Along the gradient, where there are several steps; a single one where there are no others."""
    table = weights[weights["direction"] == "gradient"]
    several = table.groupby("environment")["horizon"].transform("max") > 1
    return table[several] if several.any() else table


def _quantiles(ax: Axes, rows: pd.DataFrame) -> None:
    t = rows["horizon"]
    ax.fill_between(t, rows["log_q05"], rows["log_q95"], color=COLOURS[0], alpha=0.15, lw=0)
    ax.fill_between(t, rows["log_q25"], rows["log_q75"], color=COLOURS[0], alpha=0.3, lw=0)
    ax.plot(t, rows["log_q50"], color=COLOURS[0], lw=2)
    ax.plot(t, np.zeros(len(rows)), color="0.25", lw=1.2, ls=(0, (4, 2)))


def _name_quantiles(ax: Axes, rows: pd.DataFrame) -> None:
    last = rows.iloc[-1]
    names = [End(last["horizon"], last[name], text, COLOURS[0]) for name, text in QUANTILES.items()]
    label_ends(ax, [*names, End(last["horizon"], 0.0, "E[w] = 1", "0.25")], apart=0.1)


def _shares(ax: Axes, rows: pd.DataFrame, distances: list[float]) -> None:
    for distance, colour in zip(distances, _shades(len(distances)), strict=True):
        own = rows[rows["distance"] == distance]
        ax.plot(own["horizon"], own["effective_share"], color=colour, lw=1.6)
        finite = own[np.isfinite(own["exact_second_moment"])]
        ax.plot(finite["horizon"], 1 / finite["exact_second_moment"], "x", ms=3.5, mew=0.9, color=colour)
    ax.axhline(LEAST_SHARE, color="0.4", lw=0.9, ls=":")
    ax.set_ylim(0, 1.05)


def _name_distances(ax: Axes, rows: pd.DataFrame, distances: list[float]) -> None:
    ends = []
    for distance, colour in zip(distances, _shades(len(distances)), strict=True):
        last = rows[rows["distance"] == distance].iloc[-1]
        ends.append(End(last["horizon"], last["effective_share"], nats(distance), colour))
    label_ends(ax, ends, apart=0.1)


def _shades(n: int) -> list[str]:
    """From the nearest to the farthest, all dark enough to be read."""
    return [mpl.colors.to_hex(shade) for shade in mpl.colormaps["viridis"](np.linspace(0.52, 0.02, n))]
