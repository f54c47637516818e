"""What F2 and F6 share: good, neutral and bad trajectories, and how a step moved their log-probability."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Colour, marker and words, from good to bad; the marker tells them apart without colour.
MARKS = {
    "good": ("#009E73", "^", "good: upper third by return"),
    "neutral": ("#808080", "o", "neutral"),
    "bad": ("#D55E00", "v", "bad: lower third by return"),
}


def changes_by_return(axes: Sequence[Axes], table: pd.DataFrame, columns: Mapping[str, str]) -> None:
    """One panel for each weighting: the change of log p_θ(τ) against the return, on one vertical scale."""
    shown = table[table["weighting"].isin(columns)]["change"]
    margin = 0.08 * (shown.max() - shown.min()) or 1.0
    for ax, (weighting, title) in zip(axes, columns.items(), strict=True):
        rows = table[table["weighting"] == weighting]
        ax.axhline(0, color="0.5", lw=0.8, zorder=1)
        for mark, (colour, marker, _) in MARKS.items():
            group = rows[rows["mark"] == mark]
            ax.plot(group["return"], group["change"], marker, color=colour, ms=4.5, alpha=0.9)
        ax.set(title=title, xlabel="return r(τ), discounted")
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.set_ylim(min(0, shown.min()) - margin, max(0, shown.max()) + margin)
    axes[0].set_ylabel("change of log p(τ) (nats)")


def mark_legend(figure: Figure) -> None:
    """One legend for all panels, above them."""
    handles = [
        mpl.lines.Line2D([], [], ls="", color=colour, marker=marker, markersize=5, label=words)
        for colour, marker, words in MARKS.values()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
