"""P18 What a group's baseline makes of the gradient

On the left, large, the factor between the expected estimate of normalised groups and the gradient, over the
success probability, a curve for each size of the group, with measured points on the curves: a bowl that
deepens with the size, flat at 1 for groups of two. On the right, over the size of the group, above the factor
of the two baselines that only subtract a mean, below the angle between the expected estimate and the gradient
where several prompts are answered.

Lines are exact, points the means over groups of fresh rollouts; their intervals hold together at 95 %.

Left and above one prompt alone, whose right response is one token and earns 1. Above, a group's own mean
gives 1 - 1/G at every p, and points of one G are the success probabilities side by side. Below, all prompts
together, equally often: an angle is positive toward those that are rarely or nearly always answered right.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from pgpipe.lecture.after_the_lecture.figures._group_looks import form_looks
from pgpipe.lecture.common.extents import log_scale
from pgpipe.lecture.common.labels import End, label_ends, plain_numbers
from pgpipe.lecture.common.looks import Look
from pgpipe.lecture.common.style import WIDTH

APART = 0.035  # between points of one size, in powers of ten
WITHOUT_END = "0.45"  # the colour of groups without end


def draw(
    group_ratios: pd.DataFrame, group_curves: pd.DataFrame, group_directions: pd.DataFrame,
    estimators: pd.DataFrame,
) -> Figure:  # fmt: skip
    """Three panels."""
    figure, panels = plt.subplot_mosaic(
        [["factor", "means"], ["factor", "angle"]],
        figsize=(WIDTH, 4.8),
        layout="constrained",
        width_ratios=(6, 5),
    )
    looks = form_looks(estimators)
    _factors(panels["factor"], group_curves, group_ratios, looks["normalized"])
    _means(panels["means"], group_ratios, looks)
    _angles(panels["angle"], group_directions, looks)
    return figure


def headline(
    group_ratios: pd.DataFrame, group_curves: pd.DataFrame, group_directions: pd.DataFrame,
    estimators: pd.DataFrame,
) -> str:  # fmt: skip
    """How long and how far off normalised groups of the largest size are."""
    rows = group_directions[group_directions["form"] == "normalized"]
    factors = group_ratios[group_ratios["form"] == "normalized"]
    if rows.empty or factors.empty:
        return ""
    last = rows.loc[rows["group_size"].idxmax()]
    own = factors.loc[factors["group_size"] == factors["group_size"].max(), "exact"]
    return (
        f"Normalising stretches by {own.min():.1f} to {own.max():.1f} at G = {last['group_size']}, and turns "
        f"{last['prompts']} prompts by {last['exact']:.0f}°"
    )


def findings(
    group_ratios: pd.DataFrame, group_curves: pd.DataFrame, group_directions: pd.DataFrame,
    estimators: pd.DataFrame,
) -> str:  # fmt: skip
    """How many measured points hold their exact value."""
    both = [(group_ratios, "E ĝ/∇p"), (group_directions, "the angle")]
    told = []
    for table, words in both:
        inside = (table["low"] <= table["exact"]) & (table["exact"] <= table["high"])
        told.append(f"{inside.sum()} of {len(table)} intervals of {words} hold the exact value")
    return f"{' and '.join(told)}."


def _factors(ax: Axes, curves: pd.DataFrame, ratios: pd.DataFrame, look: Look) -> None:
    """The factor of normalised groups over p, by size."""
    sizes = sorted(curves["group_size"].unique())
    ends = []
    for i, G in enumerate(sizes):
        colour = _shade(look.colour, 0.6 + 0.4 * (i + 1) / len(sizes))
        own = curves[curves["group_size"] == G].sort_values("success")
        ax.plot(own["success"], own["exact"], color=colour, lw=1.5)
        ends.append(End.of(own, "success", "exact", f"G = {G}", colour))
        points = ratios[(ratios["form"] == "normalized") & (ratios["group_size"] == G)]
        _points(ax, points["success"], points, "ratio", Look(colour, look.marker, "", ""))
    limit = curves.drop_duplicates("success").sort_values("success")
    ax.plot(limit["success"], limit["limit"], color=WITHOUT_END, lw=1.1, ls="--")
    ends.append(End.of(limit, "success", "limit", "G → ∞", WITHOUT_END))
    if curves["success"].between(0, 1, inclusive="neither").any():  # else there is no such axis
        ax.set(xscale="logit", xlim=(0.009, 0.991))
    log_scale(ax, vertical=True)
    ax.set(title="normalised groups (GRPO), one prompt", xlabel="success probability p", ylabel="E ĝ / ∇p")
    ax.xaxis.set_major_locator(FixedLocator([0.02, 0.1, 0.5, 0.9, 0.98]))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.xaxis.set_minor_locator(NullLocator())
    plain_numbers(ax.yaxis)
    label_ends(ax, ends, apart=0.05)


def _means(ax: Axes, ratios: pd.DataFrame, looks: dict[str, Look]) -> None:
    """The factor of what only subtracts a mean, over the size of the group."""
    ends = []
    for form in ("leave_one_out", "own_mean"):
        rows, look = ratios[ratios["form"] == form].sort_values("group_size"), looks[form]
        if rows.empty:
            continue
        line = rows.drop_duplicates("group_size")
        ax.plot(line["group_size"], line["exact"], color=look.colour, lw=1.5)
        successes = sorted(rows["success"].unique())
        for i, p in enumerate(successes):
            own = rows[rows["success"] == p]
            _points(
                ax, own["group_size"] * 10 ** (APART * (i - (len(successes) - 1) / 2)), own, "ratio", look
            )
        ends.append(End.of(line, "group_size", "exact", look.label.replace(" (", "\n("), look.colour))
    _sizes(ax, ratios)
    ax.tick_params(labelbottom=False)
    ax.set(title="a mean subtracted, one prompt", ylabel="E ĝ / ∇p", xlabel="")
    label_ends(ax, ends, apart=0.24)


def _angles(ax: Axes, table: pd.DataFrame, looks: dict[str, Look]) -> None:
    """The angle of all forms where several prompts are answered."""
    ends = []
    for form, look in looks.items():
        rows = table[table["form"] == form].sort_values("group_size")
        if rows.empty:
            continue
        place = APART * (list(looks).index(form) - 1)
        ax.plot(rows["group_size"], rows["exact"], color=look.colour, lw=1.5)
        _points(ax, rows["group_size"] * 10**place, rows, "degrees", look)
        ends.append(End.of(rows, "group_size", "exact", look.label.replace(" (", "\n("), look.colour))
    if len(table):
        limit = table["limit"].iloc[0]
        ax.axhline(limit, color=WITHOUT_END, lw=1.1, ls="--")
        ends.append(End(float(table["group_size"].max()), float(limit), "G → ∞", WITHOUT_END))
    _sizes(ax, table)
    prompts = table["prompts"].iloc[0] if len(table) else 0
    ax.set(
        title=f"{prompts} prompts together", xlabel="responses in a group G", ylabel="angle from ∇J (degrees)"
    )
    label_ends(ax, ends, apart=0.2)


def _sizes(ax: Axes, table: pd.DataFrame) -> None:
    sizes = sorted(table["group_size"].unique())
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{G}" for G in sizes])
    ax.xaxis.set_minor_locator(NullLocator())


def _points(ax: Axes, x: "pd.Series[float]", rows: pd.DataFrame, column: str, look: Look) -> None:
    """Measured values with their intervals."""
    bars = [(rows[column] - rows["low"]).clip(lower=0), (rows["high"] - rows[column]).clip(lower=0)]
    ax.errorbar(
        x, rows[column], bars, fmt=look.marker, ms=5, elinewidth=1.1, color=look.colour, mec="white", mew=0.4
    )


def _shade(colour: str, strength: float) -> str:
    """The colour, nearer to white the weaker it is."""
    r, g, b = (1 - strength * (1 - part) for part in to_rgb(colour))
    return to_hex((r, g, b))
