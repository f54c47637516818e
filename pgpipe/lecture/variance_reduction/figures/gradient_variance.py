"""P3 Variance by estimator, relative to the total return

A table of numbers with a row for each estimator and a column for each environment: the variance over that
of the total return. Cells are blue below one, the darker the lower, and red with a frame above one.

Total variance of each estimate over that of the total return: blue below one, red and framed above, without
a shade where it cannot be told from one. Bold numbers are exact. † may be biased (P4), and is left out of
the headline.

Measured ratios stand on the same rollouts, at the largest batch of the study; a cell has no shade where the
95 % interval from a bootstrap that resamples the batches of both estimators alike contains one. Ratios are
exact where all trajectories can be listed; there the row *best constants* has what the best constant of
each parameter (E21) would leave of the total return's variance, without the noise of estimating it (C10).
Some estimators are left out, as their variance stands on another scale: normalized advantages, scores
without their γᵗ, and what is divided by a length or a constant. Other stages, intervals and signal-to-noise
ratios are in `gradient_quality.csv`.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pgpipe.lecture.common.estimator_table import biased_by_making, composed_of
from pgpipe.lecture.common.ladder import formulas
from pgpipe.lecture.common.style import WIDTH, readable
from pgpipe.lecture.variance_reduction.figures._ladder_rows import (
    in_order,
    label_rows,
    largest_batch,
    one_stage,
    stage_words,
)
from pgpipe.lecture.variance_reduction.figures._variance_cells import BEST, NONE, variance_cells
from pgpipe.lecture.variance_reduction.figures._words import listed, percent, short_number

LOWER, HIGHER = "#1F6FB2", "#C0392B"
DARKEST = 3.0  # powers of ten from one at which a cell is as dark as it gets
ROOM = 75.0  # points: the size of the environments' names times their number, at most
FAINT, STRONG = 0.08, 0.6  # opacities: black numbers can be read on both


def draw(
    gradient_quality: pd.DataFrame,
    gradient_exact_variance: pd.DataFrame,
    gradient_reduction: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Figure:
    """One cell for each estimator and environment."""
    cells = variance_cells(gradient_quality, gradient_exact_variance, gradient_reduction, estimators)
    environments, rows = list(gradient_quality["environment"].unique()), _rows(cells, estimators)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.95 + 0.27 * len(rows)), layout="constrained")
    label_rows(ax, rows, biased_by_making(estimators), formulas(estimators) | {BEST: "exact, E21"})
    _part_signals(ax, rows, estimators)
    for _, cell in cells.iterrows():
        _cell(ax, environments.index(cell["environment"]), rows.index(cell["estimator"]), cell)
    ax.set(xlim=(-0.5, len(environments) - 0.5))
    ax.set_xticks(range(len(environments)), [readable(name) for name in environments])
    ax.tick_params(axis="x", labelsize=min(8.5, ROOM / max(1, len(environments))))
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set_title("variance ÷ that of the total return", pad=10)
    shown = one_stage(largest_batch(gradient_quality))
    n, batches = shown["batch_size"].max(), shown["replicates"].max()
    ax.set_xlabel(f"{stage_words(shown)}, {batches} batches of {n} trajectories")
    return figure


def headline(
    gradient_quality: pd.DataFrame,
    gradient_exact_variance: pd.DataFrame,
    gradient_reduction: pd.DataFrame,
    estimators: pd.DataFrame,
) -> str:
    """How far unbiased estimators take the variance down and up."""
    cells = variance_cells(gradient_quality, gradient_exact_variance, gradient_reduction, estimators)
    cells = cells[~cells["estimator"].isin([BEST, *biased_by_making(estimators)])]
    lower, higher = (cells[cells["side"] == side] for side in ("lower", "higher"))
    best = lower.loc[lower["ratio"].idxmin()] if len(lower) else None
    worst = higher.loc[higher["ratio"].idxmax()] if len(higher) else None
    down = "" if best is None else percent(best["ratio"])
    up = "" if worst is None else f"{short_number(worst['ratio'])} times"
    if best is None:
        return (
            ""
            if worst is None
            else f"Up to {up} the total return’s variance, on {readable(worst['environment'])}"
        )
    where = readable(best["environment"])
    if worst is None:
        return f"Down to {down} of the total return’s variance, on {where}"
    return (
        f"From {down} of the total return’s variance on {where} to {up} on {readable(worst['environment'])}"
    )


def findings(
    gradient_quality: pd.DataFrame,
    gradient_exact_variance: pd.DataFrame,
    gradient_reduction: pd.DataFrame,
    estimators: pd.DataFrame,
) -> str:
    """Where the reward to go (C8) and the mean (C10) raise the variance."""
    cells = variance_cells(gradient_quality, gradient_exact_variance, gradient_reduction, estimators)
    higher = cells[cells["side"] == "higher"]
    said = []
    for words, parts in (
        ("Reward to go", {"signal": "reward_to_go", "baseline": "none"}),
        ("The mean return as a baseline", {"signal": "total_return", "baseline": "mean"}),
    ):
        raised = higher[higher["estimator"].isin(composed_of(estimators, **parts)[:1])]
        if len(raised):
            said.append(f"{words} raises it on {listed([readable(e) for e in raised['environment']])}.")
    return " ".join(said)


def _rows(cells: pd.DataFrame, estimators: pd.DataFrame) -> list[str]:
    """Estimators from above to below; the best constants under those of the total return."""
    names = in_order(cells, estimators)
    if BEST not in set(cells["estimator"]):
        return names
    signals = estimators.set_index("estimator")["signal"]
    place = max((i + 1 for i, name in enumerate(names) if signals[name] == "total_return"), default=0)
    return [*names[:place], BEST, *names[place:]]


def _part_signals(ax: Axes, rows: list[str], estimators: pd.DataFrame) -> None:
    """A line where the credit changes: total return, reward to go, another."""
    signals = estimators.set_index("estimator")["signal"].to_dict() | {BEST: "total_return"}
    credits = [signals[row] if signals[row] in ("total_return", "reward_to_go") else "other" for row in rows]
    for place, (above, below) in enumerate(pairwise(credits), start=1):
        if above != below:
            ax.axhline(place - 0.5, color="0.6", lw=0.8)


def _cell(ax: Axes, x: int, y: int, cell: "pd.Series[float]") -> None:
    """A shade by the logarithm of the ratio, and the number on it."""
    ratio, side = cell["ratio"], cell["side"]
    if side in ("lower", "higher"):
        depth = min(1.0, abs(np.log10(max(ratio, NONE))) / DARKEST)
        colour = LOWER if side == "lower" else HIGHER
        shade = {"facecolor": colour, "alpha": FAINT + (STRONG - FAINT) * depth}
        ax.add_patch(Rectangle((x - 0.47, y - 0.44), 0.94, 0.88, lw=0, **shade))
        if side == "higher":
            ax.add_patch(Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, fill=False, ec=HIGHER, lw=1.2))
    said = short_number(ratio) if ratio > NONE else "0"
    weight = "bold" if cell["exact"] else "normal"
    ax.text(x, y, said, ha="center", va="center", fontsize=8.5, fontweight=weight, color="black")
