"""P26 How far steps along E30 improve on the old policy

A panel for each environment, the change of the objective over the distance from the old policy: a thick
line for steps along E30, a dashed one for steps against it, and thin ones for random directions.

$J(θ') - J(θ)$ at policies $θ'$ that repeated steps of equal KL lead to from the policy $θ$, whose data
all of them use. All numbers are exact. Left of the dotted line a distance is small in the sense of C15.

The steps go along the expectation of E30, which knows the values of $θ$ alone, against it, and along
random directions held fixed. What falls may fall a hundred times as far as E30 rises, and leaves the
picture.
"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.labels import SIZE, End, label_ends
from pgpipe.lecture.common.style import COLOURS, WIDTH, readable

# Colour, width, dashes and label of a path by the first word of its name.
LOOKS: Mapping[str, tuple[str, float, str, str]] = {
    "random": ("0.5", 0.9, "-", "random"),
    "against": (COLOURS[1], 1.8, "--", "against E30"),
    "E30": (COLOURS[0], 2.2, "-", "along E30"),
}
SMALL = 0.1


def draw(off_policy_paths: pd.DataFrame) -> Figure:
    """A panel for each environment, the last one with the names of the paths."""
    environments = list(off_policy_paths["environment"].unique())
    figure, axes = plt.subplots(
        1, max(1, len(environments)), figsize=(WIDTH, 3.0), squeeze=False, layout="constrained"
    )
    for ax, environment in zip(axes[0], environments, strict=False):
        rows = off_policy_paths[off_policy_paths["environment"] == environment]
        steps = rows[rows["step"] > 0].assign(change=rows["reached"] - rows["old"])
        _paths(ax, steps)
        ax.set_title(readable(environment))
        if environment == environments[-1]:
            _name(ax, steps)
    beside = axes[0, 0].get_xaxis_transform()
    axes[0, 0].text(0.9 * SMALL, 0.94, "small", transform=beside, ha="right", va="center", fontsize=SIZE)
    for ax in axes[0]:
        ax.set_xlabel("KL from θ (nats)")
    axes[0, 0].set_ylabel("J(θ′) − J(θ)")
    return figure


def headline(off_policy_paths: pd.DataFrame) -> str:
    """How far a policy along E30 is above the old one, everywhere."""
    along = off_policy_paths[(off_policy_paths["path"] == "E30") & (off_policy_paths["step"] > 0)]
    if along.empty:
        return ""
    below = along.loc[along["reached"] <= along["old"], "kl"]
    farthest = along.groupby("environment")["kl"].max().min()
    if below.empty:
        return f"Every step along E30 ends above the old policy, up to {farthest:.2g} nats"
    return f"Steps along E30 first end below the old policy at {below.min():.2g} nats"


def _paths(ax: Axes, steps: pd.DataFrame) -> None:
    """All paths, in a panel as deep as E30's rise is high."""
    along = steps.loc[steps["path"] == "E30", "change"]
    top = 1.15 * float(along.abs().max()) if len(along) else 1.0
    for kind, (colour, width, dashes, _) in LOOKS.items():
        for _, path in steps[steps["path"].str.startswith(kind)].groupby("path"):
            ax.plot(path["kl"], path["change"], color=colour, lw=width, ls=dashes)
    ax.set(ylim=limits(-top, top), xscale="log")
    ax.axhline(0, color="0.4", lw=0.9)
    ax.axvline(SMALL, color="0.4", lw=0.9, ls=":")


def _name(ax: Axes, steps: pd.DataFrame) -> None:
    """The name of one path of each kind: at its end, or beside it where it leaves the panel."""
    bottom, ends = ax.get_ylim()[0], []
    for kind, (colour, _, _, label) in LOOKS.items():
        paths = [path for _, path in steps[steps["path"].str.startswith(kind)].groupby("path")]
        paths.sort(key=lambda path: path["change"].iloc[-1])
        if not paths:
            continue
        path = paths[(len(paths) - 1) // 2]
        kl, change = path[["kl", "change"]].iloc[-1]
        if change > bottom:
            ends.append(End(kl, change, label, colour))
            continue
        inside = path.loc[path["change"] > 0.85 * bottom, "kl"]
        place = inside.max() if len(inside) else path["kl"].min()
        ax.text(0.65 * place, 0.88 * bottom, label, color=colour, fontsize=SIZE, ha="right", va="center")
    label_ends(ax, ends)
