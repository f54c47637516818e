"""P3 Variance and signal-to-noise by estimator

Two rows of panels, a column for each environment: above, the variance of every estimator relative to the
plain total return, below, its signal-to-noise ratio, for an untrained, a half-trained and a trained policy.

Above: total variance of the gradient estimate over that of the total return, on the same rollouts; below
one is better. Bars are 95 % intervals from a bootstrap that resamples the batches of both estimators
together. Below: signal-to-noise ratio ‖E ĝ‖²/tr Cov ĝ of one batch; no point where no signal can be told
from the noise. Both at the largest batch of the study.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.figures.style import (
    STAGES,
    WIDTH,
    estimator_legend,
    markers,
    palette,
    plain_log_axis,
    readable,
    stages,
)


def draw(gradient_quality: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """A column for each environment; variance ratio above, signal-to-noise below."""
    largest = gradient_quality[
        gradient_quality["batch_size"]
        == gradient_quality.groupby("environment")["batch_size"].transform("max")
    ]
    environments = largest["environment"].unique()
    figure, axes = plt.subplots(
        2,
        len(environments),
        figsize=(WIDTH, 4.6),
        sharex="col",
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for (above, below), environment in zip(axes.T, environments, strict=True):
        table = largest[largest["environment"] == environment]
        _series(above, table, estimators, "variance_ratio", interval=True)
        _series(below, table, estimators, "snr", interval=False)
        above.axhline(1, color="0.5", lw=0.8, zorder=1)
        above.set_title(readable(environment))
        for place, stage in enumerate(stages(table)):
            if (table.loc[table["policy"] == stage, "snr"] == 0).all():
                where = below.get_xaxis_transform()
                below.text(place, 0.04, "no signal\nfound", transform=where, ha="center", color="0.35")
    for row, value in zip(axes, ("variance_ratio", "snr"), strict=True):
        if (largest[value] > 0).any():
            plain_log_axis(row[0])
            low, high = row[0].get_ylim()
            row[0].set_ylim(max(low, 1e-6 * high), high)
    n, replicates = largest["batch_size"].max(), largest["replicates"].max()
    axes[0, 0].set_ylabel("variance / variance of\ntotal return")
    axes[1, 0].set_ylabel("signal-to-noise ratio")
    figure.supxlabel(f"policy (batches of {n} trajectories, {replicates} of them)", fontsize=9)
    estimator_legend(figure, estimators, list(largest["estimator"].unique()))
    return figure


def _series(ax: Axes, table: pd.DataFrame, estimators: pd.DataFrame, value: str, *, interval: bool) -> None:
    """One series of points for each estimator, side by side at every stage."""
    colours, shapes = palette(estimators), markers(estimators)
    names = list(table["estimator"].unique())
    order = stages(table)
    for i, name in enumerate(names):
        rows = table[table["estimator"] == name].set_index("policy").loc[order]
        x = [place + 0.6 * ((i + 0.5) / len(names) - 0.5) for place in range(len(order))]
        if interval:
            ax.vlines(x, rows[f"{value}_low"], rows[f"{value}_high"], color=colours[name], lw=1.6)
        ax.plot(x, rows[value], shapes[name], ms=5, color=colours[name])
    ax.set_xticks(range(len(order)), [STAGES[stage].replace("-", "-\n") for stage in order])
    ax.set_xlim(-0.5, len(order) - 0.5)
