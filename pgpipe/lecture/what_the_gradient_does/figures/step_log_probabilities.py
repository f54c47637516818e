"""F2 Good and bad trajectories, and what one gradient step does to them

In each row the left panel shows real trajectories over time, coloured as good, neutral or bad. The middle
panel plots the change of each one's log-probability under a maximum-likelihood step against its return, the
right panel the same under a step weighted by the return minus the mean, where good ones lie above bad ones.

Left: one number of the observation over time, for the trajectories of one batch; a mark stands where an
episode ends. Good, neutral and bad are the upper, middle and lower third by return. Middle and right: how one
gradient step of a small fixed length moved log p_θ(τ) = Σ log π of each of the same trajectories. With all
weights one no trajectory counts for more than another, and yet not all of them rise: they share parameters,
and a step that raises one lowers another. With the return minus the mean of the others as weights good ones
rise against bad ones, though not every good one rises and not every bad one falls.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import STAGES, WIDTH, readable
from pgpipe.lecture.common.trajectory_marks import MARKS, changes_by_return, mark_legend

COLUMNS = {
    "likelihood": "all weights one",
    "return_minus_mean": "weights: return minus mean",
}


def draw(step_traces: pd.DataFrame, step_trajectories: pd.DataFrame) -> Figure:
    """One row for each environment: traces, then a panel for each weighting."""
    environments = step_trajectories["environment"].unique()
    figure, axes = plt.subplots(
        len(environments),
        3,
        figsize=(WIDTH, 0.5 + 2.2 * len(environments)),
        squeeze=False,
        layout="constrained",
    )
    for (traces, *panels), environment in zip(axes, environments, strict=True):
        _traces(traces, step_traces[step_traces["environment"] == environment])
        table = step_trajectories[step_trajectories["environment"] == environment]
        traces.set_title(f"{readable(environment)}, {STAGES[table['policy'].iloc[0]]}")
        changes_by_return(panels, table, COLUMNS)
    mark_legend(figure)
    return figure


def _traces(ax: Axes, table: pd.DataFrame) -> None:
    """Each trajectory as a line that ends with a marker where the episode ends."""
    for _, trace in table.groupby("trajectory", sort=False):
        colour, marker, _ = MARKS[trace["mark"].iloc[0]]
        ax.plot(trace["step"], trace["value"], color=colour, lw=0.7, alpha=0.7)
        last = trace.iloc[-1]
        ax.plot(last["step"], last["value"], marker, color=colour, ms=3.5)
    ax.set(xlabel="time step t", ylabel=table["quantity"].iloc[0])
