"""F11 Updates to the optimum, by the start and by the step

Updates over the variance of the start, on logarithmic axes, a line for each rule of the step, named at its
right end. All but one rise as walks start nearer the goal, to a dotted line at which the search ends;
natural steps to a KL bound need few everywhere. Numbers stand at the points of vanilla steps.

Updates with the exact gradient until $J$ is within 1 % of $J^*$, with each rule's best step size. A
triangle: not within the updates that were tried. Shaded: very long, as C24 counts it.

The first start of the paths above; the variance $m_0$ is that of the walks' start. Of many constant sizes
the best counts that does not carry σ across 0. Neither the bound nor F⁻¹ is enough by itself: natural steps
of a constant α are slower than vanilla ones, and vanilla steps to a bound are slow as well.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.looks import Look, wide_log_axis
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH

LOOKS = {
    "vanilla": Look(DIRECTION_COLOURS["vanilla"], "s", "-", "vanilla, learning rate"),
    "normalised": Look(DIRECTION_COLOURS["normalized"], "D", ":", "normalised"),
    "vanilla to a KL bound": Look(DIRECTION_COLOURS["vanilla"], "s", "--", "vanilla, KL bound"),
    "natural": Look(DIRECTION_COLOURS["natural"], "o", "--", "natural, learning rate"),
    "natural to a KL bound": Look(DIRECTION_COLOURS["natural"], "o", "-", "natural, KL bound"),
}
LONG = 1000  # updates; more than this are very long, in C24


def draw(line_updates: pd.DataFrame) -> Figure:
    """One panel."""
    figure, ax = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    most = float(line_updates["most"].iloc[0])
    ends = [end for i, rule in enumerate(LOOKS) for end in _rule(ax, line_updates, rule, 1.07 ** (i - 2))]
    _numbers(ax, line_updates[line_updates["rule"] == "vanilla"])
    ax.axhline(most, color="0.4", lw=0.9, ls=":")
    wide_log_axis(ax)
    wide_log_axis(ax, vertical=True)
    ax.set(
        title="updates until J is within 1 % of the optimum", xlabel="variance of the start m₀",
        ylabel="updates", ylim=(1.5, 3 * most),
    )  # fmt: skip
    if most > LONG:
        ax.axhspan(LONG, 3 * most, color="0.5", alpha=0.13, lw=0)
    left = ax.get_xlim()[0]
    words = f"not within {most:,.0f} updates"
    ax.annotate(words, (left, most), (6, 5), textcoords="offset points", fontsize=8.5, color="0.3")
    label_ends(ax, ends)
    return figure


def headline(line_updates: pd.DataFrame) -> str:
    """How many updates vanilla steps and natural steps to a bound take."""
    plain, bounded = (_range(line_updates, rule) for rule in ("vanilla", "natural to a KL bound"))
    if not plain or not bounded:
        return ""
    most = line_updates.loc[line_updates["rule"] == "natural to a KL bound", "smooth_updates"]
    few = f"at most {most.max():.0f}" if most.notna().all() else bounded
    return f"Vanilla steps take {plain} updates, natural steps to a KL bound {few}"


def findings(line_updates: pd.DataFrame) -> str:
    """What one of the two parts does alone."""
    told = [
        f"{words} {found}"
        for rule, words in (("natural", "natural steps of a learning rate"),
                            ("vanilla to a KL bound", "vanilla steps to a KL bound"))
        if (found := _range(line_updates, rule))
    ]  # fmt: skip
    return f"Also: {'; '.join(told)}." if told else ""


def _range(table: pd.DataFrame, rule: str) -> str:
    """`10 to more than 2,000`, by the start; nothing of a rule that is not there."""
    found = table.loc[table["rule"] == rule, "smooth_updates"]
    if found.empty:
        return ""
    never = f"more than {table['most'].iloc[0]:,.0f}"
    ends = [f"{found.min():,.0f}" if found.notna().any() else never]
    ends.append(never if found.isna().any() else f"{found.max():,.0f}")
    return " to ".join(dict.fromkeys(ends))


def _rule(ax: Axes, table: pd.DataFrame, rule: str, aside: float) -> list[End]:
    """A line as far as it arrives, then a triangle at the end of the search; rules stand side by side."""
    rows, look = table[table["rule"] == rule].sort_values("start_std", ascending=False), LOOKS[rule]
    if rows.empty:
        return []
    most = rows["most"].iloc[0]
    m0, never = rows["start_std"].to_numpy() ** 2 * aside, rows["smooth_updates"].isna().to_numpy()
    shown = int(np.argmax(never)) + 1 if never.any() else len(rows)
    updates = rows["smooth_updates"].fillna(most).to_numpy()
    style: dict[str, Any] = {"color": look.colour, "ls": look.line, "marker": look.marker}
    arrived = [i for i in range(shown) if not never[i]]
    ax.plot(m0[:shown], updates[:shown], **style, lw=1.6, ms=5, markevery=arrived)
    if never.any():
        ax.plot(m0[shown - 1], most, "^", ms=7, mfc="none", mec=look.colour, mew=1.3, zorder=4)
    return [End(m0[0], updates[0], look.label, look.colour)]


def _numbers(ax: Axes, rows: pd.DataFrame) -> None:
    """Updates at each point."""
    for start, updates in zip(rows["start_std"], rows["smooth_updates"], strict=True):
        if np.isfinite(updates):
            ax.annotate(
                f"{updates:,.0f}", (start**2, updates), (-9, -5), textcoords="offset points",
                ha="right", va="top", fontsize=9, color=LOOKS["vanilla"].colour,
            )  # fmt: skip
