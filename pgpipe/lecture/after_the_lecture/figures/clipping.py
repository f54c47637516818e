"""P20 What clipping leaves of the gradient, by KL

Three panels over the KL from the policy that sampled, with a line and dots for each form of weights. The mean
estimate over the exact derivative, by μ on the left and by σ in the middle: flat at one for plain ratios, a
little lower for V-trace, falling steeply for clipped ones. On the right the variance by μ on a logarithmic
axis.

Targets uphill from the policy that sampled, on the Gaussian bandit. Left and middle: mean of the estimate
over the exact derivative of $J$ at the target, 1 if unbiased. Right: variance of one trajectory's estimate.
Lines are exact, dots measured; bars are 95 % intervals.

The advantage is exact: whatever is seen is what the weights do. One minus the number on the left is the bias,
as a share. Clipping drops samples whose ratio has gone far enough where their advantage points; what it keeps
are those that moved the wrong way, and they pull back.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.after_the_lecture.claims.clipping import turning_point
from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.extents import limits, log_scale
from pgpipe.lecture.common.labels import plain_numbers
from pgpipe.lecture.common.style import COLOURS, WIDTH, legend_above

LOOKS = {
    "plain": ("plain ratio", COLOURS[0], "o", "-"),
    "clipped": ("clipped (PPO)", COLOURS[1], "s", "-"),
    "v_trace": ("V-trace", COLOURS[2], "^", (0, (4, 2))),
}


def draw(clipping: pd.DataFrame) -> Figure:
    """Both components' factors, and a variance."""
    clipping = clipping[clipping["gradient"] != 0]
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 3.1), layout="constrained")
    left, middle, right = axes
    for ax, parameter, name in ((left, "k", "μ"), (middle, "sigma", "σ")):
        own = clipping[clipping["parameter"] == parameter]
        for form in LOOKS:
            rows = own[own["form"] == form].sort_values("kl")
            _factor(ax, rows, form)
        ax.axhline(0, color="0.3", lw=0.9, zorder=1)
        ax.set(title=f"mean by {name}", xlabel="KL (nats)", ylim=_span(clipping))
    left.set_ylabel("mean estimate / ∂J")
    for form in LOOKS:
        rows = clipping[(clipping["form"] == form) & (clipping["parameter"] == "k")].sort_values("kl")
        _points(right, rows, "variance", "measured_variance", form, 1.0)
    log_scale(right, vertical=True)
    plain_numbers(right.yaxis)
    right.set(title="variance by μ", xlabel="KL (nats)", ylabel="variance of one trajectory")
    legend_above(figure, LOOKS.values())
    return figure


def headline(clipping: pd.DataFrame) -> str:
    """Whether the clipped gradient comes to point the other way."""
    at, farthest = turning_point(clipping), clipping["kl"].max()
    if at:
        return f"From a KL of {at:.2g} nats on, the clipped gradient by μ points backwards"
    own = clipping[
        (clipping["form"] == "clipped") & (clipping["kl"] == farthest) & (clipping["gradient"] != 0)
    ]
    factors = own["mean"] / own["gradient"]
    return f"At a KL of {farthest:.2g} nats {factors.min():.0%} of the gradient is left" if len(own) else ""


def findings(clipping: pd.DataFrame) -> str:
    """How many trajectories are behind a dot."""
    n = clipping["n"].max()
    return f"{n:,} trajectories behind each dot, the same for all." if n > 0 else ""


def _span(clipping: pd.DataFrame) -> tuple[float, float]:
    """One vertical axis for both components."""
    factors = clipping["mean"] / clipping["gradient"]
    low, high = limits(min(0.0, factors.min()), max(1.0, factors.max()))
    return low - 0.07 * (high - low), high + 0.1 * (high - low)


def _factor(ax: Axes, rows: pd.DataFrame, form: str) -> None:
    """Mean over ∂J: exact and measured."""
    _points(ax, rows, "mean", "measured_mean", form, rows["gradient"])


def _points(
    ax: Axes, rows: pd.DataFrame, exact: str, measured: str, form: str, unit: "pd.Series[float] | float"
) -> None:
    """A line through the exact values and dots with bars at the measured ones, both over the unit."""
    _, colour, marker, line = LOOKS[form]
    ax.plot(rows["kl"], rows[exact] / unit, color=colour, ls=line, lw=1.5)
    known = rows["n"] > 0
    ax.errorbar(
        rows.loc[known, "kl"], (rows[measured] / unit)[known], bars(rows, measured, unit)[:, known],
        fmt=marker, color=colour, ms=4.5, lw=1,
    )  # fmt: skip
