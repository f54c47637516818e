"""P4 Bias by estimator against the reference gradient

For every environment a row of points for each estimator: the z-scores of the bias along the true gradient lie
inside the band that an unbiased estimator keeps to, but for the estimators that are biased by their making.

Bias of the mean estimate along ∇J, in standard errors, one point for each stage of training, at the largest
batch; points beyond the axis are drawn at its end, as triangles. The reference is exact where it can be had;
elsewhere it is a large batch, whose own error is part of the standard error. Of the points of an unbiased
estimator 95 % lie in the grey band. † marks what is biased by its making.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.lecture.common.estimator_table import biased_by_making
from pgpipe.lecture.common.style import readable, stages
from pgpipe.lecture.variance_reduction.figures._estimator_rows import (
    largest_batch,
    places,
    rows_of_panels,
    shades,
    stage_legend,
)

WIDEST = 12.0  # standard errors; how much further a bias goes depends on nothing but the number of batches

# The reasons of `estimators.csv` in words.
REASONS = {
    "own trajectory": "the own trajectory counts in what is subtracted",
    "fitted value": "a fitted value function is trusted",
    "normalized advantages": "divided by the batch's own spread: another length, and another direction, too",
    "undiscounted score": "no γᵗ: where there is a discount, the gradient of no objective at all",
}


def draw(gradient_quality: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel for each environment, one row of points for each estimator."""
    table = largest_batch(gradient_quality)
    order = stages(table)
    figure, panels, names = rows_of_panels(table, estimators, across=3)
    for environment, (ax,) in panels.items():
        rows = table[(table["environment"] == environment) & table["bias_z"].notna()]
        y, z, colours = places(rows, names, order), rows["bias_z"].to_numpy(), np.array(shades(rows))
        ax.axvspan(-1.96, 1.96, color="0.88", zorder=0.5)
        ax.axvline(0, color="0.5", lw=0.8)
        for marker, those in (("o", abs(z) <= WIDEST), ("<", z < -WIDEST), (">", z > WIDEST)):
            ax.scatter(
                np.clip(z[those], -WIDEST, WIDEST),
                y[those],
                s=12,
                marker=marker,
                color=colours[those],
                zorder=3,
            )
        ax.set_xlim(-1.08 * WIDEST, 1.08 * WIDEST)
        ax.set_xlabel("bias along ∇J (standard errors)", fontsize=7.5)
        ax.tick_params(axis="x", labelsize=7)
    stage_legend(figure, table)
    return figure


def findings(gradient_quality: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """Who is biased by its making, and why."""
    shown = set(gradient_quality["estimator"])
    names: dict[str, list[str]] = {}
    for name, reasons in biased_by_making(estimators).items():
        for reason in reasons if name in shown else []:
            names.setdefault(REASONS.get(reason, reason), []).append(f"*{readable(name)}*")
    said = [f"{', '.join(of)} ({reason})" for reason, of in names.items()]
    return f"Biased by their making: {'; '.join(said)}." if said else ""
