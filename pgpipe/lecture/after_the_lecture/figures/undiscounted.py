"""P21 The direction without γᵗ: its curl, and where it leads

Above, the plane of k and σ for two discounts: grey arrows along the gradient of J, orange ones along the
direction without γᵗ, a little turned from them, and paths that follow either from the same starts to ends at
σ = 0 that lie together; the shade is the curl. Below on the left the circulation around a loop by discount:
zero with γᵗ, above zero without, falling to zero at γ = 1. On the right how much worse J is at the end of the
path, as a percentage.

Above: arrows and paths with $\\gamma^t$ in front of the score, $\\nabla J$, and without; shade: curl of the
latter. Ellipse: the loop. Below: circulation $\\oint g \\cdot d\\theta$ around it, lines exact, dots from
rollouts, 95 % intervals; and the loss of $J$ where the path without $\\gamma^t$ ends, exact.

All arrows have the same length. A direction is the gradient of something only if its circulation around every
loop is zero. Paths end where σ is used up. The loss is against the best k at the same σ, the largest over the
starts: with σ learned, and with σ kept at its start.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse
from numpy.typing import NDArray

from pgpipe.lecture.after_the_lecture.claims.undiscounted import ROUNDING
from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.labels import SIZE
from pgpipe.lecture.common.style import COLOURS, WIDTH

LOOKS = {"with": ("with γᵗ: ∇J", "#4D4D4D", "-"), "without": ("without γᵗ", COLOURS[1], "-")}
BLUE = to_rgb(COLOURS[0])
SHADE = LinearSegmentedColormap.from_list("curl", [(*BLUE, 0.0), (*BLUE, 0.75)], N=10)
WIDTHS = {"with": 3.2, "without": 1.4}  # grey lies wide below
ARROWS = 7  # on each axis, at most
SPREADS = {"learned": ("σ learned", "--"), "fixed": ("σ fixed", "-")}


def draw(
    discount_field: pd.DataFrame, discount_circulation: pd.DataFrame, discount_paths: pd.DataFrame,
    discount_ends: pd.DataFrame,
) -> Figure:  # fmt: skip
    """Two discounts above, circulation and loss by discount below."""
    gammas = _shown(discount_field)
    figure, axes = plt.subplots(2, 2, figsize=(WIDTH, 6.2), layout="constrained")
    largest = discount_field["without_curl"].abs().max()
    for ax, gamma in zip(axes[0], gammas, strict=False):
        own = discount_field[discount_field["gamma"] == gamma]
        shade = _field(ax, own, max(largest, 1e-9))
        _paths(ax, discount_paths[discount_paths["gamma"] == gamma])
        _loop(ax, discount_circulation)
        ax.set(title=f"γ = {gamma:g}", xlabel="gain k")
    axes[0, 0].set_ylabel("action spread σ")
    for ax in axes[0, len(gammas) :]:
        ax.set_axis_off()
    _circulation(axes[1, 0], discount_circulation)
    _losses(axes[1, 1], discount_ends)
    handles: list[Any] = [
        Line2D([], [], color=colour, ls=line, lw=1.8, label=words) for words, colour, line in LOOKS.values()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    if not gammas:
        return figure
    bar = figure.colorbar(shade, ax=axes[0], label="size of the curl without γᵗ", shrink=0.9)
    bar.set_ticks([float(f"{share * largest:.1g}") for share in (0, 0.01, 0.05, 0.2, 0.5, 0.95)])
    return figure


def headline(
    discount_field: pd.DataFrame, discount_circulation: pd.DataFrame, discount_paths: pd.DataFrame,
    discount_ends: pd.DataFrame,
) -> str:  # fmt: skip
    """Whether it is no gradient, and what following it costs."""
    own = discount_circulation[
        (discount_circulation["form"] == "without") & (discount_circulation["gamma"] < 1)
    ]
    lost = 100 * discount_ends.loc[discount_ends["form"] == "without", "loss"].max()
    turns = len(own) > 0 and (own["circulation"].abs() > 1e-6).all()
    costs = (
        f"yet following it costs at most {lost:.1g} %"
        if lost < 1
        else f"and following it costs up to {lost:.2g} %"
    )
    return f"Without γᵗ it is no gradient, {costs} of J" if turns else ""


def findings(
    discount_field: pd.DataFrame, discount_circulation: pd.DataFrame, discount_paths: pd.DataFrame,
    discount_ends: pd.DataFrame,
) -> str:  # fmt: skip
    """How far the two directions are turned, and what is behind the dots."""
    told = []
    for gamma in _shown(discount_field):
        own = discount_field.loc[discount_field["gamma"] == gamma, "degrees"]
        told.append(f"{own.median():.2g}° at γ = {gamma:g} (at most {own.max():.2g}°)")
    if not told:
        return ""
    n = discount_circulation["n"].max()
    walks = f" {n:,} walks behind each dot." if n > 0 else ""
    return f"The directions are {' and '.join(told)} apart, median over the plane.{walks}"


def _shown(field: pd.DataFrame) -> list[float]:
    """The largest and the smallest γ below 1, or what there is."""
    gammas = sorted(field["gamma"].unique(), reverse=True)
    below = [gamma for gamma in gammas if gamma < 1] or gammas[:1]
    return list(dict.fromkeys([*below[:1], *below[-1:]]))


def _field(ax: Axes, own: pd.DataFrame, largest: float) -> Any:
    """The curl as a shade, and arrows of both directions."""
    ks, sigmas = (np.sort(own[axis].unique()) for axis in ("k", "sigma"))
    curl = own.pivot_table(index="sigma", columns="k", values="without_curl").abs()
    shade = ax.imshow(
        curl.to_numpy(), cmap=SHADE, norm=PowerNorm(0.4, 0, largest), interpolation="bilinear",
        origin="lower", aspect="auto", extent=(*_cells(ks), *_cells(sigmas)),
    )  # fmt: skip
    few = [axis[:: max(1, -(-len(axis) // ARROWS))] for axis in (ks, sigmas)]
    rows = own[own["k"].isin(few[0]) & own["sigma"].isin(few[1])]
    for form in LOOKS:
        x, y = rows[f"{form}_k"] / np.ptp(ks), rows[f"{form}_sigma"] / np.ptp(sigmas)  # as long as it looks
        length = np.hypot(x, y)
        ax.quiver(
            rows["k"], rows["sigma"], x / length, y / length, color=LOOKS[form][1], angles="uv", scale=13,
            width=0.0035 * (1 + (form == "with")), headwidth=5.5, pivot="mid",
        )  # fmt: skip
    ax.grid(visible=False)
    return shade


def _cells(places: NDArray[np.float64]) -> tuple[float, float]:
    """From half a cell below the first to half a cell above the last."""
    half = np.diff(places).mean() / 2 if len(places) > 1 else 0.5
    return float(places[0] - half), float(places[-1] + half)


def _paths(ax: Axes, paths: pd.DataFrame) -> None:
    """Both directions followed from their starts."""
    for form, width in WIDTHS.items():
        _, colour, line = LOOKS[form]
        for _, path in paths[paths["form"] == form].groupby("start"):
            ax.plot(path["k"], path["sigma"], color=colour, ls=line, lw=width, zorder=3)
            ax.plot(path["k"].iloc[0], path["sigma"].iloc[0], "o", ms=4.5, color="black", zorder=4)
    ax.set_ylim(bottom=0)


def _loop(ax: Axes, table: pd.DataFrame) -> None:
    """The ellipse around which it is measured."""
    row = table.iloc[0]
    around, sides = (row["loop_k"], row["loop_sigma"]), (2 * row["half_k"], 2 * row["half_sigma"])
    ax.add_patch(Ellipse(around, *sides, fill=False, ec=COLOURS[0], lw=1.6, ls=(0, (4, 2)), zorder=2))


def _circulation(ax: Axes, table: pd.DataFrame) -> None:
    """Exact over γ, and measured."""
    for form, (_, colour, line) in LOOKS.items():
        own = table[table["form"] == form].sort_values("gamma")
        ax.plot(own["gamma"], own["circulation"], color=colour, ls=line, lw=1.5)
        dots = own[own["n"] > 0]
        reach = bars(dots, "measured")
        ax.errorbar(dots["gamma"], dots["measured"], reach, fmt="o", ms=4.5, color=colour, lw=1, capsize=2)
    ax.set(title="around the loop", xlabel="discount γ", ylabel="circulation ∮ g·dθ")


def _losses(ax: Axes, ends: pd.DataFrame) -> None:
    """The largest loss over starts, in per cent."""
    own = ends[ends["form"] == "without"]
    named = []
    colour = LOOKS["without"][1]
    for spread, (words, line) in SPREADS.items():
        worst = own[own["spread"] == spread].groupby("gamma")["loss"].max()
        percent = 100 * worst.where(worst > ROUNDING, 0.0)
        ax.plot(percent.index, percent, color=colour, ls=line, lw=1.6)
        if len(percent):
            middle = percent.index[len(percent) // 3]
            named.append((middle, percent[middle], words))
    ax.set(title="what following it costs", xlabel="discount γ", ylabel="loss of J (%)")
    for x, y, words in named:
        ax.annotate(words, (x, y), (4, 5), textcoords="offset points", color=colour, fontsize=SIZE)
