"""P17 One step in three parameterisations

Two panels over the KL that a step asks for, on logarithmic axes. On the left the difference between the
policies that two parameterisations step to: for natural steps it falls in proportion to the KL, for vanilla
steps it stays of the size of the step. On the right the KL of a natural step over the one asked for, which
comes to one as steps get small, and that of the step that goes back, which stays below one.

One policy on the line, stepped by σ, log σ and σ². Left: KL between the two policies reached, over the KL
asked for, $\\varepsilon$. Right: KL of a natural step over $\\varepsilon$. Lines: median; bands: all pairs
and $(k, \\sigma)$.

Steps from several (k, σ), each with one batch, the same for all. The full step has the length √(2ε/dᵀFd)
along F⁻¹ĝ; that of training goes back along it until it is within ε. The power of ε is the median over
pairs and points, over those ε at which steps are small, as C26 asks; dotted, the share of ε below which it
counts a difference as none.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.looks import wide_log_axis
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH
from pgpipe.lecture.common.words import percent
from pgpipe.lecture.natural_gradient.claims.parameterisations import LARGE, NONE
from pgpipe.lecture.natural_gradient.criteria import ROUNDED_STEP, SLACK, SMALL_STEP

BLUE = "#1F2A44"
MARKS = {"vanilla": "s", "natural": "o"}
RED = DIRECTION_COLOURS["natural"]


def draw(step_differences: pd.DataFrame, step_sizes: pd.DataFrame) -> Figure:
    """Differences on the left, sizes on the right."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(WIDTH, 3.3), width_ratios=[1.25, 1], layout="constrained"
    )
    for direction, rows in step_differences.groupby("direction"):
        _band(left, rows, "ratio", DIRECTION_COLOURS[str(direction)], MARKS[str(direction)])
    left.axhline(NONE, color="0.4", lw=0.9, ls=":")
    wide_log_axis(left, vertical=True)
    natural = step_sizes[step_sizes["direction"] == "natural"]
    _band(right, natural, "ratio", RED, "o")
    _band(right, natural, "taken", BLUE, "v")
    right.axhline(1, color="0.4", lw=0.9)
    left.set(title="difference by parameterisation", ylabel="KL between the policies / ε")
    right.set(title="size of a natural step", ylabel="KL of the step / ε")
    for ax in (left, right):
        wide_log_axis(ax)
        ax.set_xlabel("KL asked for, ε (nats per step)")
    _words(left, right, step_differences, natural)
    return figure


def headline(step_differences: pd.DataFrame, step_sizes: pd.DataFrame) -> str:
    """Whether the policy that is reached depends on the parameterisation, at the smallest ε."""
    most = _at_smallest(step_differences)
    natural, vanilla = most.get("natural", np.nan), most.get("vanilla", np.nan)
    if natural < NONE and vanilla > LARGE:
        return "Small natural steps reach one policy by σ, log σ and σ²; vanilla steps do not"
    if natural > LARGE:
        return "Even small natural steps depend on the parameterisation here"
    return ""


def findings(step_differences: pd.DataFrame, step_sizes: pd.DataFrame) -> str:
    """How far apart the policies are at the largest ε."""
    natural = step_differences[step_differences["direction"] == "natural"]
    most = natural["epsilon"].max()
    apart = natural.loc[natural["epsilon"] == most, "ratio"].max()
    return f"At ε = {most:g} natural steps differ, too: by up to {apart:.2g} ε."


def _at_smallest(table: pd.DataFrame) -> "pd.Series[float]":
    """By direction, the largest difference over ε at the smallest ε."""
    least = table[table["epsilon"] == table["epsilon"].min()]
    return least.groupby("direction")["ratio"].max()


def _band(ax: Axes, rows: pd.DataFrame, column: str, colour: str, marker: str) -> None:
    """Median and range by ε."""
    by = rows.groupby("epsilon")[column]
    low, middle, high = by.min(), by.median(), by.max()
    ax.fill_between(middle.index, low, high, color=colour, alpha=0.18, lw=0)
    ax.plot(middle.index, middle, color=colour, marker=marker, ms=4.5, lw=1.6)


def _number(value: float) -> str:
    """Two digits; a power of ten where it is far below one."""
    if not 0 < value < 0.001:
        return f"{value:.2g}"
    power = int(np.floor(np.log10(value)))
    return f"{value / 10**power:.1g}$\\times 10^{{{power}}}$".replace("{-", "{−")


def _slope(rows: pd.DataFrame) -> float:
    """The power of ε in the difference over ε, median over pairs and points; as in C26."""
    rows = rows[rows["epsilon"].between((1 - SLACK) * ROUNDED_STEP, (1 + SLACK) * SMALL_STEP)]
    slopes = [
        np.polyfit(np.log(own["epsilon"]), np.log(own["ratio"]), 1)[0]
        for _, own in rows[rows["ratio"] > 0].groupby(["point", "one", "other"])
        if len(own) > 1
    ]
    return float(np.median(slopes)) if slopes else np.nan


def _words(left: Axes, right: Axes, differences: pd.DataFrame, natural: pd.DataFrame) -> None:
    """What lines are, beside them, and how far apart policies are at the smallest ε."""
    least, largest = differences["epsilon"].min(), _at_smallest(differences)
    for direction, most in largest.items():
        colour, low = DIRECTION_COLOURS[str(direction)], direction == "natural"
        tie = {"arrowstyle": "-", "color": colour, "lw": 0.6, "relpos": (0, 0), "shrinkA": 1}
        left.annotate(
            f"{direction}: at most {_number(most)} ε", (least, most), (2, 46 if low else 5),
            textcoords="offset points", va="bottom", fontsize=9, color=colour,
            arrowprops=tie if low else None,
        )  # fmt: skip
    own = differences[differences["direction"] == "natural"]
    if np.isfinite(slope := _slope(own)):
        lowest = own.groupby("epsilon")["ratio"].min()
        at = lowest.index[len(lowest) // 2]
        left.annotate(
            f"like $ε^{{{slope:.2f}}}$", (at, lowest[at]), (8, -6), textcoords="offset points", va="top",
            fontsize=9.5, color=RED,
        )  # fmt: skip
    left.annotate(
        percent(NONE),
        (1, NONE),
        (3, 0),
        left.get_yaxis_transform(),
        "offset points",
        va="center",
        fontsize=8.5,
    )
    ends = natural[natural["epsilon"] == natural["epsilon"].max()]
    for words, height, colour in (
        ("full step", ends["ratio"].max(), RED),
        ("as taken, within ε", ends["taken"].min(), BLUE),
    ):
        right.annotate(
            words, (ends["epsilon"].iloc[0], height), (-24, 0), textcoords="offset points", ha="right",
            va="center", fontsize=9, color=colour,
        )  # fmt: skip
