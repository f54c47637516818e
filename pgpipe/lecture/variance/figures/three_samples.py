r"""F3 F4 F5 One gradient step on three samples, with three versions of the return

Three columns that differ by their returns alone, on the same three samples of a Gaussian policy, one bad and
two good. Each shows the return with a bar at every sample, an arrow for the push of every sample on the mean,
and the policy before and after the step. Left, the returns have both signs: the bad sample pushes the mean
away from itself. Middle, a constant makes all returns positive: the bad sample too pulls the mean to itself.
Right, the good samples' return is zero: the bad one alone pushes.

One dimension $x$ stands for the trajectory. F4 adds a constant to every return of F3; F5 makes the good
returns equal and zero. The policy's mean moves by the average of the three pushes.

A sample alone would push the mean by $\alpha \, (x_i - \mu)/\sigma^2 \, r_i$: a good one pulls it to itself,
a bad one drives it away. Arrows are to one scale in all columns; the numbers are the pushes. The step is
along the sample gradient $\frac1N \sum_i \nabla \log p(x_i) \, r_i$ of $\mathcal N(\mu, \sigma^2)$ by $\mu$
and $\log\sigma$. F5 has the returns $\min(r(x), b) - b$, with $b$ the lower of the two good ones: the best
samples there are do not act at all.

Samples are drawn from the policy until two are good, with a return above zero, and one is bad, at least half
a $\sigma$ apart and at most two from $\mu$.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.style import COLOURS, WIDTH
from pgpipe.lecture.common.trajectory_marks import MARKS

IDS = ("F3", "F4", "F5")
CASES = ("returns", "constant_added", "good_at_zero")

BEFORE, AFTER, CURVE = "0.45", COLOURS[0], COLOURS[3]

LEFT, RIGHT = -3.3, 3.7  # what is shown, in σ from μ
LONGEST = 1.6  # of the arrows, in σ
SAME = 0.01  # what two steps may differ by and be called one, in σ


def draw(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> Figure:
    """A column for each version of the return: returns, pushes, policies."""
    figure, axes = plt.subplots(
        3, 3, figsize=(WIDTH, 5.0), sharex=True, sharey="row", layout="constrained",
        height_ratios=(1.25, 0.72, 1.1),
    )  # fmt: skip
    first = three_steps.iloc[0]
    titles = ("returns as they are", f"returns + {_constant(three_samples):.3g}", "good ones at zero")
    unit = LONGEST * first["spread"] / (three_samples["push"].abs().max() or 1)
    for (above, middle, below), case, title, id in zip(axes.T, CASES, titles, IDS, strict=True):
        samples = _marked(three_samples[three_samples["case"] == case])
        curve = three_curves[three_curves["case"] == case]
        _returns(above, samples, curve)
        _pushes(middle, samples, unit)
        _policies(below, three_steps[three_steps["case"] == case].iloc[0], curve)
        above.set_title(f"{id}  {title}")
    below.set_xlim(limits(first["mean"] + LEFT * first["spread"], first["mean"] + RIGHT * first["spread"]))
    below.set_ylim(limits(0, 1.6 * three_curves[["density", "new_density"]].max(axis=None)))
    axes[0, 0].set_ylabel("return")
    axes[1, 0].set_ylabel("push on μ")
    axes[2, 0].set_ylabel("policy (density)")
    figure.supxlabel("x, which stands for the trajectory", fontsize=9.5)
    _labels(axes[0, 0], three_samples, three_curves)
    figure.align_ylabels(axes[:, 0])
    return figure


def headline(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> str:
    """Whether the constant changes the step."""
    steps = three_steps.set_index("case")[["new_mean", "new_spread"]]
    moved = (steps.loc["constant_added"] - steps.loc["returns"]).abs().max()
    if moved > SAME * three_steps["spread"].iloc[0]:
        return "Add a constant to every return: the same samples, another step"
    return "Add a constant to every return: on these samples, hardly another step"


def findings(three_samples: pd.DataFrame, three_steps: pd.DataFrame, three_curves: pd.DataFrame) -> str:
    """The constant, and the size of the step."""
    constant, rate = _constant(three_samples), three_steps["learning_rate"].iloc[0]
    return f"Here the constant is {constant:.3g}, and the size of the step $\\alpha = {rate:g}$."


def _constant(samples: pd.DataFrame) -> float:
    returns = samples.groupby("case")["return"].mean()
    return float(returns["constant_added"] - returns["returns"])


def _marked(samples: pd.DataFrame) -> list[dict[str, Any]]:
    """One case's samples with their marks: in every case the bad one is that with the lowest return."""
    worst = samples["return"].min()
    marks = [MARKS["bad" if value == worst else "good"] for value in samples["return"]]
    rows = samples.to_dict("records")
    return [
        {**row, "colour": colour, "marker": marker}
        for row, (colour, marker, _) in zip(rows, marks, strict=True)
    ]


