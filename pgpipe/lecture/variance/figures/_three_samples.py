"""What F3, F4 and F5 share: one case of the three samples, drawn and said in numbers."""

from collections.abc import Iterable
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.lecture.common.style import COLOURS, WIDTH

BEFORE, AFTER, CURVE = "0.45", COLOURS[0], COLOURS[3]

# Good and bad samples: colour and marker.
GOOD, BAD = (COLOURS[2], "^"), (COLOURS[1], "v")


def draw_case(case: str, samples: pd.DataFrame, steps: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Three columns, returns above and densities below: before, the samples, after the step."""
    step, curve = _step(case, steps), curves[curves["case"] == case]
    rows = _marked(case, samples)
    figure, axes = plt.subplots(
        2, 3, figsize=(WIDTH, 3.9), sharex=True, sharey="row", layout="constrained", height_ratios=(1.25, 1)
    )
    for above, below in axes.T:
        above.axhline(0, color="0.75", lw=0.8, zorder=0)
        above.plot(curve["x"], curve["return"], color=CURVE, lw=1.4, label="return r(x)")
        below.fill_between(curve["x"], curve["density"], color="0.93", lw=0)
        below.plot(curve["x"], curve["density"], color=BEFORE, lw=1.3, label="policy before the step")
        below.set_xlabel("x, which stands for the trajectory")
    _bars(axes[0, 1], rows, opacity=1.0)
    _bars(axes[0, 2], rows, opacity=0.35)
    _pushes(axes[0, 2], rows)
    axes[1, 1].plot(
        [row["x"] for row in rows], [0] * len(rows), "|", color="black", ms=14, mew=1.5, label="sample"
    )
    # one scale for all three figures
    _shift(axes[1, 2], step, curve, top=curves[["density", "new_density"]].max(axis=None))
    for ax, title in zip(axes[0], ("the policy and the return", "three samples", "one step"), strict=True):
        ax.set_title(title)
    axes[0, 0].set_ylabel("return")
    axes[1, 0].set_ylabel("probability density")
    _legend(figure, axes)
    return figure


def say_case(case: str, samples: pd.DataFrame, steps: pd.DataFrame) -> str:
    """Samples, returns, gradient, and the policy before and after."""
    step, rows = _step(case, steps), samples[samples["case"] == case]
    return (
        f"Samples $x = ({_listed(rows['x'])})$, the first such three in {step['draws']} draws; "
        f"their returns $({_listed(rows['return'])})$. Sample gradient by $(\\mu, \\log\\sigma)$: "
        f"$({_listed([step['gradient_mean'], step['gradient_log_spread']])})$. "
        f"A step of size {step['learning_rate']:g} takes the policy "
        f"from $\\mu = {step['mean']:.2f}$, $\\sigma = {step['spread']:.2f}$ "
        f"to $\\mu = {step['new_mean']:.2f}$, $\\sigma = {step['new_spread']:.2f}$."
    )


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:z.2f}" for value in values)


def _step(case: str, steps: pd.DataFrame) -> dict[str, Any]:
    return steps[steps["case"] == case].to_dict("records")[0]


def _marked(case: str, samples: pd.DataFrame) -> list[dict[str, Any]]:
    """The case's samples with their marks: in every case the bad one is that with the lowest return."""
    rows = samples[samples["case"] == case].to_dict("records")
    worst = min(row["return"] for row in rows)
    marks = [BAD if row["return"] == worst else GOOD for row in rows]
    return [{**row, "colour": mark[0], "marker": mark[1]} for row, mark in zip(rows, marks, strict=True)]


def _bars(ax: Axes, rows: list[dict[str, Any]], opacity: float) -> None:
    """A bar from zero to the return of every sample, with its marker at the end."""
    for row in rows:
        x, end, ink = row["x"], row["return"], {"color": row["colour"], "alpha": opacity}
        ax.plot([x, x], [0, end], lw=5, solid_capstyle="butt", **ink)
        ax.plot(x, end, row["marker"], ms=8, mec="white", **ink)


def _pushes(ax: Axes, rows: list[dict[str, Any]]) -> None:
    """At every sample's return an arrow: where it alone would push the mean."""
    for row in rows:
        _arrow(ax, row["x"], row["x"] + row["push"], row["return"], "black")


def _shift(ax: Axes, step: dict[str, Any], curve: pd.DataFrame, top: float) -> None:
    """The policy after the step, and an arrow from the old mean to the new one."""
    ax.plot(curve["x"], curve["new_density"], color=AFTER, lw=1.8, label="policy after the step")
    for mean, colour in ((step["mean"], BEFORE), (step["new_mean"], AFTER)):
        ax.axvline(mean, ymax=0.98, color=colour, lw=0.9, ls=":")
    ax.set_ylim(0, 1.22 * top)
    _arrow(ax, step["mean"], step["new_mean"], 1.1 * top, AFTER)


def _arrow(ax: Axes, start: float, end: float, height: float, colour: str) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "lw": 1.4, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    ax.annotate("", (end, height), (start, height), arrowprops=style, zorder=5)


def _legend(figure: Figure, axes: Any) -> None:
    """One legend for all panels, above them."""
    handles = [
        Line2D([], [], color=colour, marker=marker, lw=4, ms=7, mec="white", label=label)
        for (colour, marker), label in ((GOOD, "good sample"), (BAD, "bad sample"))
    ]
    push = Line2D([], [], color="black", marker=">", lw=1.4, ms=4, label="its push on the mean")
    lines = [axes[0][0].get_lines()[1], axes[1][0].get_lines()[0], axes[1][2].get_lines()[1]]
    figure.legend(handles=[*lines, *handles, push], loc="outside upper center", ncols=3)
