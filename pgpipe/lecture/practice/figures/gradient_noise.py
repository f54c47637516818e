"""P15 Gradient noise of the policy gradient and of supervised learning

Three panels for each environment. The signal-to-noise ratio and the cosine between independent batches of
the supervised gradient lie above those of the policy gradient at every stage; the third panel shows the
width of the range of good learning rates of both, by optimiser.

The same network, start, optimiser and batch: the policy gradient, and supervised learning that predicts the
actions of the trained policy from its states. Left and middle: a batch's gradient where each has come
equally far from the return of an untrained policy (0) to that of the trained one (1); means over the
training seeds that got there, with 95 % intervals by Student's t. The signal-to-noise ratio is ‖E ĝ‖² / tr
Cov ĝ, the cosine that of two independent batches of one seed. Right: the width, in decades, of the range of
learning rates that end with a score past the same bar, with its 95 % bootstrap interval over seeds; an arrow
says that the grid ended first, so that the width is at least that.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.looks import LEARNERS, OPTIMISERS, look_legend, wide_log_axis
from pgpipe.lecture.common.style import WIDTH, readable
from pgpipe.statistics import mean_interval


def draw(gradient_noise: pd.DataFrame, learning_rate_ranges: pd.DataFrame) -> Figure:
    """A row of three panels for each environment."""
    environments = gradient_noise["environment"].unique()
    figure, axes = plt.subplots(
        len(environments),
        3,
        figsize=(WIDTH, 0.5 + 2.6 * len(environments)),
        squeeze=False,
        layout="constrained",
    )
    for (ratio, cosine, width), environment in zip(axes, environments, strict=True):
        noise = gradient_noise[gradient_noise["environment"] == environment]
        _by_stage(ratio, noise, "snr")
        _by_stage(cosine, noise, "cosine")
        wide_log_axis(ratio, vertical=True)
        ratio.set(
            title=f"{readable(environment)} ({noise['seed'].nunique()} seeds)", ylabel="signal-to-noise ratio"
        )
        cosine.set(
            title="independent batches",
            ylabel="cosine between two",
            ylim=(min(0.0, *cosine.get_ylim()), 1.03),
        )
        _widths(width, learning_rate_ranges[learning_rate_ranges["environment"] == environment])
    for ax in axes[-1, :2]:
        ax.set_xlabel("share of the way")
    look_legend(figure, LEARNERS, gradient_noise["learner"])
    return figure


def _by_stage(ax: Axes, noise: pd.DataFrame, measure: str) -> None:
    for learner, look in LEARNERS.items():
        rows = [
            (stage, *mean_interval(group[measure].to_numpy(float)).named("mean", "low", "high").values())
            for stage, group in noise[noise["learner"] == learner].groupby("stage")
            if len(group) > 1
        ]
        stage, mean, low, high = np.array(rows).reshape(-1, 4).T
        ax.set_xticks(sorted(noise["stage"].unique()))
        ax.errorbar(
            stage,
            mean,
            [mean - low, high - mean],
            color=look.colour,
            marker=look.marker,
            ls=look.line,
            ms=4.5,
            lw=1.3,
        )


def _widths(ax: Axes, ranges: pd.DataFrame) -> None:
    """Two bars for each optimiser; a row of its own, so that they can be compared."""
    ax.set(title="good learning rates", xlabel="width (decades)")
    names = [name for name in OPTIMISERS if name in set(ranges["optimizer"])]
    for row in ranges.itertuples():
        look = LEARNERS[row.learner]
        y = names.index(row.optimizer) + (-0.14 if row.learner == "policy_gradient" else 0.14)
        ax.plot([row.width_low, row.width_high], [y, y], color=look.colour, lw=1.4)
        ax.plot(row.width, y, look.marker, color=look.colour, ms=5)
        if row.low_censored or row.high_censored:
            ax.plot(row.width_high + 0.15, y, ">", color=look.colour, ms=5)
    labels = {"momentum": "momentum"}
    ax.set_yticks(range(len(names)), [labels.get(name, OPTIMISERS[name].label) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(left=min(0.0, ax.get_xlim()[0]))
    ax.grid(visible=False, axis="y")
