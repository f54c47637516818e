"""P15 How much wider supervised learning's range of good learning rates is

A panel for each environment, over the bar of what is good: by how many decades the range of supervised
learning is wider than that of the policy gradient. A thick line is the mean over the optimisers, thin
ones are single optimisers; above zero supervised learning tolerates more.

Width of the range of good learning rates, supervised less policy gradient, in decades, over the bar of
what is good: the mean over the optimisers with its 95 % bootstrap interval over seeds, and each by
itself. Hollow: a grid ended before a range.

The same network, start, batch and updates. A learning rate is good where the score after training passes
the bar; the range is the widest contiguous one, interpolated. Where the grid ends before the supervised
range, the difference may be greater; where it ends before that of the policy gradient, less.
"""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.looks import OPTIMISERS, Look
from pgpipe.lecture.common.style import WIDTH, readable

MEAN = Look("#1A1A1A", "D", "-", "mean")
LOOKS = {**OPTIMISERS, "all": MEAN}


def draw(learning_rate_contrasts: pd.DataFrame) -> Figure:
    """A panel for each environment."""
    rows = _supervised(learning_rate_contrasts)
    environments = list(learning_rate_contrasts["environment"].unique())
    figure, axes = plt.subplots(
        1, len(environments), figsize=(WIDTH, 3.1), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, environment in zip(axes[0], environments, strict=True):
        _widths(ax, rows[rows["environment"] == environment])
        ax.set(title=readable(environment), xlabel="bar (share of the best score)")
        ax.set_xticks(sorted(learning_rate_contrasts["good"].unique()))
        ax.axhline(0, color="0.4", lw=0.9)
    axes[0, 0].set_ylabel("wider by (decades)")
    for ax, environment in zip(axes[0], environments, strict=True):
        _name(ax, rows[rows["environment"] == environment])
    return figure


def headline(learning_rate_contrasts: pd.DataFrame) -> str:
    """In how many cases the supervised range is clearly the wider one."""
    rows = _supervised(learning_rate_contrasts)
    mean = rows[rows["optimizer"] == "all"]
    if mean.empty:
        return ""
    above = (mean["low"] > 0) & ~mean["other_censored"]
    if above.all():
        least, most = mean["difference"].min(), mean["difference"].max()
        return f"Supervised learning's range of learning rates is {least:.1f} to {most:.1f} decades wider"
    return f"Supervised learning's range is clearly the wider one in {above.sum()} of {len(above)} cases"


def _supervised(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Supervised learning less the policy gradient with the same optimiser."""
    return contrasts[contrasts["learner"] == "supervised"].sort_values("good")


def _widths(ax: Axes, rows: pd.DataFrame) -> None:
    for name, look in OPTIMISERS.items():
        own = rows[rows["optimizer"] == name]
        ax.plot(own["good"], own["difference"], color=look.colour, ls=look.line, lw=1.0)
    mean = rows[rows["optimizer"] == "all"]
    bars = [mean["difference"] - mean["low"], mean["high"] - mean["difference"]]
    marks: dict[str, Any] = {"color": MEAN.colour, "marker": MEAN.marker, "ms": 4.5}
    ax.errorbar(mean["good"], mean["difference"], bars, lw=2, elinewidth=1.2, **marks)
    cut = mean[mean["censored"] | mean["other_censored"]]
    ax.plot(cut["good"], cut["difference"], ls="None", mfc="white", zorder=5, **marks)


def _name(ax: Axes, rows: pd.DataFrame) -> None:
    """Each line at its end."""
    ends = []
    for name, look in LOOKS.items():
        last = rows[rows["optimizer"] == name].tail(1)
        if len(last):
            text = "momentum" if name == "momentum" else look.label
            ends.append(End.of(last, "good", "difference", text, look.colour))
    label_ends(ax, ends)
