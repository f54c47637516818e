"""Rows of estimators, in one order and with the same labels in all figures of the gradient study."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes

from pgpipe.lecture.common.style import STAGES, readable

# The stage that pictures show, the first of these that an environment has; the explorer has them all.
SHOWN = ("half_trained", "untrained", "trained")


def one_stage(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of each environment's half-trained policy; where nothing was trained, of the untrained one."""
    order = {stage: place for place, stage in enumerate(SHOWN)}
    place = table["policy"].map(order)
    return table[place == place.groupby(table["environment"]).transform("min")]


def stage_words(table: pd.DataFrame) -> str:
    """The stage of these rows in words, and the environments that have another one."""
    stage = next(stage for stage in SHOWN if stage in set(table["policy"]))
    others = table.loc[table["policy"] != stage, "environment"].unique()
    but = f" ({', '.join(map(readable, others))}: untrained)" if len(others) else ""
    return f"{STAGES[stage]} policies{but}"


def largest_batch(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the largest batch of each environment."""
    largest = table.groupby("environment")["batch_size"].transform("max")
    return table[table["batch_size"] == largest]


def in_order(table: pd.DataFrame, estimators: pd.DataFrame) -> list[str]:
    """The estimators of a table in the config's order."""
    return [name for name in estimators["estimator"] if name in set(table["estimator"])]


def label_rows(ax: Axes, names: Sequence[str], marked: Collection[str], beside: Mapping[str, str]) -> None:
    """Names from above to below, with a dagger at those that are marked, and what stands beside them."""
    words = [readable(name) + (" †" if name in marked else "") for name in names]
    ax.set_yticks(range(len(names)), words)
    ax.set_ylim(max(1, len(names)) - 0.5, -0.5)
    longest = max((len(beside.get(name, "")) for name in names), default=0)
    ax.tick_params(axis="y", length=0, pad=8 + 3.9 * longest)
    for place, name in enumerate(names):
        ax.annotate(
            beside.get(name, ""), (0, place), (-6, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", va="center", fontsize=8.5, color="0.35",
        )  # fmt: skip
