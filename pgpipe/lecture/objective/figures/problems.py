"""F13 The problems

A panel for each environment: its name, what is to be done, how long an episode may be, the discount, and an
episode of the untrained policy as it was. A body is drawn in its poses, a room as a room with the ways
through it, a walk as a line over time; where there is one state only, the rewards are drawn.

Real episodes of the untrained policy, the first one bold. A star or a dashed line is the goal. A body is
shown in poses, equally far apart in time, the last one bold. Where there is nothing to see, rewards are.

Environments that differ in their policy alone share a panel. Poses are of one episode, and three ways are
drawn through a room, a little apart. Where all states look the same, dots are ends of episodes, larger where
several end alike. Of responses to prompts the sum of what was written is drawn; dashed is what is asked for.
Of an environment of your own the first observed number is drawn. Episodes are those of the table
`problem_traces`, where long ones lack some steps.
"""

from collections.abc import Callable
from textwrap import wrap

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from pgpipe.lecture.common.style import WIDTH, readable
from pgpipe.lecture.objective.figures import _portraits as portraits

COLUMNS = 3
HEIGHT = 2.35  # inches of a row
LETTERS = 36  # of a line above a panel


def draw(problems: pd.DataFrame, problem_traces: pd.DataFrame) -> Figure:
    """A panel for each problem."""
    groups = _alike(problems)
    rows, columns = -(-len(groups) // COLUMNS), min(COLUMNS, len(groups))
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDTH, HEIGHT * rows), squeeze=False,
        layout=ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.06),
    )  # fmt: skip
    for ax in axes.flat[len(groups) :]:
        ax.remove()
    for ax, group in zip(axes.flat, groups, strict=False):
        problem = group.iloc[0]
        traces = problem_traces[problem_traces["environment"] == problem["environment"]]
        _portrait(problem, traces)(ax, problem, traces)
        _name(ax, group, LETTERS * COLUMNS // columns)
    return figure


def headline(problems: pd.DataFrame, problem_traces: pd.DataFrame) -> str:
    """How many there are, how long, and how many are known exactly."""
    groups, longest = _alike(problems), problems["longest"]
    known = sum(bool(group["exact"].any()) for group in groups)
    if len(groups) == 1:
        gradient = "; its gradient is known exactly" if known else ""
        return f"One problem, {_length(longest.iloc[0])}{gradient}"
    ends = longest.dropna().unique()
    length = f", of {ends.min():,.0f} to {ends.max():,.0f} steps" if len(ends) > 1 else ""
    length = "" if longest.isna().any() else length
    return f"{len(groups)} problems{length}; the gradient is known exactly in {known or 'none'} of them"


def _alike(problems: pd.DataFrame) -> list[pd.DataFrame]:
    """Environments that differ in their policy alone."""
    kept = ["id", "settings", "longest", "gamma"]
    return [rows for _, rows in problems.groupby(kept, sort=False, dropna=False)]


def _portrait(problem: pd.Series, traces: pd.DataFrame) -> Callable[[Axes, pd.Series, pd.DataFrame], None]:
    """How a problem is drawn."""
    if traces["tip_x"].notna().any():
        return portraits.body
    if problem["id"] == "pgpipe/Grid-v0":
        return portraits.room
    if problem["id"] == "pgpipe/Prompts-v0":
        return portraits.sums
    if traces["value"].max() > traces["value"].min():
        return portraits.states
    if traces["step"].max() > 1:
        return portraits.rewards_so_far
    return portraits.choices if traces["action_name"].notna().any() else portraits.guesses


def _name(ax: Axes, group: pd.DataFrame, letters: int) -> None:
    """Name, task, length and discount above a panel."""
    first = group.iloc[0]
    known = pd.notna(first["reward"]) and pd.notna(first["task"])
    facts = f"{_length(first['longest'])}, γ = {first['gamma']:g}" + (", ∇J known" if first["exact"] else "")
    lines = [*_lines(str(first["task"] if known else first["id"]), letters + 2), facts]
    names = _lines(", ".join(readable(name) for name in group["environment"]), letters - 6)
    ax.set_title("\n".join(names), loc="left", pad=3 + 12 * len(lines))
    ax.annotate(
        "\n".join(lines), (0, 1), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
        fontsize=8, color="0.25", linespacing=1.2,
    )  # fmt: skip
    ax.xaxis.label.set_fontsize(8.5)
    ax.yaxis.label.set_fontsize(8.5)
    ax.tick_params(labelsize=8)


def _lines(text: str, letters: int) -> list[str]:
    """At most two lines of so many letters."""
    return wrap(text, letters, max_lines=2, placeholder=" …")


def _length(longest: float) -> str:
    """Of an episode, in words."""
    if pd.isna(longest):
        return "no end"
    return "one step" if longest == 1 else f"up to {longest:,.0f} steps"
