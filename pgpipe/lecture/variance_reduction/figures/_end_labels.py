"""Names at the ends of lines, in place of a legend, and which lines have one."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from pgpipe.lecture.common.ladder import rungs
from pgpipe.lecture.common.style import readable

NAMED = 4  # lines of a panel in colour; all others are grey
OTHERS = "0.62"


def named_recipes(table: pd.DataFrame, estimators: pd.DataFrame) -> dict[str, str]:
    """The recipes of an environment that are drawn in colour, and their labels, in the table's order.

    First those of the lecture's ladder, then the others as the table has them. A label is the estimator, or
    the recipe where two recipes have the same.
    """
    recipes = table.drop_duplicates("recipe").set_index("recipe")["estimator"]
    ladder = rungs(estimators)
    first = sorted(recipes.index, key=lambda name: recipes[name] not in ladder)[:NAMED]
    several = recipes.duplicated(keep=False)
    return {
        str(name): readable(str(name) if several[name] else recipes[name])
        for name in recipes.index
        if name in first
    }


def spread(places: Sequence[float], gap: float) -> NDArray[np.float64]:
    """Places moved apart as little as it takes to have this gap between neighbours, in their order."""
    order = np.argsort(places, kind="stable")
    # least squares under a minimal gap: less the gaps, what may not fall is a monotone fit
    wanted = np.array(places, float)[order] - gap * np.arange(len(order))
    moved = np.empty(len(order))
    moved[order] = _rising(wanted) + gap * np.arange(len(order))
    return moved


def _rising(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest sequence that does not fall: neighbours in the wrong order get their mean."""
    pools: list[list[float]] = []
    for value in values:
        pools.append([value])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    return np.concatenate([[np.mean(pool)] * len(pool) for pool in pools] or [[]])


def label_ends(
    ax: Axes, ends: Mapping[str, tuple[float, float]], labels: Mapping[str, str], colours: Mapping[str, str]
) -> None:
    """A name to the right of the axes for each line's end (x, y), joined to it by a thin line."""
    low, high = ax.get_ylim()
    names = list(ends)
    height = ax.get_window_extent().height * 72 / ax.figure.dpi  # in points
    wanted = [(ends[name][1] - low) / (high - low) for name in names]
    places = spread(wanted, 12.5 / max(height, 1))
    places += min(0.0, 1.0 - places.max(initial=0))
    for name, place in zip(names, places, strict=True):
        ax.annotate(
            labels[name], ends[name], (1.035, place), textcoords="axes fraction", va="center", fontsize=9,
            color=colours[name], annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colours[name], "lw": 0.7, "shrinkA": 1, "shrinkB": 1},
        )  # fmt: skip
