"""P19 What dividing by lengths does to the direction

Two rows of two panels: the cosine between the expected estimate and the gradient over the number of
trajectories in a batch. Above two decisions, the first of which is how long to go on; below responses to
prompts; on the left without a baseline, on the right with the mean of the others subtracted. A line for each
divisor, named at its end: the number of trajectories stays at 1, the number of steps rises to it with the
batch, each trajectory's own steps stay below.

Lines are exact, points the means over many batches; their intervals hold together at 95 %.

Dividing by the most steps that there are, a constant, is the line of the number of trajectories. Responses
are those of the untrained policy; the two decisions are those of the text. A measured cosine is that within
the plane of ∇J and the exact expectation.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.looks import Look
from pgpipe.lecture.common.style import WIDTH, readable

LOOKS = {
    "trajectories": Look("#4D4D4D", "o", "-", "by N"),
    "steps": Look("#7B6FB0", "s", "-", "by ΣT"),
    "each": Look("#B2182B", "^", "-", "each by its T"),
}
BASELINES = {"none": "no baseline", "mean": "others’ mean subtracted"}
APART = 0.05  # between the points of one size, in powers of two


def draw(divisor_directions: pd.DataFrame) -> Figure:
    """A row for each problem, a column for each baseline."""
    problems = list(divisor_directions["environment"].unique())
    figure, axes = plt.subplots(
        len(problems), 2, figsize=(WIDTH, 0.5 + 2.3 * len(problems)), layout="constrained", sharex=True,
        sharey="row", squeeze=False,
    )  # fmt: skip
    for line, problem in zip(axes, problems, strict=True):
        for ax, baseline in zip(line, BASELINES, strict=True):
            own = divisor_directions["environment"] == problem
            rows = divisor_directions[own & (divisor_directions["baseline"] == baseline)]
            ax.set_title(f"{readable(problem)}, {BASELINES[baseline]}")
            _lines(ax, rows)
            _sizes(ax, sorted(divisor_directions["batch_size"].unique()))
        line[0].set_ylabel("cosine of E ĝ and ∇J")
    for ax in axes[-1]:
        ax.set_xlabel("trajectories in a batch N")
    figure.canvas.draw()  # the rows share their limits, which have to be final
    for line, problem in zip(axes, problems, strict=True):
        for ax, baseline in zip(line, BASELINES, strict=True):
            own = divisor_directions["environment"] == problem
            _names(ax, divisor_directions[own & (divisor_directions["baseline"] == baseline)])
    return figure


def headline(divisor_directions: pd.DataFrame) -> str:
    """The angle of each trajectory's own length, without a baseline and with one."""
    rows = divisor_directions[divisor_directions["divisor"] == "each"]
    told = []
    for problem, own in rows.groupby("environment", sort=False):
        angles = own.groupby("baseline")["exact_degrees"].last().abs()
        if {"none", "mean"} <= set(angles.index):
            told.append(f"{angles['none']:.0f}° to {angles['mean']:.0f}° on {readable(str(problem))}")
    return (
        f"Dividing each by its own length: a baseline takes the angle from {', from '.join(told)}"
        if told
        else ""
    )


def findings(divisor_directions: pd.DataFrame) -> str:
    """What is behind a point, and how many hold their exact value."""
    rows = divisor_directions
    inside = (rows["degrees_low"] <= rows["exact_degrees"]) & (rows["exact_degrees"] <= rows["degrees_high"])
    n = rows["replicates"].max()
    return f"{n:,} batches a point; {inside.sum()} of {len(rows)} intervals hold the exact value."


def _lines(ax: Axes, rows: pd.DataFrame) -> None:
    """Exact lines, and measured points beside each other."""
    for i, (divisor, look) in enumerate(LOOKS.items()):
        own = rows[rows["divisor"] == divisor].sort_values("batch_size")
        ax.plot(own["batch_size"], own["exact"], color=look.colour, lw=1.5)
        x = own["batch_size"] * 2 ** (APART * (i - 1))
        ax.errorbar(
            x,
            own["cosine"],
            bars(own, "cosine"),
            fmt=look.marker,
            ms=4,
            elinewidth=1.1,
            color=look.colour,
            mec="white",
            mew=0.4,
        )


def _sizes(ax: Axes, sizes: list[int]) -> None:
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{n}" for n in sizes])
    ax.xaxis.set_minor_locator(NullLocator())


def _names(ax: Axes, rows: pd.DataFrame) -> None:
    ends = [
        End.of(own.sort_values("batch_size"), "batch_size", "exact", look.label, look.colour)
        for divisor, look in LOOKS.items()
        if len(own := rows[rows["divisor"] == divisor])
    ]
    label_ends(ax, ends, apart=0.1)
