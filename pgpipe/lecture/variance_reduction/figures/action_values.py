"""P27 The reward to go estimates Q

A panel for each stage of training. Each dot is a state and an action: across, its exact Q; up, the mean
reward to go over all visits, with its interval. The dots lie on the diagonal. Grey lines, from the tenth to
the ninetieth percentile of single rewards to go, are far longer.

Each dot is a state and an action. Bars, mostly shorter than the dots, are 95 % intervals of the mean of Q̂;
grey lines hold 80 % of single Q̂.

The exact Q is by dynamic programming. It depends on how many steps are left, so a dot has the mean over the
visits. Visits of one trajectory share its rewards; intervals are from the trajectories' sums.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import STAGE_COLOURS, STAGES, WIDTH, readable, stages

COLOURS = dict(zip(STAGES, STAGE_COLOURS, strict=True))
NORMAL = 1.96  # standard errors of a 95 % interval


def draw(action_values: pd.DataFrame) -> Figure:
    """A row for each environment, a panel for each stage."""
    places, shown = list(action_values["environment"].unique()), stages(action_values)
    figure, axes = plt.subplots(
        max(1, len(places)), max(1, len(shown)), figsize=(WIDTH, 2.7 * max(1, len(places))), sharex="row",
        sharey="row", squeeze=False, layout="constrained",
    )  # fmt: skip
    for line, place in zip(axes, places, strict=False):
        for ax, stage in zip(line, shown, strict=True):
            own = (action_values["environment"] == place) & (action_values["policy"] == stage)
            rows = action_values[own]
            ax.axline((0, 0), slope=1, color="0.4", lw=0.9, zorder=1)
            ax.vlines(rows["exact"], rows["q10"], rows["q90"], color="0.8", lw=0.8, zorder=1)
            ax.errorbar(
                rows["exact"], rows["mean"], NORMAL * rows["standard_error"], fmt="o", ms=3.5, lw=1,
                color=COLOURS[stage],
            )  # fmt: skip
            ax.set(title=f"{readable(place)}, {STAGES[stage]}", xlabel="exact Q(s, a)")
        line[0].set_ylabel("reward to go Q̂")
    return figure


def headline(action_values: pd.DataFrame) -> str:
    """How far a single reward to go is from its mean, beside how far the mean is from Q."""
    known = action_values.dropna(subset=["mean", "exact"])
    off = (known["mean"] - known["exact"]).abs().median()
    single = (known["q90"] - known["q10"]).median() / 2
    if known.empty or not 10 * off < single:
        return ""
    return "Single rewards to go scatter widely; their means lie on the exact Q"


def findings(action_values: pd.DataFrame) -> str:
    """How many intervals hold Q."""
    off = (action_values["mean"] - action_values["exact"]).abs()
    inside = off <= NORMAL * action_values["standard_error"] + 1e-9
    if action_values.empty:
        return ""
    return f"{inside.sum()} of {len(inside)} intervals hold Q."
