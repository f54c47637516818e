"""How the problems of F13 look: bodies in their poses, a room, walks over time, rewards."""

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from pgpipe.lecture.common.style import STAGE_COLOURS

# The first episode, and the others in the untrained stage's colour.
FIRST, OTHERS, FIXED = "black", STAGE_COLOURS[0], "0.5"
POSES = 10  # of a body
WAYS = 3  # through a room
GOALS = {"pgpipe/Line-v0": 0.0}  # of a walk
STAR: dict[str, Any] = {"marker": "*", "ms": 13, "color": "gold", "mec": "black", "mew": 0.6, "zorder": 5}


def body(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """Poses of the first episode, the last one black, and what it is about."""
    kept = np.unique(np.linspace(0, len(traces) - 1, POSES).round().astype(int))
    poses = traces.iloc[kept]
    on_cart, by_joint = problem["id"] == "CartPole-v1", bool(poses["joint_x"].abs().max() > 0)
    for i, pose in enumerate(poses.itertuples()):
        last = i == len(poses) - 1
        style: dict[str, Any] = {"color": FIRST if last else OTHERS, "alpha": 1 if last else 0.35 + 0.05 * i}
        x, y = [pose.joint_x, pose.tip_x], [pose.joint_y, pose.tip_y]
        if by_joint and not on_cart:
            x, y = [0, *x], [0, *y]
        ax.plot(x, y, lw=3.5 if last else 1.8, solid_capstyle="round", **style)
        ax.plot(x[1:-1], y[1:-1], "o", ms=4, **style)
        if on_cart:
            size = {"width": 0.4, "height": 0.2, "fill": last, "lw": 1.2}
            ax.add_patch(Rectangle((pose.joint_x - 0.2, -0.2), **size, **style))
    _stage(ax, problem["id"], poses)
    ax.text(1, 0.0, f"step {poses['step'].iloc[-1]:,}", transform=ax.transAxes, ha="right", fontsize=8)
    ax.set(xlabel="place (m)", ylabel="height (m)")
    ax.set_aspect("equal", adjustable="datalim")
    ax.axis("off")


def _stage(ax: Axes, id: str, poses: pd.DataFrame) -> None:
    """What does not move: the track, or the pivot and the goal."""
    if id == "CartPole-v1":
        ax.plot([-1.3, 1.3], [-0.2, -0.2], color=FIXED, lw=1, zorder=0)
        ax.plot([poses["joint_x"].iloc[-1]] * 2, [0, 1.1], color=FIXED, lw=1, ls=(0, (4, 3)), zorder=0)
        return
    ax.plot(0, 0, "o", ms=6, color=FIXED, zorder=6)
    if id == "Acrobot-v1":
        ax.plot([-2, 2], [1, 1], color=FIXED, lw=1.2, ls=(0, (4, 3)), zorder=0)
        ax.set_ylim(-2.1, 2.1)
    else:
        ax.plot(0, 1, **STAR)
        ax.set_ylim(-1.15, 1.15)


def room(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """The cells, the goal, and the ways of the first episodes, from a dot on."""
    size = round(int(problem["observation"].rsplit(" ", 1)[-1]) ** 0.5)
    for line in range(size + 1):
        ax.plot([-0.5, size - 0.5], [line - 0.5] * 2, color="0.8", lw=0.8)
        ax.plot([line - 0.5] * 2, [-0.5, size - 0.5], color="0.8", lw=0.8)
    ax.plot(size - 1, size - 1, **STAR)
    for episode, rows in reversed(list(traces[traces["episode"] < WAYS].groupby("episode"))):
        first, cell = episode == 0, rows["value"].to_numpy().astype(int)
        apart = 0.15 * (int(str(episode)) - 1)
        row, column = cell // size + apart, cell % size + apart
        ax.plot(column, row, color=FIRST if first else OTHERS, lw=1.8 if first else 1.2)
        ax.plot(column[0], row[0], "o", ms=5, color=FIRST if first else OTHERS)
    ax.set(xlabel="column", ylabel="row of the room", ylim=(size - 0.4, -0.6))
    ax.set_aspect("equal", adjustable="datalim")
    ax.axis("off")


def states(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """One number of the state over time."""
    for episode, rows in reversed(list(traces.groupby("episode"))):
        first = episode == 0
        ax.plot(rows["step"], rows["value"], color=FIRST if first else OTHERS, lw=1.8 if first else 0.9)
    if problem["id"] in GOALS:
        ax.axhline(GOALS[problem["id"]], color=FIXED, lw=1.2, ls=(0, (4, 3)), zorder=1)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    _steps(ax, fill(str(problem["traced"]), 22))


def rewards_so_far(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """Sums of rewards over time; ends that coincide make larger dots."""
    ends = traces.groupby("episode").tail(1)
    for episode, rows in reversed(list(traces.groupby("episode"))):
        first = episode == 0
        ax.plot(rows["step"], rows["paid"], color=FIRST if first else OTHERS, lw=1.8 if first else 0.9,
                zorder=3 if first else 2)  # fmt: skip
    for (step, paid), rows in ends.groupby(["step", "paid"]):
        first = (rows["episode"] == 0).any()
        ax.plot(step, paid, "o", ms=4 + 1.2 * len(rows) ** 0.5, color=FIRST if first else OTHERS, zorder=4)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=bool((traces["paid"] % 1 == 0).all())))
    ax.margins(0.12)
    _steps(ax, "rewards so far")


def guesses(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """What each action got."""
    actions, paid = _only_steps(traces)
    ax.plot(actions[1:], paid[1:], "o", ms=4.5, color=OTHERS, alpha=0.8)
    ax.plot(actions[:1], paid[:1], "o", ms=5.5, color=FIRST)
    ax.set(xlabel=problem["action"].split(", from")[0], ylabel="reward")
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.margins(0.1)


def choices(ax: Axes, problem: pd.Series, traces: pd.DataFrame) -> None:
    """What each of some actions got, and how often it was chosen."""
    actions, paid = _only_steps(traces)
    names = traces.dropna(subset="action").drop_duplicates("action").sort_values("action")
    counts = pd.Series(list(zip(actions, paid, strict=True))).value_counts()
    for (action, got), count in counts.items():
        chosen = FIRST if (action, got) == (actions[0], paid[0]) else OTHERS
        ax.plot(action, got, "o", ms=4 + 1.2 * count**0.5, color=chosen)
        ax.annotate(f"{count} of {len(actions)}", (action, got), xytext=(0, 9), textcoords="offset points",
                    ha="center", fontsize=8)  # fmt: skip
    ax.set(xlabel="action", ylabel="reward")
    ax.set_xticks(names["action"], names["action_name"])
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=bool((paid % 1 == 0).all())))
    ax.margins(0.35, 0.3)


def _only_steps(traces: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Action and reward of each episode of one step."""
    ends = traces.groupby("episode")
    return ends["action"].first().to_numpy(), ends["paid"].last().to_numpy()


def _steps(ax: Axes, quantity: str) -> None:
    """A quantity over time."""
    ax.set(xlabel="step", ylabel=quantity)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