def _returns(ax: Axes, samples: list[dict[str, Any]], curve: pd.DataFrame) -> None:
    """The return as a curve, and a bar from zero to the return of every sample."""
    ax.axhline(0, color="0.4", lw=0.8, zorder=1)
    ax.plot(curve["x"][::4], curve["return"][::4], color=CURVE, lw=1.4)
    for row in samples:
        ax.plot([row["x"]] * 2, [0, row["return"]], lw=4.5, solid_capstyle="butt", color=row["colour"])
        ax.plot(row["x"], row["return"], row["marker"], ms=8, mec="white", color=row["colour"], zorder=4)


def _pushes(ax: Axes, samples: list[dict[str, Any]], unit: float) -> None:
    """At every sample an arrow: where it alone would push the mean, a sample a level."""
    for level, row in enumerate(samples):
        x, y, push = row["x"], -level, row["push"]
        ax.plot(x, y, "|", ms=9, mew=1.6, color=row["colour"])
        if push:
            _arrow(ax, (x, y), (x + unit * push, y), row["colour"])
        behind = 1 if push < 0 else -1
        ax.annotate(
            _signed(push) if push else "no push", (x, y), (8 * behind, 0), textcoords="offset points",
            ha="left" if push < 0 else "right", va="center", fontsize=8.5, color="0.15",
        )  # fmt: skip
    ax.set(yticks=[], ylim=(-len(samples) + 0.4, 0.6))
    ax.grid(visible=False, axis="y")


def _policies(ax: Axes, step: "pd.Series[Any]", curve: pd.DataFrame) -> None:
    """The policy before and after the step, and an arrow from the old mean to the new one."""
    top = curve[["density", "new_density"]].max(axis=None)
    ax.fill_between(curve["x"][::4], curve["density"][::4], color=BEFORE, alpha=0.18, lw=0)
    ax.plot(curve["x"][::4], curve["density"][::4], color=BEFORE, lw=1.1)
    ax.plot(curve["x"][::4], curve["new_density"][::4], color=AFTER, lw=1.9)
    for mean, colour in ((step["mean"], BEFORE), (step["new_mean"], AFTER)):
        ax.plot([mean] * 2, [0, 1.08 * top], color=colour, lw=0.9, ls=":")
    _arrow(ax, (step["mean"], 1.08 * top), (step["new_mean"], 1.08 * top), AFTER)
    for new, word, x, side, colour in (
        ("", "before", 0.03, "left", "0.35"),
        ("new_", "after", 0.97, "right", AFTER),
    ):
        words = f"{word}\nμ {step[f'{new}mean']:z.2f}, σ {step[f'{new}spread']:.2f}"
        ax.text(x, 0.96, words, transform=ax.transAxes, ha=side, va="top", fontsize=8.5, color=colour)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 8}
    ax.annotate("", end, start, arrowprops=style, zorder=5)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


def _labels(ax: Axes, samples: pd.DataFrame, curves: pd.DataFrame) -> None:
    """What the first column's bars and curve are."""
    rows = samples[samples["case"] == "returns"]
    for word, sign in (("good", 1), ("bad", -1)):
        x = rows.loc[np.sign(rows["return"]) == sign, "x"].mean()
        ax.annotate(
            word, (x, 0), (0, -4 * sign), textcoords="offset points", ha="center",
            va="top" if sign > 0 else "bottom", fontsize=8.5, color=MARKS[word][0],
        )  # fmt: skip
    end = curves[(curves["case"] == "returns") & (curves["x"] < ax.get_xlim()[1])].iloc[-1]
    ax.annotate(
        "r(x)",
        (end["x"], end["return"]),
        (-3, 4),
        textcoords="offset points",
        ha="right",
        fontsize=8.5,
        color=CURVE,
    )
