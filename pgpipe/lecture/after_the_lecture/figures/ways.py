"""P23 Variance by scores, by all actions, and by paths of the noise

Three panels with a logarithmic vertical axis. Left and middle, the variance of the estimate by k and by σ
over the number of steps: the score function with the best constants lies highest, with the exact value
below it, the pathwise gradient lower, and, by k, the expected gradient lowest. Right, on a bandit over the
frequency of ripples on its reward: the score function stays level, the pathwise gradient starts lower and
rises through it.

Left and middle: variance of one walk's estimate on the line by the number of steps. Right: the same on a
bandit whose reward has ripples, by their frequency. Lines are exact, dots measured; bars are 95 %
intervals.

By scores: rewards to go less the best constant for each parameter, or less the exact value of the state.
All actions: the mean over the actions of each state, by the exact action values; by σ nothing is left of
its variance. The ripples change the reward by half a unit at most, and its slope by half a unit times their
frequency.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.extents import log_scale
from pgpipe.lecture.common.labels import plain_numbers
from pgpipe.lecture.common.style import COLOURS, WIDTH, legend_above, named_in

LOOKS = {
    "score_function": ("scores, best constants", COLOURS[6], "o", "-"),
    "value": ("scores, exact value", COLOURS[0], "s", "-"),
    "pathwise": ("pathwise", COLOURS[1], "^", "-"),
    "all_actions": ("all actions", COLOURS[2], "D", (0, (4, 2))),
}
LEAST = 1e-9  # of the largest variance in a panel: what is smaller is none


def draw(gradient_ways: pd.DataFrame, gradient_ripples: pd.DataFrame) -> Figure:
    """By horizon for both parameters, and over ripples."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 3.3), layout="constrained")
    first = _first(gradient_ways)
    for ax, parameter, name in zip(axes, ("k", "sigma"), ("k", "σ"), strict=False):
        _panel(ax, first[first["parameter"] == parameter], "horizon")
        log_scale(ax, vertical=False)
        plain_numbers(ax.xaxis)
        ax.set(title=f"line, by {name}", xlabel="steps T")
    _panel(axes[2], gradient_ripples[gradient_ripples["parameter"] == "k"], "frequency")
    plain_numbers(axes[2].yaxis)
    axes[2].set(title="bandit with ripples, by μ", xlabel="frequency ω (1/unit of a)")
    axes[0].set_ylabel("variance of one estimate")
    shown = named_in(figure)
    legend_above(figure, [look for look in LOOKS.values() if look[0] in shown])
    return figure


def headline(gradient_ways: pd.DataFrame, gradient_ripples: pd.DataFrame) -> str:
    """Whether paths win on the line, and where they lose."""
    line = _ratios(_first(gradient_ways), "horizon")
    crossing = _ratios(gradient_ripples, "frequency")
    wins = bool(len(line)) and bool((line < 1).all())
    lost = crossing[crossing > 1]
    if wins and len(lost):
        return "A pathwise gradient has the lower variance, unless the reward is rough"
    if wins:
        return "A pathwise gradient has the lower variance"
    return "A pathwise gradient can have the higher variance" if len(lost) or (line > 1).any() else ""


def findings(gradient_ways: pd.DataFrame, gradient_ripples: pd.DataFrame) -> str:
    """The policy that is drawn, and how many are behind a dot."""
    first = _first(gradient_ways)
    if first.empty:
        return ""
    row = first.iloc[0]
    return (
        f"The line is drawn at k = {row['k']:g}, σ = {row['sigma']:g}; {row['n']:,} walks or guesses are "
        "behind each dot."
    )


def _first(ways: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first policy."""
    if ways.empty:
        return ways
    k, sigma = ways.iloc[0][["k", "sigma"]]
    return ways[(ways["k"] == k) & (ways["sigma"] == sigma)]


def _ratios(rows: pd.DataFrame, along: str) -> "pd.Series[float]":
    """Pathwise over the score function with the best constants, by place."""
    if rows.empty:
        return pd.Series(dtype=float)
    wide = rows.pivot_table("variance", [along, "parameter"], "form")
    if not {"pathwise", "score_function"} <= set(wide.columns):
        return pd.Series(dtype=float)
    return (wide["pathwise"] / wide["score_function"]).dropna()


def _panel(ax: Axes, rows: pd.DataFrame, along: str) -> None:
    """A line and dots for each way."""
    largest = rows["variance"].max()
    for form, (name, colour, marker, line) in LOOKS.items():
        own = rows[(rows["form"] == form) & (rows["variance"] > LEAST * largest)].sort_values(along)
        if own.empty:
            continue
        ax.plot(own[along], own["variance"], color=colour, ls=line, lw=1.5)
        measured = bars(own, "measured_variance", logarithmic=True)
        ax.errorbar(
            own[along], own["measured_variance"], measured, fmt=marker, color=colour, ms=4, lw=1, label=name
        )
    log_scale(ax, vertical=True)
