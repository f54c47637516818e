"""How the problems of F13 look: bodies in their poses, a room, walks over time, rewards."""

import re
from collections.abc import Iterable
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from pgpipe.lecture.common.style import STAGE_COLOURS

# The first episode, and the others in the untrained stage's colour; what does not move.
FIRST, OTHERS, FIXED = "black", STAGE_COLOURS[0], "0.45"
POSES = 9  # of a body
WAYS = 3  # through a room
GOALS = {"pgpipe/Line-v0": 0.0}  # of a walk
GOAL: dict[str, Any] = {"color": FIXED, "lw": 1.2, "ls": (0, (4, 3)), "zorder": 1}
STAR: dict[str, Any] = {"marker": "*", "ms": 13, "color": "gold", "mec": "black", "mew": 0.6, "zorder": 5}

Floats = NDArray[np.float64]


def body(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """Poses of the first episode, the last one bold, and what it is about."""
    kept = np.unique(np.linspace(0, len(traces) - 1, POSES).round().astype(int))
    poses = traces.iloc[kept]
    limbs = poses[["joint_x", "joint_y", "tip_x", "tip_y"]].to_numpy().reshape(-1, 2, 2)
    on_cart = problem["id"] == "CartPole-v1"
    if not on_cart:  # it hangs from a pivot
        limbs = np.concatenate([np.zeros((len(limbs), 1, 2)), limbs], 1)
    _lines(ax, limbs[:-1], color=OTHERS, lw=1.5, zorder=2)
    _lines(ax, limbs[-1:], color=FIRST, lw=3.5, solid_capstyle="round", zorder=3)
    _world(ax, problem["id"], limbs)
    if not on_cart:
        x, y = limbs[0, -1]
        ax.annotate("start", (x, y), xytext=(0, 4 if y > 0 else -4), textcoords="offset points", fontsize=8,
                    ha="left" if x > 0 else "right", va="bottom" if y > 0 else "top")  # fmt: skip
    _schematic(ax, "place (m)", "height (m)")
    ends = f"after\n{poses['step'].iloc[-1]:,} steps"
    ax.text(1, 1, ends, transform=ax.transAxes, ha="right", va="top", fontsize=8)


def _world(ax: Axes, id: str, limbs: Floats) -> None:
    """The track and the carts, or the pivot and the goal, and how much of it is seen."""
    if id == "CartPole-v1":
        carts = limbs[:, 0, 0]
        for x, filled in ((carts[0], False), (carts[-1], True)):
            colour = FIRST if filled else OTHERS
            ax.add_patch(Rectangle((x - 0.2, -0.2), 0.4, 0.2, fill=filled, color=colour, lw=1.2, zorder=2))
        middle = carts[-1]
        ax.plot([middle - 0.8, middle + 0.8], [-0.2, -0.2], color=FIXED, lw=1)
        ax.plot([middle, middle], [0, 1.15], **GOAL)
        return
    ax.plot(0, 0, "o", ms=6, color=FIXED, zorder=6)
    if id == "Acrobot-v1":
        ax.update_datalim([(-2, -2.2), (2, 1.4)])
        ax.plot([-1.6, 1.1], [1, 1], **GOAL)
    else:
        ax.update_datalim([(-1, -1.1), (1, 1.1)])
        ax.plot(0, 1, **STAR)


def room(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """The cells, the goal, and the ways of the first episodes, from a dot on."""
    size = round(int(problem["observation"].rsplit(" ", 1)[-1]) ** 0.5)
    edges, ends = np.arange(size + 1) - 0.5, (-0.5, size - 0.5)
    walls = [[(x, end) for end in ends] for x in edges] + [[(end, y) for end in ends] for y in edges]
    _lines(ax, walls, color="0.8", lw=0.8, zorder=1)
    ax.plot(size - 1, size - 1, **STAR)
    for episode, rows in traces[traces["episode"] < WAYS].groupby("episode"):
        first, cell = episode == 0, rows["value"].dropna().to_numpy().astype(int)
        # ways lie a little apart
        column, row = np.array([cell % size, cell // size]) + 0.15 * (int(str(episode)) - 1)
        look: dict[str, Any] = {"color": FIRST if first else OTHERS, "zorder": 3 if first else 2}
        ax.plot(column, row, "o-", lw=1.8 if first else 1.2, ms=5, markevery=[0], **look)
    ax.invert_yaxis()
    _schematic(ax, "column", "row of the room")


def states(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """One number of the state over time."""
    discrete = problem["observation"].startswith("the state")  # none lies between two
    _episodes(ax, traces, "value", drawstyle="steps-post" if discrete else "default")
    if problem["id"] in GOALS:
        ax.axhline(GOALS[problem["id"]], **GOAL)
    _plain_axes(ax, "step", fill(str(problem["traced"]), 22))


def rewards_so_far(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """Sums of rewards over time; ends that coincide make larger dots."""
    _to_ends(ax, traces, "paid")
    _plain_axes(ax, "step", "rewards so far")


def sums(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """What was written so far; ends that coincide make larger dots, lines are what prompts ask for."""
    tokens = traces.groupby("episode")["action"]
    written = tokens.transform(lambda own: own.shift(fill_value=0).cumsum())
    _to_ends(ax, traces.assign(written=written), "written")
    for target in re.findall(r"\d+", str(problem["settings"]).partition("targets [")[2].partition("]")[0]):
        ax.axhline(int(target), **GOAL)
    _plain_axes(ax, "step", "sum so far")


def guesses(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """What each action got."""
    actions, paid = _single_steps(traces)
    ax.plot(actions[1:], paid[1:], "o", ms=4.5, color=OTHERS, mec="none")
    ax.plot(actions[:1], paid[:1], "o", ms=5.5, color=FIRST)
    ax.margins(0.1)
    _plain_axes(ax, problem["action"].split(", from")[0].removeprefix("the "), "reward")


def choices(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """What each of some actions got, and how often it was chosen."""
    actions, paid = _single_steps(traces)
    counts = pd.Series(list(zip(actions, paid, strict=True))).value_counts()
    for (action, got), count in counts.items():
        colour = FIRST if (action, got) == (actions[0], paid[0]) else OTHERS
        ax.plot(action, got, "o", ms=4 + 1.2 * count**0.5, color=colour)
        ax.annotate(f"{count} of {len(actions)}", (action, got), xytext=(0, 9), textcoords="offset points",
                    ha="center", fontsize=8)  # fmt: skip
    ax.margins(0.35, 0.45)
    _plain_axes(ax, "action", "reward")
    names = traces.dropna(subset="action").drop_duplicates("action").sort_values("action")
    ax.set_xticks(names["action"], names["action_name"])


def _episodes(ax: Axes, traces: pd.DataFrame, column: str, **look: Any) -> None:
    """A column over time, the first episode bold."""
    lines = [rows[["step", column]].to_numpy(float) for _, rows in traces.groupby("episode")]
    _lines(ax, lines[1:], color=OTHERS, lw=0.9, zorder=2, **look)
    _lines(ax, lines[:1], color=FIRST, lw=1.8, zorder=3, **look)


def _to_ends(ax: Axes, traces: pd.DataFrame, column: str) -> None:
    """A column over time, with dots at the ends, larger where several coincide."""
    _episodes(ax, traces, column)
    for (step, value), rows in traces.groupby("episode").tail(1).groupby(["step", column]):
        colour = FIRST if (rows["episode"] == 0).any() else OTHERS
        ax.plot(step, value, "o", ms=4 + 1.2 * len(rows) ** 0.5, color=colour, zorder=4)
    ax.margins(0.12)


def _lines(ax: Axes, lines: Iterable[ArrayLike], **look: Any) -> None:
    """Lines through points (n, 2) each, as one object: a smaller picture."""
    points = [np.concatenate([np.asarray(line, float), np.full((1, 2), np.nan)]) for line in lines]
    if points:
        ax.plot(*np.concatenate(points).T, **look)


def _single_steps(traces: pd.DataFrame) -> tuple[Floats, Floats]:
    """Action and reward of each episode of one step."""
    episodes = traces.groupby("episode")
    return episodes["action"].first().to_numpy(), episodes["paid"].last().to_numpy()


def _schematic(ax: Axes, across: str, up: str) -> None:
    """The same scale both ways, and no frame."""
    ax.set(xlabel=across, ylabel=up)
    ax.set_aspect("equal", adjustable="datalim")
    ax.autoscale_view()
    ax.axis("off")


def _plain_axes(ax: Axes, across: str, up: str) -> None:
    """Quantities, with few numbers, whole ones if all are."""
    ax.set(xlabel=across, ylabel=up)
    shown = np.concatenate([np.asarray(line.get_ydata(), float) for line in ax.get_lines()])
    whole = bool((shown[np.isfinite(shown)] % 1 == 0).all())
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=across == "step"))
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=whole))
    ax.grid(visible=False)
    ax.spines[["top", "right"]].set_visible(False)
