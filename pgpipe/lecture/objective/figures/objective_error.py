"""P1 The error of the sampled objective by the number of trajectories

A panel for each environment, with logarithmic axes: at every stage of training the error of the sampled
objective falls as the number of trajectories grows, beside a line of slope minus one half.

Root-mean-square error of Ĵ = (1/N) Σ r(τ_i) against the exact J, with 95 % intervals. Lines have slope −1/2:
four times the trajectories, half the error.

The error is measured over independent batches of each size; intervals are by bootstrap over batches. Each
line passes through the middle of its stage's points. Stages stand a little apart along N, so that none hides
another.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.by_size import lines_of_slope_half, name_stages, sizes_axis, stage_points
from pgpipe.lecture.common.convergence import falls_as, pooled_slope
from pgpipe.lecture.common.style import WIDTH, plain_log_axis, readable


def draw(objective_error: pd.DataFrame) -> Figure:
    """One panel for each environment, one series for each stage."""
    panels = dict(list(objective_error.groupby("environment", sort=False)))
    figure, axes = plt.subplots(
        1, len(panels), figsize=(WIDTH, 3.2), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, (environment, table) in zip(axes[0], panels.items(), strict=True):
        sizes_axis(ax, table["n_trajectories"])
        if (table["rmse"] > 0).any():
            plain_log_axis(ax)
        lines_of_slope_half(ax, table, "rmse")
        stage_points(ax, table, "rmse")
        ax.set(title=readable(environment), xlabel="trajectories N in the mean")
    first = axes[0, 0]
    first.set_ylim(first.get_ylim())  # final, so that names know where series end
    for ax, table in zip(axes[0], panels.values(), strict=True):
        name_stages(ax, table, "rmse")
    first.set_ylabel("error of Ĵ (return)")
    first.text(0.04, 0.05, "lines: slope −1/2", transform=first.transAxes, fontsize=8.5, color="0.35")
    return figure


def headline(objective_error: pd.DataFrame) -> str:
    """How the error falls, if all series together tell it."""
    return falls_as(_with_error(objective_error), "of Ĵ")


def findings(objective_error: pd.DataFrame) -> str:
    """The slope, and how many batches it is from."""
    slope = pooled_slope(_with_error(objective_error))
    replicates = objective_error["replicates"].max()
    fitted = f" The slope of all together is {slope:.2f}." if slope.is_known else ""
    return f"Each point is from {replicates} batches.{fitted}"


def _with_error(errors: pd.DataFrame) -> pd.DataFrame:
    """Returns that never differ have no error to fall."""
    return errors[errors["rmse_low"] > 0]
