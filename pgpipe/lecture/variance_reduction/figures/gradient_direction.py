"""P5 Cosine to the true gradient by batch size

Up to three panels, one for each environment, with a row for each estimator: a line from the cosine to the
true gradient of a small batch, a hollow point, to that of the largest, a filled one nearer to one. The
estimators of the lecture's ladder are in colour, the others grey.

Mean cosine of one batch's estimate to ∇J: one is the true direction, zero says nothing about it. Thick bars
are 95 % intervals; † may be biased (P4). Shown are the environments in which unbiased estimators differ
most.

At most three environments, those with the widest range of cosines at the largest batch, one stage in each.
An environment is left out where the root-mean-square error of the reference is over a third of its length:
a policy that has nothing left to learn has no direction to find. An estimate that is zero counts as zero.
Intervals are from a bootstrap over the batches. A cosine knows no length: where a rare trajectory turns the
step round, a small batch that misses it may do better than a large one. All environments and stages are in
`gradient_quality.csv`.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.estimator_table import biased_by_making
from pgpipe.lecture.common.ladder import formulas, rungs
from pgpipe.lecture.common.style import WIDTH, palette, readable
from pgpipe.lecture.variance_reduction.figures._ladder_rows import (
    in_order,
    label_rows,
    largest_batch,
    one_stage,
    stage_words,
)

UNUSABLE = 1 / 3  # error of a reference over its length, from which on it shows no direction
PANELS = 3
OTHERS = "0.55"


def draw(
    gradient_quality: pd.DataFrame, gradient_reference: pd.DataFrame, estimators: pd.DataFrame
) -> Figure:
    """One panel for each environment, one row for each estimator."""
    told = _told(gradient_quality, gradient_reference)
    environments = _most_different(told, estimators)
    shown = told[told["environment"].isin(environments)]
    names = in_order(shown if len(shown) else gradient_quality, estimators)
    figure, axes = plt.subplots(
        1, max(1, len(environments)), figsize=(WIDTH, 1.1 + 0.24 * len(names)), sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    label_rows(axes[0, 0], names, biased_by_making(estimators), formulas(estimators))
    colours = {name: colour for name, colour in palette(estimators).items() if name in rungs(estimators)}
    low = min(0.0, *shown[["cosine", "cosine_low"]].min()) if len(shown) else 0.0
    for ax, environment in zip(axes[0], environments or [""], strict=True):
        rows = shown[shown["environment"] == environment]
        for name, each in rows.groupby("estimator", sort=False):
            _row(ax, names.index(str(name)), each.sort_values("batch_size"), colours.get(str(name), OTHERS))
        ax.axvline(0, color="0.5", lw=0.8)
        ax.set(xlim=(low - 0.04, 1.04), xticks=[0, 0.5, 1], title=readable(environment))
        ax.set_xlabel("cosine to ∇J")
        ax.grid(visible=False, axis="y")
    if not environments:
        axes[0, 0].set_title("no environment")
        axes[0, 0].text(0.5, 0.5, "∇J cannot be told from 0", transform=axes[0, 0].transAxes, ha="center")
    figure.supxlabel(_sizes(gradient_quality, shown), fontsize=9.5)
    return figure


def headline(
    gradient_quality: pd.DataFrame, gradient_reference: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """The cosines of the first and the best rung of the ladder, where they differ most."""
    rows = largest_batch(_told(gradient_quality, gradient_reference))
    wide = rows.pivot_table(index="environment", columns="estimator", values="cosine")
    ladder = [name for name in rungs(estimators) if name in wide]
    if len(ladder) < 2:
        return ""
    first, others = wide[ladder[0]], wide[ladder[1:]]
    place = (others.max(axis=1) - first).idxmax()
    best = others.loc[place].idxmax()
    if others.loc[place, best] <= first[place]:
        return f"No estimator points closer to ∇J than {readable(ladder[0])}"
    return (
        f"On {readable(place)} the cosine to ∇J is {first[place]:.2f} for {readable(ladder[0])}, "
        f"{others.loc[place, best]:.2f} for {readable(best)}"
    )


def _told(quality: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """The rows at one stage of environments whose ∇J is known well enough to have a direction."""
    rows = one_stage(quality)
    known = reference.set_index(["environment", "policy"])
    lost = known["gradient_rms_error"] > UNUSABLE * known["gradient_norm"]
    return rows[~lost.reindex(pd.MultiIndex.from_frame(rows[["environment", "policy"]])).to_numpy(bool)]


def _most_different(told: pd.DataFrame, estimators: pd.DataFrame) -> list[str]:
    """The environments with the widest ranges of cosines of unbiased estimators, in the table's order."""
    rows = largest_batch(told)
    unbiased = rows[~rows["estimator"].isin(biased_by_making(estimators))]
    cosines = (unbiased if len(unbiased) else rows).groupby("environment", sort=False)["cosine"]
    widest = (cosines.max() - cosines.min()).nlargest(PANELS).index
    return [str(name) for name in rows["environment"].unique() if name in widest]


def _row(ax: Axes, y: int, rows: pd.DataFrame, colour: str) -> None:
    """From the smallest batch, hollow, to the largest with its interval."""
    small, large = rows.iloc[0], rows.iloc[-1]
    ax.plot([small["cosine"], large["cosine"]], [y, y], color=colour, lw=1)
    ax.plot([large["cosine_low"], large["cosine_high"]], [y, y], color=colour, lw=3, solid_capstyle="butt")
    if len(rows) > 1:
        ax.plot(small["cosine"], y, "o", ms=4, mfc="white", mec=colour, mew=1.1)
    ax.plot(large["cosine"], y, "o", ms=5, color=colour)


def _sizes(quality: pd.DataFrame, shown: pd.DataFrame) -> str:
    """What hollow and filled points are, and of which policies."""
    small, *_, large = [*sorted(quality["batch_size"].unique())] * 2
    sizes = (
        f"filled: batches of {large}" if small == large else f"hollow: batches of {small}, filled: {large}"
    )
    return f"{sizes} trajectories" + (f"; {stage_words(shown)}" if len(shown) else "")
