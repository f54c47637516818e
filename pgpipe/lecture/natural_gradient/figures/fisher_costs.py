"""P16 Conjugate gradient: the residual by iteration, and what it costs

On the left the residual of conjugate gradient falls by many orders of magnitude over the iterations, a line
for each environment. In the middle and on the right, on logarithmic axes, operations and memory by the
number of parameters: those of conjugate gradient rise in proportion to it, those of a dense solve with its
cube and square.

Left: ‖ĝ - (F + λI)x‖/‖ĝ‖ by iteration, in double precision, λ = 0.001, on the batch of each environment; P
is the number of parameters. Middle: floating-point operations of one natural direction. Those of conjugate
gradient are counted, to a residual of 0.01; those of a dense solve are what it takes to form F and to
factorise it. Right: bytes held, the P² numbers of F against a few vectors and one batch's activations.
Nothing here is a measured second: these are on the page of costs.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.style import COLOURS, DIRECTION_COLOURS, MARKERS, WIDTH, readable


def draw(fisher_residuals: pd.DataFrame, fisher_costs: pd.DataFrame) -> Figure:
    """Residual, operations, memory."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(WIDTH, 3.1), layout="constrained")
    for i, (environment, rows) in enumerate(fisher_residuals.groupby("environment", sort=False)):
        shown = rows[rows["iteration"] > 0]
        label = f"{readable(str(environment))}, P = {rows['parameters'].iloc[0]}"
        left.loglog(
            shown["iteration"], shown["residual"], color=COLOURS[i], lw=1.3, marker=MARKERS[i], ms=3.5,
            markevery=max(1, len(shown) // 6), label=label,
        )  # fmt: skip
    left.set(title="residual", xlabel="iteration", ylabel="‖ĝ - (F + λI)x‖ / ‖ĝ‖", ylim=(1e-13, 1e6))
    left.legend(fontsize=6.5, loc="upper right", handlelength=1.6, borderaxespad=0.1)
    for ax, kind, title, unit in (
        (middle, "operations", "operations of a direction", "floating-point operations"),
        (right, "bytes", "memory of a direction", "bytes held"),
    ):
        for method, words, colour, marker in (
            ("dense", "dense solve", DIRECTION_COLOURS["vanilla"], "s"),
            ("cg", "conjugate gradient", DIRECTION_COLOURS["natural"], "o"),
        ):
            column = fisher_costs[f"{method}_{kind}"]
            ax.loglog(
                fisher_costs["parameters"], column, color=colour, marker=marker, ms=4, lw=1.3, label=words
            )
        ax.set(title=title, xlabel="parameters P", ylabel=unit)
    middle.legend(fontsize=7.5, loc="upper left")
    return figure


def findings(fisher_residuals: pd.DataFrame, fisher_costs: pd.DataFrame) -> str:
    """Product over gradient, and the ratio at the largest network."""
    largest = fisher_costs.loc[fisher_costs["parameters"].idxmax()]
    return (
        f"A product with F costs {largest['product_over_gradient']:.2f} gradients of the same batch at "
        f"{largest['parameters']:,.0f} parameters. There the direction takes {largest['iterations']:.0f} "
        f"iterations; a dense solve takes {largest['dense_operations'] / largest['cg_operations']:.1g} times "
        f"the operations and {largest['dense_bytes'] / largest['cg_bytes']:.1g} times the memory."
    )
