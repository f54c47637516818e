"""What F2, F3 and F6 share: good, neutral and bad trajectories, and how a step moved log p_θ(τ) of each."""

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

# Changes whose correlation is beyond this are those of the same step, forward or backward.
ALIKE = 0.99


def worth_showing(table: pd.DataFrame, weightings: Sequence[str]) -> list[str]:
    """The environments in which two weightings make different steps; where there is none, the first one.

    A policy of very few parameters has no choice: every step is the same, or goes back.
    """
    environments = list(dict.fromkeys(table["environment"]))
    shown = []
    for environment in environments:
        rows = table[(table["environment"] == environment) & table["weighting"].isin(weightings)]
        changes = rows.pivot_table(index="trajectory", columns="weighting", values="change")
        if len(changes) and changes.corr().abs().min(axis=None) < ALIKE:
            shown.append(environment)
    return shown or environments[:1]


def changes_by_return(axes: Sequence[Axes], table: pd.DataFrame, columns: Mapping[str, str]) -> None:
    """One panel for each weighting: the change of log p_θ(τ) against the return, on one vertical scale.

    A stroke is the mean of the good, of the neutral and of the bad ones.
    """
    shown = table[table["weighting"].isin(columns)]["change"]
    margin = 0.08 * (shown.max() - shown.min())
    margin = margin if margin > 0 else 1.0
    for ax, (weighting, title) in zip(axes, columns.items(), strict=True):
        rows = table[table["weighting"] == weighting]
        ax.axhline(0, color="0.5", lw=0.8, zorder=1)
        for group, colour in by_mark(ax, rows, "change"):
            span = (group["return"].min(), group["return"].max())
            ax.plot(span, [group["change"].mean()] * 2, color=colour, lw=2.6, zorder=1.5)
        ax.set(title=title, xlabel="return r(τ), discounted")
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.set_ylim(min(0, shown.min()) - margin, max(0, shown.max()) + margin)
    axes[0].set_ylabel("change of log p(τ) (nats)")


def by_mark(ax: Axes, rows: pd.DataFrame, name: str) -> list[tuple[pd.DataFrame, str]]:
    """Trajectories by return and another number, marked; those of each mark, and its colour."""
    drawn = []
    for mark, (colour, marker, _) in MARKS.items():
        group = rows[rows["mark"] == mark]
        ax.plot(group["return"], group[name], marker, color=colour, ms=4.5, mew=0, alpha=0.75)
        drawn.append((group, colour))
    return drawn


def mark_legend(figure: Figure) -> None:
    """One legend for all panels, above them."""
    handles = [
        mpl.lines.Line2D([], [], ls="", color=colour, marker=marker, markersize=5, label=words)
        for colour, marker, words in MARKS.values()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
