"""P25 The sampled gradient closes in on the exact one, and steps along it go up

A column for each environment. Above, on logarithmic axes, the relative error of the sampled gradient falls
beside lines of slope minus one half as the number of trajectories grows. Below, the share of small steps
along it that raise the objective; where the error is many times as long as the gradient it is near one half.

Above: error of ĝ (E11), in lengths of the exact ∇J. Below: the share of batches whose small step along ĝ
raises the exact J. Bars are 95 % intervals.

The error is the root mean square over independent batches, its interval by bootstrap over batches; the thin
lines have slope −1/2 and pass through the middle of a stage's points. Each step has the same fixed length, in
the direction of ĝ; the interval of its share is exact binomial. Batches are those of one policy for each
stage. Stages stand a little apart along N, so that none hides another.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.by_size import (
    lines_of_slope_half,
    name_stages,
    sizes_axis,
    stage_lines,
    stage_points,
)
from pgpipe.lecture.common.convergence import falls_as, pooled_slope
from pgpipe.lecture.common.style import WIDTH, plain_log_axis, readable, stages

AS_LONG = {1.0: "as long as ∇J"}


def draw(gradient_convergence: pd.DataFrame) -> Figure:
    """One column for each environment: errors above, shares below."""
    panels = dict(list(_relative(gradient_convergence).groupby("environment", sort=False)))
    figure, axes = plt.subplots(
        2, len(panels), figsize=(WIDTH, 5.0), sharex="col", sharey="row", squeeze=False, layout="constrained"
    )
    for (errors, shares), (environment, table) in zip(axes.T, panels.items(), strict=True):
        sizes_axis(errors, table["n_trajectories"])
        plain_log_axis(errors)
        lines_of_slope_half(errors, table, "error")
        stage_points(errors, table, "error")
        stage_lines(shares, table, "raised")
        stage_points(shares, table, "raised")
        errors.set_title(readable(environment))
        shares.set_xlabel("trajectories N in the gradient")
        errors.axhline(1.0, color="0.4", lw=0.9, zorder=1)
        shares.axhline(0.5, color="0.4", lw=0.9, zorder=1)
    axes[0, 0].set_ylim(axes[0, 0].get_ylim())  # final, so that names know where series end
    for ax, table in zip(axes[0], panels.values(), strict=True):
        name_stages(ax, table, "error", AS_LONG)
    axes[0, 0].set_ylabel("error of ĝ (lengths of ∇J)")
    axes[1, 0].set_ylabel("share of steps that raise J")
    axes[1, -1].text(
        1.03, 0.5, "as many up\nas down", transform=axes[1, -1].get_yaxis_transform(), va="center",
        fontsize=8.5, color="0.35",
    )  # fmt: skip
    return figure


def headline(gradient_convergence: pd.DataFrame) -> str:
    """Whose gradient takes the most trajectories, or else how the error falls."""
    table = _relative(gradient_convergence)
    largest = table[
        table["n_trajectories"] == table.groupby("environment")["n_trajectories"].transform("max")
    ]
    by_stage = largest.pivot_table(index="environment", columns="policy", values=["error", "raised"])
    others = [stage for stage in stages(table) if stage != "trained"]
    if "trained" in stages(table) and others:
        error, raised = by_stage["error"], by_stage["raised"]
        longer = error["trained"] > error[others].max(axis=1)
        if longer.all() and (raised["trained"] <= raised[others].min(axis=1)).all():
            return "Trained policies take the most trajectories for a step upward"
    return falls_as(gradient_convergence, "of ĝ")


def findings(gradient_convergence: pd.DataFrame) -> str:
    """The slope."""
    slope = pooled_slope(gradient_convergence)
    return f"The error's slope, all series together, is {slope:.2f}." if slope.is_known else ""


def _relative(table: pd.DataFrame) -> pd.DataFrame:
    """With the error and its interval in lengths of ∇J."""
    ends = ("", "_low", "_high")
    return table.assign(**{f"error{end}": table[f"rmse{end}"] / table["gradient_norm"] for end in ends})
