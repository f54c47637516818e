"""P15 Gradient noise of the policy gradient and of supervised learning

A panel for each environment: the cosine between the gradients of two independent batches over the stage
of training, a named line for supervised learning and one for the policy gradient.

The cosine between the gradients of two independent batches of the same network, start, optimiser and
size, where both kinds of learning have come equally far. Means over the training seeds that got there,
with 95 % intervals by Student's t.

Supervised learning predicts the actions of the trained policy from its states. A stage is a share of the
way from the return of an untrained policy (0) to that of the trained one (1), in return and not in
updates, as at an optimum there is no signal left in either gradient. The signal-to-noise ratio is $‖E
ĝ‖^2 / \\mathrm{tr}\\, \\mathrm{Cov}\\, ĝ$.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.labels import End, label_ends, two_figures
from pgpipe.lecture.common.looks import LEARNERS
from pgpipe.lecture.common.style import WIDTH, readable
from pgpipe.lecture.common.words import counted
from pgpipe.statistics import mean_interval


def draw(gradient_noise: pd.DataFrame) -> Figure:
    """A panel for each environment, the last one with the names of the learners."""
    environments = list(gradient_noise["environment"].unique())
    figure, axes = plt.subplots(
        1, len(environments), figsize=(WIDTH, 3.1), sharey=True, squeeze=False, layout="constrained"
    )
    means = _means(gradient_noise)
    low = means["low"].min()
    for ax, environment in zip(axes[0], environments, strict=True):
        rows = means[means["environment"] == environment]
        _by_stage(ax, rows)
        seeds = gradient_noise.loc[gradient_noise["environment"] == environment, "seed"].nunique()
        ax.set(
            title=f"{readable(environment)} ({counted(seeds, 'seed')})", xlabel="share of the way in return"
        )
        ax.set_xticks(sorted(gradient_noise["stage"].unique()))
        ax.set_ylim(0 if not low < 0 else 1.1 * low, 1.04)
    axes[0, 0].set_ylabel("cosine between two batches")
    _name(axes[0, -1], means[means["environment"] == environments[-1]])
    return figure


def headline(gradient_noise: pd.DataFrame) -> str:
    """At how many stages the supervised gradient is clearly the less noisy one."""
    means = _means(gradient_noise)
    sides = [means[means["learner"] == learner] for learner in ("supervised", "policy_gradient")]
    both = sides[0].merge(sides[1], on=["environment", "stage"], suffixes=("", "_other"))
    if both.empty:
        return ""
    above = both["low"] > both["high_other"]
    if above.all():
        return "At every stage two supervised batches agree better than two of the policy gradient"
    return f"Two supervised batches clearly agree better at {above.sum()} of {len(above)} stages"


def findings(gradient_noise: pd.DataFrame) -> str:
    """The signal-to-noise ratios, from the least to the greatest of the stages."""
    ratios = gradient_noise.groupby(["environment", "learner", "stage"], sort=False)["snr"].median()
    words = []
    for learner, look in LEARNERS.items():
        own = ratios[ratios.index.get_level_values("learner") == learner].dropna()
        if len(own):
            words.append(f"{look.label} {two_figures(own.min())} to {two_figures(own.max())}")
    return f"Signal-to-noise ratios, medians over the seeds: {', '.join(words)}." if words else ""


def _means(noise: pd.DataFrame) -> pd.DataFrame:
    """The mean cosine with its interval by environment, learner and stage, of two seeds or more."""
    rows = [
        (*place, *mean_interval(group["cosine"].to_numpy(float)).named("mean", "low", "high").values())
        for place, group in noise.groupby(["environment", "learner", "stage"], sort=False)
        if len(group) > 1
    ]
    return pd.DataFrame(rows, columns=["environment", "learner", "stage", "mean", "low", "high"])


def _by_stage(ax: Axes, rows: pd.DataFrame) -> None:
    for learner, look in LEARNERS.items():
        own = rows[rows["learner"] == learner].sort_values("stage")
        bars = np.array([own["mean"] - own["low"], own["high"] - own["mean"]])
        ax.errorbar(
            own["stage"], own["mean"], bars, color=look.colour, marker=look.marker, ls=look.line, ms=5,
            lw=1.8, elinewidth=1.2,
        )  # fmt: skip


def _name(ax: Axes, rows: pd.DataFrame) -> None:
    last = {learner: rows[rows["learner"] == learner].sort_values("stage").tail(1) for learner in LEARNERS}
    label_ends(
        ax,
        [
            End.of(row, "stage", "mean", LEARNERS[learner].label, LEARNERS[learner].colour)
            for learner, row in last.items()
            if len(row)
        ],
    )
