"""F13 The problems

A panel for each environment, with what is to be done and how long an episode may be, and episodes of the
untrained policy. Where the state changes, a line shows one number of it over time, with others paler, and
below it the actions; a room is drawn as a room, with the way through it; where there is one state only,
rewards are shown.

Episodes of the untrained policy; the first one is dark, with its actions below. Its spread is what learning
has to start from. What is observed, done and paid stands in the table `problems`.

Environments that differ in their policy alone share a panel. Of a room the first episodes' ways are drawn, a
little apart. Where all states look the same there is nothing to trace: panels show the reward that each
action got, or the sum of rewards so far, whose ends are dots.
"""

from collections.abc import Callable
from textwrap import wrap
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from pgpipe.lecture.common.style import STAGE_COLOURS, WIDTH, readable

COLUMNS = 3
# The untrained stage's colours: the first episode, the others, and actions.
FIRST, OTHERS, ACTIONS = STAGE_COLOURS[2], STAGE_COLOURS[0], "#555555"
STRIP = (0.05, 0.17)  # where actions lie, in heights of a panel
DRAWN = 12  # episodes at most


def draw(problems: pd.DataFrame, problem_traces: pd.DataFrame) -> Figure:
    """A panel for each problem."""
    kept = ["id", "settings", "longest", "gamma"]
    groups = [rows for _, rows in problems.groupby(kept, sort=False, dropna=False)]
    rows = -(-len(groups) // COLUMNS)
    figure, axes = plt.subplots(
        rows, min(COLUMNS, len(groups)), figsize=(WIDTH, 2.1 * rows), squeeze=False, layout="constrained"
    )
    for ax in axes.flat[len(groups) :]:
        ax.remove()
    for ax, group in zip(axes.flat, groups, strict=False):
        first = group.iloc[0]
        traces = problem_traces[problem_traces["environment"] == first["environment"]]
        _kind(first, traces)(ax, first, traces[traces["episode"] < DRAWN])
        _name(ax, group)
    return figure


def _kind(problem: pd.Series, traces: pd.DataFrame) -> Callable[[Axes, pd.Series, pd.DataFrame], None]:
    """How a problem is drawn."""
    if problem["id"] == "pgpipe/Grid-v0":
        return _room
    if traces["value"].max() > traces["value"].min():
        return _states
    discrete = traces["action_name"].notna().any()
    return _rewards_so_far if discrete or traces["step"].max() > 1 else _rewards_by_action


def _name(ax: Axes, group: pd.DataFrame) -> None:
    """Name and task above, length and discount below."""
    first = group.iloc[0]
    names = ", ".join(readable(name) for name in group["environment"])
    task = wrap(first["task"] if isinstance(first["task"], str) and first["task"] else first["id"], 42)
    text = task[0] + ("…" if len(task) > 1 else "")
    ax.set_title(f"{names}\n", loc="left", linespacing=1.1)
    ax.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=8,
        color="0.25",
    )
    ax.set_xlabel(f"{ax.get_xlabel()} ({_length(first['longest'])}, γ = {first['gamma']:g})", fontsize=8.5)
    ax.set_ylabel("\n".join(wrap(ax.get_ylabel(), 18)), fontsize=8.5)
    ax.tick_params(labelsize=8)
    if ax.get_xlabel().startswith("step"):
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))


def _length(longest: float) -> str:
    """Of an episode, in words."""
    if pd.isna(longest):
        return "no end"
    return "one step" if longest == 1 else f"at most {longest:,.0f} steps"


