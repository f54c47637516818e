"""All trajectories of a small problem as a tree, and what each adds to an estimate."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

ACROSS = 1.0  # width of a step
TURN = 0.12  # of it, up to where the branches part

Path = tuple[tuple[int, float], ...]  # actions and rewards so far


def paths(table: pd.DataFrame) -> dict[int, tuple[Path, float]]:
    """Each trajectory's actions and rewards, and its probability."""
    return {
        int(str(number)): (
            tuple((int(a), float(r)) for a, r in rows[["action", "reward"]].to_numpy()),
            float(rows["probability"].iloc[0]),
        )
        for number, rows in table.groupby("trajectory", sort=True)
    }


def draw_tree(ax: Axes, table: pd.DataFrame) -> None:
    """Branches with action, reward and probability, from the left; a leaf for each trajectory, from above."""
    leaves = sorted(paths(table).values())
    for depth, branches in enumerate(_levels(leaves)):
        for place, start, words in branches:
            x = depth * ACROSS
            ax.plot([x, x + TURN, x + ACROSS], [start, place, place], color="0.45", lw=1)
            ax.text(x + TURN + 0.03, place - 0.08, words, fontsize=8, va="bottom")
    ax.plot(0, (len(leaves) - 1) / 2, "o", ms=4, color="0.3")
    ax.set(xlim=(-0.06, max(len(path) for path, _ in leaves) * ACROSS + 0.02))


def _levels(leaves: list[tuple[Path, float]]) -> Iterator[list[tuple[float, float, str]]]:
    """For each step its branches: where they end, where they begin, and their words."""
    for depth in range(max(len(path) for path, _ in leaves)):
        nodes = dict.fromkeys(path[: depth + 1] for path, _ in leaves if len(path) > depth)
        branches = []
        for node in nodes:
            (place, mass), (start, whole) = (_subtree(leaves, part) for part in (node, node[:-1]))
            action, reward = node[-1]
            said = f"a = {action}, r = {reward:+.2g}".replace("-", "−").replace("+0", "0")
            branches.append((place, start, f"{said}  ({mass / whole:.2g})"))
        yield branches


def _subtree(leaves: list[tuple[Path, float]], node: Path) -> tuple[float, float]:
    """The middle of a node's leaves, and their probability."""
    own = [(i, p) for i, (path, p) in enumerate(leaves) if path[: len(node)] == node]
    return float(np.mean([i for i, _ in own])), sum(p for _, p in own)


def leaf_values(table: pd.DataFrame, credit: str) -> tuple[np.ndarray, np.ndarray]:
    """What each trajectory adds by this credit, and its probability, in the tree's order."""
    added, found = table.groupby("trajectory")[credit].sum(), paths(table)
    order = sorted(found, key=lambda number: found[number])
    return added.loc[order].to_numpy(), np.array([found[number][1] for number in order])


def moments(table: pd.DataFrame, credit: str) -> tuple[float, float]:
    """Mean and variance of one trajectory's estimate."""
    values, probabilities = leaf_values(table, credit)
    mean = float(probabilities @ values)
    return mean, float(probabilities @ (values - mean) ** 2)
