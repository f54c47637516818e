"""F2 Good and bad trajectories, and what one gradient step does to them

Left, real trajectories over time, coloured as good, neutral or bad. The middle panel plots the change of each
one's log-probability under a maximum-likelihood step against its return, with strokes at the means of good,
neutral and bad; the right panel shows the same under a step weighted by the return minus the mean.

Left: the trajectories of one batch, a mark where each ends. Middle and right: how one small step moved
$\\log p_\\theta(\\tau)$ of each; strokes are means. They share parameters: a step that raises one lowers
another.

Good, neutral and bad are the upper, middle and lower third by return. $\\log p_\\theta(\\tau) = \\sum_t \\log
\\pi_\\theta(a_t|s_t)$, up to what does not depend on θ. Both steps have the same small length. With all
weights one the step is that of maximum likelihood, and no trajectory counts for more than another; the mean
that is subtracted is that of the other trajectories.

An environment is left out where the two steps are one and the same, forward or backward (a correlation of
the changes beyond 0.99), as with a policy of two parameters.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import STAGES, WIDTH, readable
from pgpipe.lecture.common.trajectory_marks import MARKS, changes_by_return, mark_legend, worth_showing

COLUMNS = {
    "likelihood": "all weights one",
    "return_minus_mean": "weights: return − mean",
}
POINTS = 50  # of a trace, at most


def draw(step_traces: pd.DataFrame, step_trajectories: pd.DataFrame) -> Figure:
    """One row for each environment: traces, then a panel for each weighting."""
    environments = worth_showing(step_trajectories, list(COLUMNS))
    figure, axes = plt.subplots(
        len(environments),
        3,
        figsize=(WIDTH, 0.4 + 2.7 * len(environments)),
        squeeze=False,
        layout="constrained",
    )
    for (traces, *panels), environment in zip(axes, environments, strict=True):
        _traces(traces, step_traces[step_traces["environment"] == environment])
        table = step_trajectories[step_trajectories["environment"] == environment]
        traces.set_title(f"{readable(environment)}, {STAGES[table['policy'].iloc[0]]}")
        changes_by_return(panels, table, COLUMNS)
        panels[1].tick_params(labelleft=False)
    mark_legend(figure)
    return figure


def headline(step_traces: pd.DataFrame, step_trajectories: pd.DataFrame) -> str:
    """Whether the weighted step tells good from bad, in every environment that is shown."""
    table = step_trajectories[step_trajectories["weighting"] == "return_minus_mean"]
    shown = table[table["environment"].isin(worth_showing(step_trajectories, list(COLUMNS)))]
    means = shown.pivot_table(index="environment", columns="mark", values="change").reindex(columns=MARKS)
    if ((means["good"] > 0) & (means["bad"] < 0)).all():
        return "Weighted by return minus mean, good trajectories rise and bad ones fall, on average"
    if (means["good"] > means["bad"]).all():
        return "Weighted by return minus mean, good trajectories gain on bad ones, on average"
    return ""


def _traces(ax: Axes, table: pd.DataFrame) -> None:
    """Each trajectory as a line that ends with a marker where the episode ends."""
    every = -(-int(table["step"].max() + 1) // POINTS)
    for _, trace in table.groupby("trajectory", sort=False):
        colour, marker, _ = MARKS[trace["mark"].iloc[0]]
        thinned = pd.concat([trace[:-1:every], trace[-1:]])
        ax.plot(thinned["step"], thinned["value"], color=colour, lw=0.7, alpha=0.7)
        ax.plot(thinned["step"].iloc[-1], thinned["value"].iloc[-1], marker, color=colour, ms=4, mew=0)
    ax.set(xlabel="time step t", ylabel=table["quantity"].iloc[0])
