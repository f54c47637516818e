"""P16 Conjugate gradient: the residual by iteration, and what it costs

On the left the residual of conjugate gradient falls by many orders of magnitude over the iterations, a line
for each environment, named at its end. In the middle and on the right, on logarithmic axes, operations and
memory by the number of parameters: those of conjugate gradient rise in proportion to it, those of a dense
solve with its cube and square.

Left: residual of $(F + \\lambda I)x = \\hat g$ by iteration, for policies with $P$ parameters. Then: what
one natural direction costs, by conjugate gradient and by a dense solve.

The residual is ‖ĝ - (F + λI)x‖/‖ĝ‖ in double precision, λ = 0.001, on the batch of each environment; the
dotted line is the residual of 0.01 at which training stops, to which costs are counted. Operations of
conjugate gradient are counted; those of a dense solve are what it takes to form F and to factorise it.
Bytes are the P² numbers of F against a few vectors and one batch's activations. Nothing here is a measured
second: these are on the page of costs.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.labels import spread
from pgpipe.lecture.common.looks import wide_log_axis
from pgpipe.lecture.common.style import COLOURS, DIRECTION_COLOURS, WIDTH, readable

ENOUGH = 0.01  # residual at which training stops
LOWEST, FLOOR = 1e-12, 1e-17  # of the residuals that are drawn, and of their axis
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))
METHODS = (
    ("dense", "dense\nsolve", DIRECTION_COLOURS["vanilla"], "s"),
    ("cg", "conjugate\ngradient", DIRECTION_COLOURS["natural"], "o"),
)


def draw(fisher_residuals: pd.DataFrame, fisher_costs: pd.DataFrame) -> Figure:
    """Residual, operations, memory."""
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(WIDTH, 3.2), width_ratios=[1.75, 1, 1], layout="constrained"
    )
    _residuals(left, fisher_residuals)
    _costs(middle, fisher_costs, "operations")
    _costs(right, fisher_costs, "bytes")
    middle.set(title="operations", ylabel="floating-point operations")
    right.set(title="memory", ylabel="bytes held")
    return figure


def headline(fisher_residuals: pd.DataFrame, fisher_costs: pd.DataFrame) -> str:
    """What conjugate gradient saves in the largest network."""
    largest = fisher_costs.loc[fisher_costs["parameters"].idxmax()]
    saved = largest["dense_operations"] / largest["cg_operations"]
    if saved < 2:
        return ""
    size = _about(largest["parameters"])
    return f"At {size} parameters a dense solve takes {_about(saved)} times the operations"


def findings(fisher_residuals: pd.DataFrame, fisher_costs: pd.DataFrame) -> str:
    """Product over gradient, and iterations, at the largest network."""
    largest = fisher_costs.loc[fisher_costs["parameters"].idxmax()]
    memory = largest["dense_bytes"] / largest["cg_bytes"]
    more = f"; a dense solve takes {_about(memory)} times the memory" if memory >= 2 else ""
    return (
        f"In the largest network conjugate gradient takes {largest['iterations']:.0f} iterations, of "
        f"{largest['product_over_gradient']:.2g} gradients' cost each{more}."
    )


def _about(number: float) -> str:
    """One digit: `3 million`, `200,000`."""
    rounded = float(f"{number:.1g}")
    return f"{rounded / 1e6:,g} million" if rounded >= 1e6 else f"{rounded:,g}"


def _residuals(ax: Axes, residuals: pd.DataFrame) -> None:
    """A line for each environment, and its name below its end."""
    names, ends = [], []
    for i, (environment, rows) in enumerate(residuals.groupby("environment", sort=False)):
        shown = rows[rows["iteration"] > 0]
        residual = shown["residual"].clip(lower=LOWEST)
        colour = COLOURS[i % len(COLOURS)]
        ax.plot(shown["iteration"], residual, color=colour, lw=1.6, ls=DASHES[i % len(DASHES)])
        names.append((f"{readable(str(environment))}\nP = {rows['parameters'].iloc[0]:,}", colour))
        ends.append((float(shown["iteration"].iloc[-1]), float(residual.iloc[-1])))
    wide_log_axis(ax)
    wide_log_axis(ax, vertical=True)
    ax.set(title="residual", xlabel="iteration", ylabel="‖ĝ − (F + λI)x‖ / ‖ĝ‖", ylim=(FLOOR, 20))
    ax.axhline(ENOUGH, color="0.4", lw=0.9, ls=":")
    _names_below(ax, names, ends)


def _names_below(ax: Axes, names: list[tuple[str, str]], ends: list[tuple[float, float]]) -> None:
    """Names in the room below the lines' ends, moved apart and tied to them."""
    places = ax.transAxes.inverted().transform(ax.transData.transform(ends))
    order = np.argsort(places[:, 0], kind="stable")
    for at, across in zip(order, spread(places[order, 0].tolist(), 0.27), strict=True):
        words, colour = names[at]
        tie = {"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkA": 0, "shrinkB": 2}
        ax.annotate(
            words, places[at], (0.04 + 0.87 * across, 0.13), "axes fraction", "axes fraction", ha="center",
            va="top", color=colour, fontsize=8.5, arrowprops=tie,
        )  # fmt: skip


def _costs(ax: Axes, costs: pd.DataFrame, kind: str) -> None:
    """Both methods by number of parameters."""
    P, middle = costs["parameters"], len(costs) // 2
    for method, words, colour, marker in METHODS:
        column = costs[f"{method}_{kind}"]
        ax.plot(P, column, color=colour, marker=marker, ms=4.5, lw=1.5)
        above = method == "dense"
        ax.annotate(
            words, (P.iloc[middle], column.iloc[middle]), (-7, 4) if above else (3, -8),
            textcoords="offset points", ha="right" if above else "left", va="bottom" if above else "top",
            color=colour, fontsize=8.5,
        )  # fmt: skip
    wide_log_axis(ax)
    wide_log_axis(ax, vertical=True)
    ax.set_xlabel("parameters P")
