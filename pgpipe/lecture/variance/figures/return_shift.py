r"""P2 The variance by the constant added to the return

Two panels, one for each parameter of a Gaussian policy: measured variances lie on an exact parabola in the
constant that was added to every return, with its minimum at a marked constant. A third panel: the share of
small batches whose step turns by more than 90 degrees rises with the constant without a baseline, and stays
at zero with one.

Gaussian bandit. Left and middle: variance of the gradient estimate; stars are the best constants. Right:
share of small batches whose step is more than a right angle off that at $c = 0$. Bars are 95 % intervals.

The variance is that which one trajectory contributes to $\frac1N \sum_i \nabla \log p(\tau_i) \, (r(\tau_i)
+ c)$. Points are measured on the same rollouts for every $c$, so they are off the curve together; their
intervals are by bootstrap over batches. The best constant is the optimal baseline (E21) with its sign turned.
Right: steps at $c$ and at $c = 0$ are from the same batch, intervals are those of Clopper and Pearson. With
the mean return of the others subtracted the step does not depend on $c$.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.style import COLOURS, MARKERS, WIDTH

# The parameters of the bandit's policy, whose one state is 1, so that k is the mean.
NAMES = {"k": "μ", "sigma": "σ"}

BASELINES = {"none": "no baseline", "mean": "mean subtracted"}


def draw(return_shift: pd.DataFrame, return_parabola: pd.DataFrame, step_direction: pd.DataFrame) -> Figure:
    """One panel for each parameter, one for the direction of the step."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 3.1), layout="constrained")
    for ax, parabola in zip(axes[:2], return_parabola.to_dict("records"), strict=True):
        _variance(ax, return_shift[return_shift["parameter"] == parabola["parameter"]], parabola)
    axes[0].set_ylabel("N × variance of the estimate")
    _turned(axes[2], step_direction)
    return figure


def headline(return_shift: pd.DataFrame, return_parabola: pd.DataFrame, step_direction: pd.DataFrame) -> str:
    """How many steps the largest constant turns, if it turns any."""
    plain = step_direction[step_direction["baseline"] == "none"]
    row = plain.loc[plain["constant"].idxmax()]
    if row["turned_low"] > 0:
        c, few = row["constant"], row["n_trajectories"]
        return (
            f"Adding {c:g} to every return turns {row['turned']:.0%} of {few}-sample steps by more than 90°"
        )
    return "A constant changes the variance, along a parabola"


def findings(return_shift: pd.DataFrame, return_parabola: pd.DataFrame, step_direction: pd.DataFrame) -> str:
    """What the best constant saves against none."""
    best = [
        f"for {NAMES[row.parameter]} from {row.least_variance + row.curvature * row.best_constant**2:g} to "
        f"{row.least_variance:g}"
        for row in return_parabola.itertuples()
    ]
    return f"The best constant lowers the variance {', '.join(best)}."


def _variance(ax: Axes, rows: pd.DataFrame, parabola: dict[str, Any]) -> None:
    """Measured points on the exact parabola, and its minimum."""
    best, least = parabola["best_constant"], parabola["least_variance"]
    c = np.linspace(min(rows["constant"].min(), best), max(rows["constant"].max(), best), 80)
    exact = least + parabola["curvature"] * (c - best) ** 2
    ax.plot(c, exact, color="0.4", lw=1.2)
    ax.errorbar(rows["constant"], rows["variance"], bars(rows, "variance"), fmt="o", ms=4, color=COLOURS[0])
    ax.plot(best, least, "*", ms=11, color=COLOURS[4], mec="black", mew=0.6, zorder=4)
    ax.set(title=f"derivative by {NAMES[parabola['parameter']]}", xlabel="constant c added (return)")
    ax.margins(x=0.1)
    tallest = np.array([exact.max(), rows["variance"].max(), rows["variance_high"].max()])
    ax.set_ylim(limits(0, 1.08 * tallest[np.isfinite(tallest)].max(initial=0)))
    for words, height, colour in (("measured", 0.96, COLOURS[0]), ("curve: exact", 0.88, "0.35")):
        ax.text(0.5, height, words, transform=ax.transAxes, ha="center", va="top", fontsize=8.5, color=colour)
    ax.annotate(
        f"best: c = {best:g}", (best, least), (0, -8), textcoords="offset points", ha="center", va="top",
        fontsize=8.5, color=COLOURS[4],
    )  # fmt: skip


def _turned(ax: Axes, directions: pd.DataFrame) -> None:
    """The share of steps that turn by more than a right angle, in per cent."""
    for i, (baseline, label) in enumerate(BASELINES.items()):
        rows = directions[directions["baseline"] == baseline].sort_values("constant")
        ax.errorbar(
            rows["constant"], 100 * rows["turned"], 100 * bars(rows, "turned"),
            fmt=f"{MARKERS[i]}-", ms=4, lw=1.2, color=COLOURS[i],
        )  # fmt: skip
        last = rows.iloc[-1]
        ax.annotate(
            label, (last["constant"], 100 * last["turned"]), (4, 6), textcoords="offset points", ha="right",
            fontsize=8.5, color=COLOURS[i],
        )  # fmt: skip
    ax.set(title=f"steps from {directions['n_trajectories'].iloc[0]} samples", ylim=(-4, 100))
    ax.set(xlabel="constant c added (return)", ylabel="share that turns > 90° (%)")
