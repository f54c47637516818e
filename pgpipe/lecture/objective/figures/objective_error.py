"""P1 The sampled objective closes in on the exact one

On logarithmic axes the error of the sampled objective falls along a straight line of slope minus one half as
the number of trajectories grows, in every environment and at every stage of training.

Root-mean-square error of Ĵ = (1/N) Σ r(τ_i) against the exact J, by the number of trajectories N. Points are
measured over independent batches, bars are 95 % bootstrap intervals over batches; the grey line has slope
-1/2 and passes through the leftmost points' mean.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import (
    MARKERS,
    STAGE_COLOURS,
    STAGES,
    WIDTH,
    line_of_slope_half,
    plain_log_axis,
    readable,
    stages,
)


def draw(objective_error: pd.DataFrame) -> Figure:
    """One panel for each environment, one series for each stage."""
    environments = objective_error["environment"].unique()
    figure, axes = plt.subplots(
        1, len(environments), figsize=(WIDTH, 3.2), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, environment in zip(axes[0], environments, strict=True):
        table = objective_error[objective_error["environment"] == environment]
        line_of_slope_half(ax, table, table["rmse"])
        for i, stage in enumerate(stages(table)):
            rows = table[table["policy"] == stage]
            bars = [rows["rmse"] - rows["rmse_low"], rows["rmse_high"] - rows["rmse"]]
            ax.errorbar(
                rows["n_trajectories"], rows["rmse"], bars,
                fmt=MARKERS[i], ms=4, lw=1.2, color=STAGE_COLOURS[i], label=STAGES[stage],
            )  # fmt: skip
        replicates = table["replicates"].iloc[0]
        ax.set(xscale="log", title=readable(environment))
        plain_log_axis(ax)
        ax.set_xlabel(f"trajectories N in the mean ({replicates} batches each)")
    axes[0, 0].set_ylabel("root-mean-square error of Ĵ (return)")
    figure.legend(*axes[0, -1].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure
