"""P5 Cosine to the true gradient by batch size

For every environment a row for each estimator: a line from the cosine of a small batch to that of the
largest, mostly nearer to one, for an untrained, a half-trained and a trained policy.

Mean cosine between the estimate of one batch and ∇J: the line runs from the smallest batch of the study to
the largest, where a point stands with its 95 % bootstrap interval over the batches. One is the true
direction, zero says nothing about it; an estimate that is zero counts as zero. A cosine knows no length:
where a rare trajectory turns the step round, a small batch that misses it may do better than a large one. A
stage is left out where the root-mean-square error of the reference is over a third of its length: a policy
that has nothing left to learn has no direction to find. † marks what is biased by its making (P4).
"""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.style import stages
from pgpipe.lecture.variance_reduction.figures._estimator_rows import (
    largest_batch,
    places,
    rows_of_panels,
    shades,
    stage_legend,
)

UNUSABLE = 1 / 3  # error of a reference over its length, from which on it shows no direction


def draw(
    gradient_quality: pd.DataFrame, gradient_reference: pd.DataFrame, estimators: pd.DataFrame
) -> Figure:
    """One panel for each environment, one row for each estimator."""
    order = stages(gradient_quality)
    reference = gradient_reference.set_index(["environment", "policy"])
    lost = reference["gradient_rms_error"] > UNUSABLE * reference["gradient_norm"]
    key = pd.MultiIndex.from_frame(gradient_quality[["environment", "policy"]])
    told = gradient_quality[~lost.reindex(key).to_numpy(bool)]
    figure, panels, names = rows_of_panels(gradient_quality, estimators, across=3)
    sizes = sorted(gradient_quality["batch_size"].unique())
    for environment, (ax,) in panels.items():
        rows = largest_batch(told[told["environment"] == environment])
        small = told[(told["environment"] == environment) & (told["batch_size"] == sizes[0])]
        y, colours = places(rows, names, order), shades(rows)
        start = small.set_index(["estimator", "policy"])["cosine"]
        begin = start.reindex(pd.MultiIndex.from_frame(rows[["estimator", "policy"]])).to_numpy()
        ax.hlines(y, begin, rows["cosine"], color=colours, lw=0.8)
        ax.hlines(y, rows["cosine_low"], rows["cosine_high"], color=colours, lw=2.2)
        ax.scatter(rows["cosine"], y, s=9, color=colours, zorder=3)
        ax.axvline(0, color="0.5", lw=0.8)
        ax.set_xlim(min(-0.1, *told[["cosine", "cosine_low"]].min().dropna()), 1.05)
        ax.set_xticks([0.0, 0.5, 1.0])  # numbers of neighbouring panels keep apart
        ax.set_xlabel("cosine to ∇J", fontsize=7.5)
        ax.tick_params(axis="x", labelsize=7)
        if rows.empty:
            ax.text(0.5, 0.5, "∇J cannot be\ntold from 0", transform=ax.transAxes, ha="center", color="0.35")
    text = f"{sizes[0]} to {sizes[-1]} trajectories" if len(sizes) > 1 else f"{sizes[0]} trajectories"
    stage_legend(figure, gradient_quality, Line2D([], [], color="0.4", lw=0.8, label=text))
    return figure