def _states(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """One number of the state over time, and the first episode's actions below it."""
    for episode, rows in reversed(list(traces.groupby("episode"))):
        shown = rows.iloc[:: max(1, len(rows) // 120)]
        style: dict[str, Any] = (
            {"color": FIRST, "lw": 1.6 if len(rows) < 250 else 1.0}
            if episode == 0
            else {"color": OTHERS, "lw": 0.7}
        )
        ax.plot(shown["step"], shown["value"], **style)
    low, high = traces["value"].min(), traces["value"].max()
    ax.set_ylim(low - 0.62 * (high - low), high + 0.08 * (high - low))
    ax.set_yticks([tick for tick in MaxNLocator(4).tick_values(low, high) if low <= tick <= high])
    ax.set(xlabel="step", ylabel=traces["quantity"].iloc[0])
    _actions(ax, traces[traces["episode"] == 0].dropna(subset="action"))


def _actions(ax: Axes, rows: pd.DataFrame) -> None:
    """What was done, in a strip of its own."""
    low, high = rows["action"].min(), rows["action"].max()
    heights = STRIP[0] + (rows["action"] - low) / ((high - low) or 1) * (STRIP[1] - STRIP[0])
    transform, thin = ax.get_xaxis_transform(), slice(None, None, max(1, len(rows) // 120))
    shown, heights = rows.iloc[thin], heights.iloc[thin]
    if rows["action_name"].notna().any():
        names = rows.drop_duplicates("action").sort_values("action")["action_name"]
        words = f"actions: {', '.join(names)}".replace("-", "−")
        ax.plot(shown["step"], heights, "|", color=ACTIONS, ms=4, mew=0.9, transform=transform)
    else:
        words = f"{rows['action_quantity'].iloc[0]}, {low:.1f} to {high:.1f}".replace("-", "−")
        ax.plot(shown["step"], heights, color=ACTIONS, lw=0.9, transform=transform)
    ax.annotate(words, (0.03, STRIP[1] + 0.04), xycoords="axes fraction", fontsize=7.5, color=ACTIONS)


def _room(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """The cells, the goal, and the way of the first episodes."""
    size = int(np.sqrt(int(problem["observation"].rsplit(" ", 1)[-1])))
    for line in range(size + 1):
        ax.plot([-0.5, size - 0.5], [line - 0.5] * 2, color="0.6", lw=0.8)
        ax.plot([line - 0.5] * 2, [-0.5, size - 0.5], color="0.6", lw=0.8)
    ax.add_patch(Rectangle((size - 1.5, size - 1.5), 1, 1, color=OTHERS, alpha=0.25, lw=0))
    ax.plot(size - 1, size - 1, "*", ms=12, color="gold", mec="black", mew=0.6, zorder=5)
    for episode, rows in reversed(list(traces[traces["episode"] < 3].groupby("episode"))):
        first, cell = episode == 0, rows["value"].to_numpy().astype(int)
        apart = 0.14 * (int(str(episode)) - 1)
        ax.plot(cell % size + apart, cell // size + apart, color=FIRST if first else OTHERS,
                lw=1.6 if first else 0.9)  # fmt: skip
        ax.plot(cell[0] % size + apart, cell[0] // size + apart, "o", ms=5, color=FIRST if first else OTHERS)
    ax.set(xlabel="column", ylabel="row of the room", xlim=(-0.7, size - 0.3), ylim=(size - 0.3, -0.7))
    ax.set_aspect("equal")
    ax.set(xticks=range(size), yticks=range(size))
    ax.grid(visible=False)


def _rewards_by_action(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """What each action got."""
    rows = traces.dropna(subset="action").sort_values("action")
    ax.plot(rows["action"], rows["reward"], "o", ms=5, color=FIRST, alpha=0.8)
    ax.set(xlabel=rows["action_quantity"].iloc[0], ylabel="reward")
    ax.margins(0.12)


def _rewards_so_far(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """Sums of rewards over time; ends that coincide make larger dots."""
    ends = []
    for episode, rows in reversed(list(traces.groupby("episode"))):
        total, first = rows["reward"].fillna(0).cumsum().shift(fill_value=0), episode == 0
        ax.plot(rows["step"], total, color=FIRST if first else OTHERS, lw=1.6 if first else 0.9)
        ends.append((rows["step"].iloc[-1], total.iloc[-1]))
    counts = pd.Series(ends).value_counts()
    for (step, total), count in counts.items():
        ax.plot(step, total, "o", ms=4 + 1.5 * np.sqrt(count), color=OTHERS, mec=FIRST, mew=0.8, zorder=4)
    ax.set(xlabel="step", ylabel="rewards so far")
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.margins(0.16)


def headline(problems: pd.DataFrame, problem_traces: pd.DataFrame) -> str:
    """How many there are, how long, and how many are known exactly."""
    n, longest, known = len(problems), problems["longest"], int(problems["exact"].sum())
    length = "" if longest.isna().any() else f", of {longest.min():,.0f} to {longest.max():,.0f} steps"
    if n == 1:
        return f"One problem, {_length(longest.iloc[0])} long"
    return f"{n} problems{length}; in {known or 'none'} of them the gradient is known exactly"
