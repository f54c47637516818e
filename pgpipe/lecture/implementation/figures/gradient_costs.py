"""P12 What a gradient costs, sample by sample and by the pseudo-loss

A grid of panels: from left to right networks of more parameters, from above to below operations, bytes moved
and bytes held, each over the number of samples on logarithmic axes. In operations the pseudo-loss lies a
little below both naive forms, in bytes moved far below; the bytes that the rows hold rise far above the rest.

The same gradient in three forms: a backward pass for each sample, whose gradients are added up; the
gradients of all samples as rows of a matrix, which are then added up; and one backward pass through the
pseudo-loss. All is counted, so it is the same on every machine: floating-point operations; the bytes that
torch's operations read and write; and the bytes that are held at the same time at most. Filled points were
computed. Hollow points and thin lines were not, as they would pass a limit of the config: they lie on the
line through two smaller computations of the same form. The lecture's example has a million parameters, and
100 trajectories of 100 steps.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.looks import FORMS, look_legend, wide_log_axis
from pgpipe.lecture.common.style import WIDTH

MEASURES = {
    "operations": "operations",
    "bytes_moved": "bytes moved",
    "bytes_held": "bytes held",
}


def draw(gradient_costs: pd.DataFrame) -> Figure:
    """A column of panels for each number of parameters, a row for each measure."""
    sizes = sorted(gradient_costs["parameters"].unique())
    figure, axes = plt.subplots(
        len(MEASURES), len(sizes), figsize=(WIDTH, 6.2), sharex=True, sharey="row", squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for column, size in zip(axes.T, sizes, strict=True):
        table = gradient_costs[gradient_costs["parameters"] == size]
        column[0].set_title(f"{size:,} parameters")
        for ax, measure in zip(column, MEASURES, strict=True):
            for form in FORMS:
                _series(ax, table[table["way"] == form], form, measure)
            wide_log_axis(ax, vertical=True)
        column[-1].set_xlabel("samples (state-action pairs)")
        wide_log_axis(column[-1])
    for ax, words in zip(axes[:, 0], MEASURES.values(), strict=True):
        ax.set_ylabel(words)
    hollow = Line2D(
        [], [], color="0.4", marker="o", mfc="white", ls="-", lw=0.6, ms=4.5, label="extrapolated"
    )
    look_legend(figure, FORMS, gradient_costs["way"], hollow)
    return figure


def _series(ax: Axes, rows: pd.DataFrame, form: str, measure: str) -> None:
    """Thin through everything, thick and filled through what was computed."""
    look, rows = FORMS[form], rows.sort_values("samples")
    counted = rows[rows["kind"] == "counted"]
    ax.plot(
        rows["samples"], rows[measure], color=look.colour, lw=0.6, marker=look.marker, ms=4.5, mfc="white"
    )
    ax.plot(
        counted["samples"],
        counted[measure],
        color=look.colour,
        lw=1.6,
        ls=look.line,
        marker=look.marker,
        ms=4.5,
    )


def findings(gradient_costs: pd.DataFrame) -> str:
    """The largest case in words."""
    largest = gradient_costs[gradient_costs["parameters"] == gradient_costs["parameters"].max()]
    largest = largest[largest["samples"] == largest["samples"].max()].set_index("way")
    held = {form: largest.loc[form, "bytes_held"] / 1e9 for form in FORMS}
    return (
        f"With {largest['parameters'].iloc[0]:,} parameters and {largest['samples'].iloc[0]:,} samples the "
        f"rows would hold {held['rows']:.3g} GB, the pseudo-loss {held['pseudo_loss']:.2g} GB; it is one "
        f"pass, where the loop makes {largest['samples'].iloc[0]:,}."
    )
