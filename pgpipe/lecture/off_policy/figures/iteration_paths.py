"""P26 How far steps along E30 improve on the old policy

A panel for each environment, the change of the objective over the distance from the old policy. Along E30 it
rises at every distance shown; against E30 it falls from the first step; along random directions it rises on
some paths and falls on others.

J(θ_k) - J(θ) at policies θ_k that repeated steps of equal KL lead to, from the policy θ whose data all of
them use. All numbers are exact: along the expectation of E30, which knows the values of θ alone, against it,
and along random directions held fixed. The dotted line is the distance up to which C15 calls a step small.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import COLOURS, WIDTH, readable

# Colour, width and label of a path by the first word of its name.
LOOKS = {
    "random": ("0.6", 0.8, "in random directions"),
    "against": (COLOURS[1], 1.6, "against E30"),
    "E30": (COLOURS[0], 1.8, "along E30"),
}
SMALL = 0.1


def draw(off_policy_paths: pd.DataFrame) -> Figure:
    """A panel for each environment."""
    environments = list(off_policy_paths["environment"].unique())
    figure, axes = plt.subplots(
        1, max(1, len(environments)), figsize=(WIDTH, 3.0), squeeze=False, layout="constrained"
    )
    for ax, environment in zip(axes[0], environments, strict=False):
        _paths(ax, off_policy_paths[off_policy_paths["environment"] == environment])
        ax.set_title(readable(environment))
    for ax in axes[0]:
        ax.set_xlabel("KL from the old policy (nats)")
    axes[0, 0].set_ylabel("J less that of the old policy")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside upper center", ncols=len(handles))
    return figure


def _paths(ax: Axes, rows: pd.DataFrame) -> None:
    steps = rows[rows["step"] > 0]
    for kind, (colour, width, label) in LOOKS.items():
        own = steps[steps["path"].str.startswith(kind)]
        for i, (_, path) in enumerate(own.groupby("path")):
            change = path["reached"] - path["old"]
            ax.plot(path["kl"], change, color=colour, lw=width, label=None if i else label)
    along = steps[steps["path"] == "E30"]
    if len(along):
        top = float((along["reached"] - along["old"]).abs().max())
        ax.set_ylim(-1.5 * top, 1.5 * top)  # what falls may fall a hundred times as far
    ax.axhline(0, color="0.5", lw=0.8)
    ax.axvline(SMALL, color="0.5", lw=0.8, ls=":")
    ax.set_xscale("log")
