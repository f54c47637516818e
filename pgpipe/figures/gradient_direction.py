"""P5 Cosine to the true gradient by batch size

A grid of panels, a row for each stage of training and a column for each environment: the cosine between the
estimated and the true gradient rises with the number of trajectories in the batch, for every estimator.

Mean cosine between the estimate of one batch and ∇J, by trajectories in the batch; bars are 95 % bootstrap
intervals over the batches. One is the true direction, zero says nothing about it. Where a panel says so, the
reference itself cannot be told from zero: a policy that has nothing left to learn has no direction to find.
"""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from pgpipe.figures.style import STAGES, WIDTH, estimator_legend, markers, palette, readable, stages


def draw(
    gradient_quality: pd.DataFrame, gradient_reference: pd.DataFrame, estimators: pd.DataFrame
) -> Figure:
    """Environments side by side, stages one below the other."""
    environments = gradient_quality["environment"].unique()
    order = stages(gradient_quality)
    reference = gradient_reference.set_index(["environment", "policy"])
    lost = reference["gradient_rms_error"] > reference["gradient_norm"] / 3
    figure, axes = plt.subplots(
        len(order), len(environments), figsize=(WIDTH, 1.1 + 1.6 * len(order)),
        sharex="col", sharey=True, squeeze=False, layout="constrained",
    )  # fmt: skip
    for row, stage in zip(axes, order, strict=True):
        for ax, environment in zip(row, environments, strict=True):
            here = (gradient_quality["environment"] == environment) & (gradient_quality["policy"] == stage)
            if not here.any():  # no recipe trains this environment's policy
                ax.set_axis_off()
                continue
            _panel(ax, gradient_quality[here], estimators)
            if lost[environment, stage]:
                where: dict[str, Any] = {"transform": ax.transAxes, "ha": "center", "color": "0.35"}
                ax.text(0.5, 0.6, "∇J cannot be told from 0", **where)
        row[0].set_ylabel(f"{STAGES[stage]}\ncosine to ∇J")
    for ax, environment in zip(axes[0], environments, strict=True):
        ax.set_title(readable(environment))
    replicates = gradient_quality["replicates"].max()
    for ax in axes[-1]:
        ax.set_xlabel(f"trajectories in the batch\n({replicates} batches of each size)")
    axes[0, 0].set_ylim(None, 1.05)
    estimator_legend(figure, estimators, list(gradient_quality["estimator"].unique()))
    return figure


def _panel(ax: Axes, quality: pd.DataFrame, estimators: pd.DataFrame) -> None:
    """One line for each estimator over the batch sizes."""
    colours, shapes = palette(estimators), markers(estimators)
    for name, table in quality.groupby("estimator", sort=False):
        bars = [table["cosine"] - table["cosine_low"], table["cosine_high"] - table["cosine"]]
        look: dict[str, Any] = {
            "fmt": f"{shapes[str(name)]}-",
            "ms": 4,
            "lw": 1.2,
            "color": colours[str(name)],
        }
        ax.errorbar(table["batch_size"], table["cosine"], bars, **look)
    sizes = sorted(quality["batch_size"].unique())
    ax.set_xscale("log")
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.axhline(0, color="0.5", lw=0.8)
