"""F9 How the derivatives and the conditioning change as σ falls

Three panels over the action spread σ, on logarithmic axes, a line for each variance of the start: the ratio
of the two derivatives, which for a start at the goal rises as σ falls and else turns and falls with it; the
derivative by σ, which falls in proportion to σ on one line for all; and the eigenvalue ratios of two
matrices, which grow without end only for a start at the goal.

At the configured k, exactly, by the variance $m_0$ of the start. Left: |∂J/∂σ|/|∂J/∂k| grows like 1/σ while σ
is larger than the spread of the start, and falls like σ from there on. Middle: |∂J/∂σ| itself falls like σ
whatever the start is, so all lines lie on each other. Right: largest over smallest absolute eigenvalue of the
Hessian of J (solid) and of the Fisher matrix per step (broken).
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.looks import wide_log_axis
from pgpipe.lecture.common.style import COLOURS, MARKERS, WIDTH

LINES = {"hessian": "-", "fisher": (0, (3, 2))}


def draw(line_derivatives: pd.DataFrame, line_conditions: pd.DataFrame) -> Figure:
    """The ratio of derivatives, one of them, and the ratios of eigenvalues."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(WIDTH, 3.2), layout="constrained")
    starts = line_derivatives["start_std"].unique()
    for i, start in enumerate(starts):
        rows = line_derivatives[line_derivatives["start_std"] == start]
        style = {
            "color": COLOURS[i % len(COLOURS)],
            "marker": MARKERS[i % len(MARKERS)],
            "ms": 3.5,
            "lw": 1.2,
        }
        left.plot(rows["sigma"], rows["ratio"], **style)
        middle.plot(rows["sigma"], rows["by_sigma"], **style)
        bent = line_conditions[line_conditions["start_std"] == start]
        for matrix, line in LINES.items():
            own = bent[bent["matrix"] == matrix]
            right.plot(own["sigma"], own["ratio"], **style | {"ls": line, "marker": ""})
    left.axhline(1, color="0.4", lw=0.8)
    left.set(title="ratio of the derivatives", ylabel="|∂J/∂σ| / |∂J/∂k|")
    middle.set(title="derivative by σ", ylabel="|∂J/∂σ|")
    right.set(title="conditioning", ylabel="largest / smallest |eigenvalue|")
    for ax in (left, middle, right):
        wide_log_axis(ax)
        wide_log_axis(ax, vertical=True)
        ax.set_xlabel("action spread σ")
    handles = [
        Line2D(
            [], [], color=COLOURS[i % len(COLOURS)], marker=MARKERS[i % len(MARKERS)], ms=3.5,
            label=f"$m_0 = {start**2:.1g}$",
        )
        for i, start in enumerate(starts)
    ]  # fmt: skip
    handles += [
        Line2D([], [], color="0.3", ls=line, label=words)
        for words, line in (("Hessian", LINES["hessian"]), ("Fisher matrix", LINES["fisher"]))
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    return figure
