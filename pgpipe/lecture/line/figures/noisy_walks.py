"""F8 Noisy walks toward 0

Left, walks over time from about two standard deviations of the start, on either side of 0, as thin lines:
they close in on 0 and then scatter about it; a band around the mean shows the exact standard deviation.
Right, the root mean square of the place over time, a line for each spread of the start; all of them
approach one level.

Left: walks from both sides; lines are the exact mean and bands $\\pm$ one standard deviation, given the
start. Right: root mean square $\\sqrt{m_t}$ of all walks, exact (lines) and measured (dots), by the
variance $m_0$ of the start.

Rollouts of the configured policy. On the left are those of the walks with the largest $m_0$ whose start is
nearest to $\\pm 2\\sqrt{m_0}$. The lines are $E s_t = (1+k)^t s_0$ and $m_{t+1} = (1+k)^2 m_t + σ^2 + ν^2$,
where $σ$ is the standard deviation of the action and $ν$ that of the environment's own noise, 0 unless the
config says otherwise. The band is that of walks from 0, which all start from one place.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import COLOURS, WIDTH

SIDES = ((-1, COLOURS[0]), (1, COLOURS[1]))  # below and above 0, in the colours of F7's walkers
LEVELS = ("#4D4D4D", "#7E4A9E", "#B07CC0")


def draw(line_walks: pd.DataFrame, line_spread: pd.DataFrame) -> Figure:
    """Walks from far off, and how wide all walks are."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(WIDTH, 3.2), width_ratios=[1.5, 1], layout="constrained"
    )
    far = _farthest(line_walks)
    for sign, colour in SIDES:
        _side(left, far[far["side"] == sign], colour)
    left.axhline(0, color="0.3", lw=0.9, zorder=1)
    left.set(title=f"walks from s = {_start(far)}", xlabel="time step t", ylabel="place s")
    _widths(right, line_spread)
    return figure


def headline(line_walks: pd.DataFrame, line_spread: pd.DataFrame) -> str:
    """Whether walks come in, and how near."""
    last = line_spread[line_spread["step"] == line_spread["step"].max()]
    level = f"{last['spread'].iloc[0]:.2g}"
    far = _farthest(line_walks)
    first, end = (far.loc[far["step"] == t, "mean"].abs().mean() for t in (0, far["step"].max()))
    if end > first:
        return "Walks are driven away from 0"
    if first > 0 and end < first / 2 and last["spread"].max() < 1.1 * last["spread"].min():
        return f"Walks are drawn toward 0; noise keeps them about {level} away"
    return ""


def findings(line_walks: pd.DataFrame, line_spread: pd.DataFrame) -> str:
    """How many walks there are."""
    far = _farthest(line_walks)
    return f"{far['walk'].nunique()} of {line_spread['walks'].iloc[0]:,} walks at the left."


def _farthest(walks: pd.DataFrame) -> pd.DataFrame:
    """The walks of the widest start, with the side on which they start."""
    far = walks[walks["start_std"] == walks["start_std"].max()]
    first = far[far["step"] == 0].set_index("walk")["place"]
    return far.assign(side=np.where(far["walk"].map(first) > 0, 1, -1))


def _start(far: pd.DataFrame) -> str:
    """About where walks start: ±2, or 0."""
    place = far.loc[far["step"] == 0, "place"].abs().mean()
    return f"±{place:.2g}" if place > 0 else "0"


def _side(ax: Axes, walks: pd.DataFrame, colour: str) -> None:
    """Walks from one side, with their mean and spread."""
    if walks.empty:
        return
    for _, walk in walks.groupby("walk"):
        ax.plot(walk["step"], walk["place"], color=colour, lw=0.6, alpha=0.45)
    exact = walks.groupby("step")[["mean", "spread"]].mean()
    low, high = exact["mean"] - exact["spread"], exact["mean"] + exact["spread"]
    ax.fill_between(exact.index, low, high, color=colour, alpha=0.2, lw=0, zorder=1)
    ax.plot(exact.index, exact["mean"], color=colour, lw=2.2, zorder=3)


def _widths(ax: Axes, spreads: pd.DataFrame) -> None:
    """√m_t by the variance of the start, exact and measured."""
    ax.set(title="how far from 0", xlabel="time step t", ylabel="root mean square of s")
    for i, (start, rows) in enumerate(spreads.groupby("start_std", sort=False)):
        colour, steps, exact = LEVELS[i % len(LEVELS)], rows["step"], rows["spread"]
        ax.plot(steps, exact, color=colour, lw=1.6, ls=("-", (0, (4, 2)))[i % 2])
        ax.plot(steps, rows["measured_spread"], "os^"[i % 3], color=colour, ms=3.5, clip_on=False)
        beside = (9, 0) if exact.iloc[-1] < exact.iloc[0] else (13, 5)
        ax.annotate(
            f"m₀ = {float(start) ** 2:.3g}", (steps.iloc[0], exact.iloc[0]), beside,
            textcoords="offset points", va="center", color=colour, fontsize=9,
        )  # fmt: skip
    ax.set_ylim(bottom=0)
