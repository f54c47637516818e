"""P15 Gradient noise of the policy gradient and of supervised learning

Three panels for each environment. The signal-to-noise ratio and the cosine between independent batches of
the supervised gradient lie above those of the policy gradient at every stage; the third panel shows how much
wider its range of good learning rates is, by optimiser and on average, over the bar of what is good.

The same network, start, optimiser and batch: the policy gradient, and supervised learning that predicts the
actions of the trained policy from its states. Left and middle: a batch's gradient where each has come
equally far from the return of an untrained policy (0) to that of the trained one (1); means over the
training seeds that got there, with 95 % intervals by Student's t. The signal-to-noise ratio is ‖E ĝ‖² / tr
Cov ĝ, the cosine that of two independent batches of one seed. Right: the width, in decades, of the range of
learning rates that end with a score past a bar, supervised less policy gradient, over the bar: the mean of
the optimisers with its 95 % bootstrap interval over seeds, and each by itself. Above the line at 0 supervised
learning tolerates more.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.looks import LEARNERS, OPTIMISERS, look_legend, wide_log_axis
from pgpipe.lecture.common.style import WIDTH, readable
from pgpipe.statistics import mean_interval


def draw(gradient_noise: pd.DataFrame, learning_rate_contrasts: pd.DataFrame) -> Figure:
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
        _widths(width, learning_rate_contrasts[learning_rate_contrasts["environment"] == environment])
    for ax in axes[-1, :2]:
        ax.set_xlabel("share of the way")
    axes[-1, -1].set_xlabel("bar (share of the best score)")
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


def _widths(ax: Axes, contrasts: pd.DataFrame) -> None:
    """Supervised less policy gradient: the mean over the optimisers with its interval, and each."""
    of = contrasts[contrasts["learner"] == "supervised"].sort_values("good")
    for name, look in OPTIMISERS.items():
        rows = of[of["optimizer"] == name]
        if len(rows):
            label = "momentum" if name == "momentum" else look.label
            ax.plot(rows["good"], rows["difference"], color=look.colour, ls=look.line, lw=1.0, label=label)
    mean = of[of["optimizer"] == "all"]
    bars = [mean["difference"] - mean["low"], mean["high"] - mean["difference"]]
    ax.errorbar(
        mean["good"], mean["difference"], bars, color="#1A1A1A", marker="D", ms=4, lw=1.6, label="mean"
    )
    ax.axhline(0, color="0.4", lw=0.8)
    ax.set(title="good learning rates", ylabel="wider by (decades)")
    ax.set_xticks(sorted(of["good"].unique()))
    ax.margins(y=0.4)
    ax.legend(loc="upper center", fontsize=6.5, ncols=2)
