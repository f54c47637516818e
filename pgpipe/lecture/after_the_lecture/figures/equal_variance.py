"""P22 Baselines of equal variance, and what is learned with them

Two panels over δ, what is added to the baseline of least variance, with a line for each kind of step. On the
left the variance over the least one, a parabola around δ = 0 for each direction. On the right the share of
runs that end at the best arm, in per cent: with natural steps it rises from left to right.

Left: variance of one sample's step with the baseline $b^* + \\delta$ over that with $b^*$; lines are exact,
dots measured, for any α. Right: share of runs whose likeliest arm is the best one at the end. Bars are 95 %
intervals.

A softmax policy over the arms, one sample an update. $b^*$ is the constant of least variance at the run's
present policy; on the left that is the one whose logits are the rewards. A low baseline makes whatever was
drawn likelier, a high one less likely: with the first a run commits to an arm, with the second it goes on
trying.
"""

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.labels import signed
from pgpipe.lecture.common.style import DIRECTION_COLOURS, MARKERS, WIDTH, legend_above

LINES = ("-", (0, (4, 2)), (0, (1, 1.5)))


def draw(baseline_arms: pd.DataFrame) -> Figure:
    """The variance beside what is learned."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.4), layout="constrained")
    looks: list[tuple[str, str, str, Any]] = []
    for number, (_, own) in enumerate(baseline_arms.groupby("rule", sort=False)):
        rows = own.sort_values("delta")
        marker, line = MARKERS[number % len(MARKERS)], LINES[number % len(LINES)]
        colour = DIRECTION_COLOURS[rows["direction"].iloc[0]]
        looks.append((_name(rows), colour, marker, line))
        least = rows["variance"].min()
        dots: dict[str, Any] = {"fmt": marker, "color": colour, "ms": 4.5, "lw": 1, "capsize": 2}
        if colour not in (look[1] for look in looks[:-1]):  # α scales all variances alike
            left.plot(rows["delta"], rows["variance"] / least, color=colour, ls=line, lw=1.5)
            measured = bars(rows, "measured_variance", least)
            left.errorbar(rows["delta"], rows["measured_variance"] / least, measured, **dots)
        right.plot(rows["delta"], rows["share"], color=colour, ls=line, lw=1.5)
        right.errorbar(rows["delta"], rows["share"], bars(rows, "share"), **dots)
    for ax in (left, right):
        ax.axvline(0, color="0.4", lw=0.8, zorder=1)
        ax.set_xlabel("δ in the baseline b* + δ")
    left.set(title="variance at one policy", ylabel="variance / least variance")
    left.set_ylim(bottom=0)
    right.set(title="what is learned", ylabel="runs at the best arm")
    right.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    legend_above(figure, looks)
    return figure


def headline(baseline_arms: pd.DataFrame) -> str:
    """The largest difference between both sides."""
    apart = _largest(baseline_arms)
    if apart is None:
        return ""
    below, above = apart["share"].iloc[0], apart["share"].iloc[-1]
    return f"At equal variance {below:.0%} or {above:.0%} of the runs find the best arm"


def findings(baseline_arms: pd.DataFrame) -> str:
    """How many runs, and the pair that is farthest apart."""
    if baseline_arms.empty:
        return ""
    counted = (
        f"{baseline_arms['runs'].max():,} runs of {baseline_arms['updates'].max():,} updates behind each dot."
    )
    apart = _largest(baseline_arms)
    if apart is None:
        return counted
    pair = [f"{row['share']:.0%} at δ = {signed(row['delta'])}" for row in apart.to_dict("records")]
    return f"{counted} Farthest apart: {' and '.join(pair)} ({_name(apart)})."


def _largest(arms: pd.DataFrame) -> pd.DataFrame | None:
    """The rows of ±δ whose shares differ most, if their intervals do not meet."""
    found, most = None, 0.0
    for (_, _), rows in arms.assign(size=arms["delta"].abs()).groupby(["rule", "size"], sort=False):
        pair = rows.sort_values("delta")
        if len(pair) != 2:
            continue
        low, high = pair.iloc[0], pair.iloc[1]
        clear = low["share_high"] < high["share_low"] or high["share_high"] < low["share_low"]
        if clear and abs(high["share"] - low["share"]) > most:
            found, most = pair, abs(high["share"] - low["share"])
    return found


def _name(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"{first['direction']} steps, α = {first['learning_rate']:g}"
