"""F6 When all returns have one sign: a step without and with the baseline

For each environment two panels plot the change of each trajectory's log-probability against its return,
weighted by the return and by the return minus the mean. A third panel shows the rank correlation of the two
over many batches for all weights one, the return and the return minus the mean, each beside that under
permuted returns.

The trajectories of F2, whose returns are all positive on CartPole and all negative on the line. Left: the
weights are the returns themselves, so that the step tries to raise *every* CartPole trajectory, the bad ones
too, and to lower every one of the line. Middle: the return minus the mean of the others, of both signs.

Right: Spearman's correlation of the return with the change of log p_θ(τ). A dot is a batch of the policy of
one of several training seeds, a mark with a bar the mean over policies with its 95 % interval. Grey is the
same where the returns are dealt out anew before the step: each trajectory pulls itself along, so chance alone
gives more than zero.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import COLOURS, WIDTH, readable
from pgpipe.lecture.common.trajectory_marks import changes_by_return, mark_legend
from pgpipe.statistics import mean_interval

COLUMNS = {"total_return": "weights: return", "return_minus_mean": "weights: return minus mean"}
TICKS = {"likelihood": "one", "total_return": "return", "return_minus_mean": "return\n- mean"}


def draw(step_trajectories: pd.DataFrame, step_batches: pd.DataFrame) -> Figure:
    """One row for each environment: a panel for each weighting, and one of all batches."""
    environments = step_trajectories["environment"].unique()
    size = (WIDTH, 0.5 + 2.4 * len(environments))
    figure, axes = plt.subplots(len(environments), 3, figsize=size, squeeze=False, layout="constrained")
    for (*panels, ranks), environment in zip(axes, environments, strict=True):
        table = step_trajectories[step_trajectories["environment"] == environment]
        changes_by_return(panels, table, COLUMNS)
        panels[0].set_title(f"{readable(environment)}, {COLUMNS['total_return']}")
        _correlations(ranks, step_batches[step_batches["environment"] == environment])
    mark_legend(figure)
    return figure


def _correlations(ax: Axes, table: pd.DataFrame) -> None:
    """The correlation by weighting, and in grey that under permuted returns."""
    ax.axhline(0, color="0.5", lw=0.8, zorder=1)
    for place, weighting in enumerate(TICKS):
        rows = table[table["weighting"] == weighting]
        _dots(ax, place - 0.17, rows, "correlation", COLOURS[0])
        _dots(ax, place + 0.17, rows, "permuted", "0.45")
    ax.set_xticks(range(len(TICKS)), list(TICKS.values()))
    ax.set(xlim=(-0.5, len(TICKS) - 0.5), xlabel="weights", ylabel="rank correlation")
    ax.set_title(f"{table.groupby(['seed', 'batch']).ngroups} batches, grey: permuted")


def _dots(ax: Axes, x: float, rows: pd.DataFrame, column: str, colour: str) -> None:
    """A dot for each batch, and the mean over policies with its 95 % interval."""
    values = rows[column].dropna().to_numpy()
    ax.plot([x] * len(values), values, ".", color=colour, ms=3, alpha=0.25, mew=0)
    of_policies = rows.groupby("seed")[column].mean().dropna().to_numpy()
    if len(of_policies) > 1:
        mean = mean_interval(of_policies)
        bars = [[mean.estimate - mean.low], [mean.high - mean.estimate]]
        ax.errorbar(x, mean.estimate, bars, fmt="_", color=colour, ms=8, lw=1.8, mew=1.8)
