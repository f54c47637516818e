"""P3 Variance and signal-to-noise by estimator

Two panels for each environment with a row for every estimator: on the left its variance relative to the plain
total return, on the right its signal-to-noise ratio, for an untrained, a half-trained and a trained policy.

Left: total variance of the gradient estimate over that of the total return, on the same rollouts; less than
one is better. Bars are 95 % intervals from a bootstrap that resamples the batches of both estimators alike;
a black stroke is the exact ratio, where all trajectories can be listed. There a star in the row of *return
mean* shows how far the best constants would go (E21): from one to the star is the possible reduction, from
one to the stroke what the mean gets of it (C10). An arrow at the left edge: no variance is left. Right:
signal-to-noise ratio ‖E ĝ‖²/tr Cov ĝ of one batch; no point where no signal can be told from the noise. Both
at the largest batch of the study. † marks what is biased by its making: a low variance may be bought with
bias (P4). Normalized advantages give the estimate another length than ∇J, so that its variance stands on
another scale; its signal-to-noise ratio can be compared.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.style import readable, stages
from pgpipe.lecture.variance_reduction.figures._estimator_rows import (
    largest_batch,
    log_ticks,
    places,
    rows_of_panels,
    shades,
    stage_legend,
)

# A variance this far below the yardstick's is rounding: the estimator has none. Normalized estimates, shorter
# than others where returns are large, are far below it too, but not that far.
NONE = 1e-10

BEST = "gold"


def draw(
    gradient_quality: pd.DataFrame,
    gradient_exact_variance: pd.DataFrame,
    gradient_reduction: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Figure:
    """Variance ratio and signal-to-noise side by side, two environments in a row."""
    table = largest_batch(gradient_quality)
    order = stages(table)
    exact = _exact_ratios(table, gradient_exact_variance, estimators)
    best = _best_constants(gradient_reduction, estimators)
    figure, panels, names = rows_of_panels(table, estimators, across=2, each=2)
    for environment, (ratio, snr) in panels.items():
        rows = table[table["environment"] == environment]
        y, colours = places(rows, names, order), shades(rows)
        seen = rows["variance_ratio"].to_numpy() > NONE
        spans = (rows["variance_ratio_low"].clip(lower=NONE)[seen], rows["variance_ratio_high"][seen])
        ratio.hlines(y[seen], *spans, color=np.array(colours)[seen], lw=1.4)
        ratio.scatter(rows["variance_ratio"].where(seen), y, s=9, color=colours, zorder=3)
        known = exact[exact["environment"] == environment]
        ratio.plot(known["ratio"], places(known, names, order), "|", color="black", ms=5, mew=0.9, zorder=4)
        ratio.set_title(f"{readable(environment)}: variance")
        snr.set_title(f"{readable(environment)}: signal")
        ratio.axvline(1, color="0.5", lw=0.8, zorder=1)
        if seen.any():
            ratio.set_xscale("log")
            _stars(ratio, best[best["environment"] == environment], names, order)
            log_ticks(ratio)
        ratio.set_xlabel("variance / total return's", fontsize=7.5)
        found = rows["snr"].to_numpy() > 0
        snr.scatter(rows["snr"].where(found), y, s=9, color=colours, zorder=3)
        if found.any():
            log_ticks(snr)
        snr.set_xlabel("signal-to-noise ratio", fontsize=7.5)
        if not found.any():
            snr.text(0.5, 0.5, "no signal found", transform=snr.transAxes, ha="center", color="0.35")
    n, replicates = table["batch_size"].max(), table["replicates"].max()
    figure.supxlabel(f"batches of {n} trajectories, {replicates} of them", fontsize=9)
    stroke = Line2D([], [], color="black", marker="|", ms=6, lw=0, label="exact")
    star = Line2D([], [], color=BEST, mec="black", mew=0.5, marker="*", ms=7, lw=0, label="best constants")
    more = [handle for handle, rows in ((stroke, exact), (star, best)) if len(rows)]
    stage_legend(figure, table, *more)
    return figure


def _best_constants(reduction: pd.DataFrame, estimators: pd.DataFrame) -> pd.DataFrame:
    """The variance that the best constants leave, over that of E11, in the row of the mean."""
    mean = composed_of(estimators, signal="total_return", baseline="mean")[:1]
    rows = reduction[reduction["none"] > 0]
    return rows.assign(estimator=mean[0], ratio=rows["optimal"] / rows["none"]) if mean else rows[:0]


def _stars(ax: Axes, best: pd.DataFrame, names: Sequence[str], order: Sequence[str]) -> None:
    """A star for each stage; an arrow at the left edge where nothing is left of the variance."""
    best = best[best["estimator"].isin(names)] if len(best) else best
    if best.empty:
        return
    y, ratio = places(best, names, order), best["ratio"].to_numpy()
    some = ratio > NONE
    ax.plot(ratio[some], y[some], "*", color=BEST, mec="black", mew=0.5, ms=7, zorder=5)
    left = ax.get_xlim()[0]
    (arrows,) = ax.plot(
        [left] * (~some).sum(), y[~some], "<", color=BEST, mec="black", mew=0.5, ms=5, zorder=5
    )
    arrows.set(clip_on=False, in_layout=False)
    ax.set_xlim(left=left)


def _exact_ratios(table: pd.DataFrame, exact: pd.DataFrame, estimators: pd.DataFrame) -> pd.DataFrame:
    """The exact variance of a batch over the exact one of E11, the yardstick, where both are known."""
    e11 = composed_of(estimators, signal="total_return", baseline="none")[:1]
    place = ["environment", "policy", "estimator", "batch_size"]
    total = exact.groupby(place, as_index=False)["variance"].sum()
    total["total"] = total["variance"] / total["batch_size"]
    at = ["environment", "policy", "batch_size"]
    known = total.merge(table[at].drop_duplicates(), on=at)
    yardstick = known[known["estimator"].isin(e11)].set_index(["environment", "policy"])["total"]
    key = pd.MultiIndex.from_frame(known[["environment", "policy"]])
    ratio = known["total"] / yardstick.reindex(key).to_numpy()
    return known.assign(ratio=ratio)[ratio > NONE]
