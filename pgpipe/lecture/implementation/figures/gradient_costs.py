"""P12 What a gradient costs, sample by sample and by the pseudo-loss

Three rows of panels for operations, bytes moved and bytes held, on logarithmic axes: on the left over the
number of samples with the largest network, on the right over parameters with the most samples. Each of
the three forms is a line that ends in its name and its amount in the largest case.

*Loop*: a backward pass for each sample. *Rows*: the gradients of all samples side by side, then added up.
*Pseudo-loss*: one pass. All is counted, so it is the same on every machine; hollow points are
extrapolated.

Counted are floating-point operations, the bytes that torch's operations read and write, and the bytes
that are held at the same time at most. Hollow points would pass a limit of the config; they lie on the
line through two smaller computations of the same form. The lecture's example has a million parameters,
and 100 trajectories of 100 steps.
"""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.labels import End, label_ends, two_figures
from pgpipe.lecture.common.looks import FORMS, wide_log_axis
from pgpipe.lecture.common.style import WIDTH

MEASURES = {"operations": "operations", "bytes_moved": "bytes moved", "bytes_held": "bytes held"}
NAMES = {"loop": "loop", "rows": "rows", "pseudo_loss": "pseudo-loss"}
UNITS = {1e12: "T", 1e9: "G", 1e6: "M", 1e3: "k"}


def draw(gradient_costs: pd.DataFrame) -> Figure:
    """A row for each measure: by samples at the largest network, by parameters at the most samples."""
    figure, axes = plt.subplots(
        len(MEASURES), 2, figsize=(WIDTH, 5.6), sharey="row", sharex="col", layout="constrained"
    )
    largest, most = gradient_costs["parameters"].max(), gradient_costs["samples"].max()
    by_samples = gradient_costs[gradient_costs["parameters"] == largest]
    by_parameters = gradient_costs[gradient_costs["samples"] == most]
    for (left, right), (measure, words) in zip(axes, MEASURES.items(), strict=True):
        _lines(left, by_samples, "samples", measure)
        _lines(right, by_parameters, "parameters", measure)
        wide_log_axis(left, vertical=True, most=5)
        left.set_ylabel(words)
    for ax, over in zip(axes[-1], ("samples (state-action pairs)", "parameters"), strict=True):
        wide_log_axis(ax)
        ax.set_xlabel(over)
    axes[0, 0].set_title(f"network of {largest:,} parameters")
    axes[0, 1].set_title(f"{most:,} samples")
    for ax, measure in zip(axes[:, 1], MEASURES, strict=True):
        _name(ax, by_parameters[by_parameters["parameters"] == largest], measure)
    return figure


def headline(gradient_costs: pd.DataFrame) -> str:
    """The bytes moved in the largest case."""
    moved = _largest(gradient_costs)["bytes_moved"]
    if not {"loop", "pseudo_loss"} <= set(moved.index):
        return ""
    ways = f"The pseudo-loss moves {_short(moved['pseudo_loss'])}B"
    return f"{ways}, a backward pass for each sample {_short(moved['loop'])}B"


def findings(gradient_costs: pd.DataFrame) -> str:
    """What the rows would hold in the largest case."""
    largest = _largest(gradient_costs)
    if not {"rows", "pseudo_loss"} <= set(largest.index):
        return ""
    held = largest["bytes_held"]
    hold = "hold" if largest.loc["rows", "kind"] == "counted" else "would hold"
    return f"The rows {hold} {_short(held['rows'])}B, the pseudo-loss {_short(held['pseudo_loss'])}B."


def _lines(ax: Axes, table: pd.DataFrame, over: str, measure: str) -> None:
    """A line for each form: filled where it was computed, hollow where it was not."""
    for form, look in FORMS.items():
        rows = table[table["way"] == form].sort_values(over)
        counted = rows[rows["kind"] == "counted"]
        plain: dict[str, Any] = {"color": look.colour, "marker": look.marker, "ms": 4.5}
        ax.plot(rows[over], rows[measure], lw=1.4, ls=look.line, mfc="white", **plain)
        ax.plot(counted[over], counted[measure], ls="None", **plain)


def _name(ax: Axes, rows: pd.DataFrame, measure: str) -> None:
    """Name and number at the end of each line."""
    ends = []
    for form in [form for form in FORMS if form in set(rows["way"])]:
        row = rows[rows["way"] == form]
        amount = _short(row[measure].item()) + ("B" if measure.startswith("bytes") else "")
        ends.append(End.of(row, "parameters", measure, f"{NAMES[form]}, {amount}", FORMS[form].colour))
    label_ends(ax, ends, apart=0.13)


def _largest(costs: pd.DataFrame) -> pd.DataFrame:
    """The most samples of the largest network, by way."""
    rows = costs[costs["parameters"] == costs["parameters"].max()]
    return rows[rows["samples"] == rows["samples"].max()].set_index("way")


def _short(amount: float) -> str:
    """Two figures and a thousandfold unit: 640 G."""
    for size, letter in UNITS.items():
        if amount >= size:
            return f"{two_figures(amount / size)} {letter}"
    return f"{two_figures(amount)} "
