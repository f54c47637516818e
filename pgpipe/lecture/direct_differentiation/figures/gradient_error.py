"""P25 The sampled gradient closes in on the exact one, and steps along it go up

In the upper row, on logarithmic axes, the relative error of the sampled gradient falls along a straight line
of slope minus one half as the number of trajectories grows; in the lower row the share of small steps along
it that raise the objective grows from about one half toward one, later for the trained policies.

Above: root-mean-square error of ĝ from N trajectories, E11, over the length of the exact ∇J. Bars are 95 %
bootstrap intervals over batches; the grey line has slope -1/2 and passes through the leftmost points' mean.
Below: the share of batches after which a small step of fixed length along ĝ raises the exact J, with exact
binomial 95 % intervals. Where the error is several times as long as ∇J, a step goes up hardly more often
than down. Batches are those of one policy for each stage.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
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


def draw(gradient_convergence: pd.DataFrame) -> Figure:
    """One column for each environment: errors above, shares below."""
    environments = gradient_convergence["environment"].unique()
    figure, axes = plt.subplots(
        2, len(environments), figsize=(WIDTH, 5.2), sharex="col", sharey="row", squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for (errors, shares), environment in zip(axes.T, environments, strict=True):
        table = gradient_convergence[gradient_convergence["environment"] == environment]
        line_of_slope_half(errors, table, table["rmse"] / table["gradient_norm"])
        shares.axhline(0.5, color="0.6", lw=1, zorder=1)
        for i, stage in enumerate(stages(table)):
            rows = table[table["policy"] == stage]
            _series(errors, rows, "rmse", rows["gradient_norm"], i, STAGES[stage])
            _series(shares, rows, "raised", 1.0, i, STAGES[stage])
        errors.set(xscale="log", yscale="log", title=readable(environment))
        plain_log_axis(errors)
        shares.set_xlabel("trajectories N in the gradient")
    axes[0, 0].set_ylabel("error of ĝ (lengths of ∇J)")
    axes[1, 0].set(ylabel="share of steps that raise J", ylim=(0.25, 1.05))
    figure.legend(*axes[0, -1].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def _series(
    ax: Axes, rows: pd.DataFrame, name: str, unit: "pd.Series[float] | float", i: int, label: str
) -> None:
    """A stage's values with their intervals, in a unit."""
    values, low, high = (rows[f"{name}{end}"] / unit for end in ("", "_low", "_high"))
    ax.errorbar(
        rows["n_trajectories"], values, [values - low, high - values],
        fmt=f"{MARKERS[i]}-", ms=4, lw=1.0, color=STAGE_COLOURS[i], label=label,
    )  # fmt: skip
