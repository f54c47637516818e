"""P17 One step in three parameterisations

Two panels over the KL that a step asks for, on logarithmic axes. On the left the difference between the
policies that two parameterisations step to: for natural steps it falls in proportion to the KL, for plain
steps it stays of the size of the step. On the right the KL of a natural step over the one asked for, which
comes to one as steps get small.

Steps by σ, log σ and σ² from several (k, σ) on the line, each with one batch, the same for all. Left: KL
between the two policies over ε, for every pair and point, natural (red) and plain steps of the same KL
(grey). Right: KL over ε of the plain length √(2ε/dᵀFd) along F⁻¹ĝ (filled), and of the step that goes back
until it is within ε (hollow).
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.looks import wide_log_axis
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH

MARKS = {"vanilla": "s", "natural": "o"}


def draw(step_differences: pd.DataFrame, step_sizes: pd.DataFrame) -> Figure:
    """Differences on the left, sizes on the right."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.1), layout="constrained")
    for (direction, *_), rows in step_differences.groupby(["direction", "point", "one", "other"]):
        look = {"color": DIRECTION_COLOURS[str(direction)], "marker": MARKS[str(direction)]}
        left.plot(rows["epsilon"], rows["ratio"], **look, ms=3, lw=0.8, alpha=0.8)
    wide_log_axis(left, vertical=True)
    colour = DIRECTION_COLOURS["natural"]
    natural = step_sizes[step_sizes["direction"] == "natural"]
    for _, rows in natural.groupby(["point", "parameterization"]):
        right.plot(rows["epsilon"], rows["ratio"], color=colour, marker="o", ms=3.5, lw=0.8, alpha=0.8)
        right.plot(rows["epsilon"], rows["taken"], color=colour, marker="o", mfc="white", ms=3.5, lw=0.8)
    right.axhline(1, color="0.4", lw=0.8)
    left.set(title="difference between parameterisations", ylabel="KL between the policies / ε")
    right.set(title="size of a natural step", ylabel="KL of the step / ε")
    for ax in (left, right):
        wide_log_axis(ax)
        ax.set_xlabel("KL asked for, ε (nats per step)")
    looks = (
        (DIRECTION_COLOURS["vanilla"], "s", DIRECTION_COLOURS["vanilla"], "plain steps"),
        (colour, "o", colour, "natural steps"),
        (colour, "o", "white", "natural, back to within ε"),
    )
    handles = [
        Line2D([], [], color=line, marker=mark, mfc=face, ms=4, label=words)
        for line, mark, face, words in looks
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure
