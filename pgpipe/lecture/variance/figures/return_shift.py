r"""P2 The variance by the constant added to the return

Two panels, one for each parameter of a Gaussian policy: measured variances lie on an exact parabola in the
constant that was added to every return, with its minimum at a marked constant. A third panel: the share of
small batches whose step turns by more than 90 degrees rises with the constant, and stays at zero with a
baseline.

Gaussian bandit. Left and middle: variance that one trajectory contributes to the gradient estimate $\frac1N
\sum_i \nabla \log p(\tau_i) \, (r(\tau_i) + c)$. The line is exact, points are measured on the same
rollouts for every $c$, bars are 95 % bootstrap intervals over batches; the star is the least variance any
constant can reach, the optimal baseline with its sign turned. Right: the share of small batches whose step
turns by more than a right angle against the step at $c = 0$ on the same batch, with 95 % Clopper-Pearson
intervals; subtracting the mean return of the others makes the step indifferent to $c$.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import COLOURS, MARKERS, WIDTH

# The parameters of the bandit's policy, whose one state is 1, so that k is the mean.
NAMES = {"k": "μ", "sigma": "σ"}

BASELINES = {"none": "no baseline", "mean": "mean of the others"}


def draw(return_shift: pd.DataFrame, return_parabola: pd.DataFrame, step_direction: pd.DataFrame) -> Figure:
    """One panel for each parameter, one for the direction of the step."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 3.1), layout="constrained")
    for ax, parabola in zip(axes[:2], return_parabola.to_dict("records"), strict=True):
        _variance(ax, return_shift[return_shift["parameter"] == parabola["parameter"]], parabola)
    axes[0].set_ylabel("N × variance of the estimate")
    _turned(axes[2], step_direction)
    return figure


def findings(return_shift: pd.DataFrame, return_parabola: pd.DataFrame, step_direction: pd.DataFrame) -> str:
    """Where the variance is least, and what no constant costs against that."""
    best = [
        f"for {NAMES[row.parameter]} at $c = {row.best_constant:g}$, where it is {row.least_variance:g} "
        f"against {row.least_variance + row.curvature * row.best_constant**2:g} at $c = 0$"
        for row in return_parabola.itertuples()
    ]
    shift = return_shift.iloc[0]
    return (
        f"The variance is least {', and '.join(best)}. "
        f"Measured over {shift.replicates:.0f} batches of {shift.batch_size:.0f}."
    )


def _variance(ax: Axes, rows: pd.DataFrame, parabola: dict[str, Any]) -> None:
    """Measured points on the exact parabola, and its minimum."""
    name = NAMES[parabola["parameter"]]
    best, least = parabola["best_constant"], parabola["least_variance"]
    c = np.linspace(rows["constant"].min(), rows["constant"].max(), 200)
    ax.plot(c, least + parabola["curvature"] * (c - best) ** 2, color="0.5", lw=1.2, label="exact")
    bars = [rows["variance"] - rows["variance_low"], rows["variance_high"] - rows["variance"]]
    ax.errorbar(rows["constant"], rows["variance"], bars, fmt="o", ms=4, color=COLOURS[0], label="measured")
    ax.plot(best, least, "*", ms=11, color=COLOURS[4], mec="black", mew=0.6, label=f"least, at c = {best:g}")
    ax.set(title=f"derivative by {name}", xlabel="constant c added (return)")
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper center")


def _turned(ax: Axes, directions: pd.DataFrame) -> None:
    """The share of steps that turn by more than a right angle, in per cent."""
    for i, (baseline, label) in enumerate(BASELINES.items()):
        rows = directions[directions["baseline"] == baseline]
        bars = [rows["turned"] - rows["turned_low"], rows["turned_high"] - rows["turned"]]
        ax.errorbar(
            rows["constant"], 100 * rows["turned"], 100 * np.array(bars),
            fmt=f"{MARKERS[i]}-", ms=4, lw=1.2, color=COLOURS[i], label=label,
        )  # fmt: skip
    ax.set(title=f"steps from {directions['n_trajectories'].iloc[0]} samples", ylim=(-4, 100))
    ax.set(xlabel="constant c added (return)", ylabel="share that turns > 90° (%)")
    ax.legend(loc="upper left")
