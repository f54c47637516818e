"""P4 Bias by estimator against the reference gradient

A row for all unbiased estimators and one for each that is biased by its making, a panel for each
environment: how much of the true gradient the mean estimate has along it. Unbiased points stand at one,
within their intervals; most others do not.

Length of the mean estimate along ∇J, in lengths of ∇J: one is unbiased. Bars are 95 % intervals; filled
points are off by more than chance. All rows share their rollouts, so the most precise unbiased estimator
stands for all.

At the largest batch of the study. As rows share their rollouts, chance moves them together: where one
unbiased estimator is a standard error off, so are the others. The reference is exact where it can be had;
elsewhere it is a large batch, whose own error is part of the interval: one half of its batches gives the
direction, the other half the length. *Off by more than chance* is at 5 % over all means of estimators
(Bonferroni, normal). Points beyond the axis stand at its end, as triangles with their number. Other stages,
and each unbiased estimator by itself, are in `gradient_projection.csv`.
"""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from pgpipe.lecture.common.estimator_table import biased_by_making
from pgpipe.lecture.common.style import WIDTH, palette, readable
from pgpipe.lecture.variance_reduction.figures._ladder_rows import (
    in_order,
    largest_batch,
    one_stage,
    stage_words,
)
from pgpipe.lecture.variance_reduction.figures._words import short_number, signed

FARTHEST = 2.0  # of the axis, in lengths of ∇J
MISSED = 0.05  # chance that any mean of an unbiased estimator is called off

UNBIASED = "unbiased"

# The reasons of `estimators.csv` in words. Of several the first counts here: it moves the mean the farthest.
REASONS = {
    "constant divisor": "divided by a constant",
    "normalized advantages": "divided by the {over}’s spread",
    "divided by lengths": "each divided by its length",
    "undiscounted score": "γᵗ left out of the score",
    "fitted value": "trusts a fitted V",
    "own trajectory": "own trajectory in its baseline",
}


def draw(gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel for each environment, one row for each bias."""
    table = _rows(gradient_projection, estimators)
    environments = list(gradient_projection["environment"].unique())
    names = [UNBIASED] * (UNBIASED in set(table["row"])) + in_order(_biased(table), estimators)
    figure, axes = plt.subplots(
        1, len(environments), figsize=(WIDTH, 0.9 + 0.37 * len(names)), sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    marked = biased_by_making(estimators)
    unbiased = len(set(gradient_projection["estimator"]) - set(marked))
    below = _reasons(estimators) | {UNBIASED: f"the most precise of {unbiased}"}
    _label(axes[0, 0], names, marked, below)
    colours = palette(estimators) | {UNBIASED: "black"}
    for ax, environment in zip(axes[0], environments, strict=True):
        for row in table[table["environment"] == environment].to_dict("records"):
            _point(ax, names.index(row["row"]), row, colours[row["row"]])
        ax.axvline(1, color="0.5", lw=0.9, zorder=1)
        ax.set(xlim=(-0.15, FARTHEST + 0.15), xticks=[0, 1, 2])
        ax.tick_params(axis="y", length=0)
        ax.set_title(readable(environment), fontsize=8.5, fontweight="normal")
        ax.grid(visible=False, axis="y")
    shown = stage_words(one_stage(gradient_projection))
    figure.supxlabel(f"mean estimate along ∇J, in lengths of ∇J; {shown}", fontsize=9.5)
    return figure


def headline(gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """Whether any unbiased estimator is off, and how many of the others are."""
    table = _measured(gradient_projection)
    off = _off(table)
    biased = table["estimator"].isin(biased_by_making(estimators))
    missed, wrong = table[biased & off]["estimator"].nunique(), table[~biased & off]["estimator"].nunique()
    if biased.all():
        return ""
    if wrong:
        of = table[~biased]["estimator"].nunique()
        return f"{wrong} of {of} unbiased estimators miss ∇J by more than chance"
    if not biased.any():
        return "No estimator misses ∇J by more than chance"
    of = table[biased]["estimator"].nunique()
    return f"Beyond chance, no unbiased estimator misses ∇J; {missed} of {of} biased ones do"


def findings(gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """What the batch's own mean is expected to give."""
    shown = _measured(gradient_projection)
    own = estimators[(estimators["baseline"] == "batch_mean") & (estimators["signal"] == "total_return")]
    own = own[~own["normalize"] & own["estimator"].isin(shown["estimator"])]
    if own.empty:
        return ""
    n = shown["batch_size"].max()
    return f"Expected of *{readable(own['estimator'].iloc[0])}*: 1 − 1/{n} (C9)."


def _measured(projection: pd.DataFrame) -> pd.DataFrame:
    """The points that have an error, at one stage and the largest batch."""
    rows = one_stage(largest_batch(projection))
    return rows[rows["recovered_error"] > 0]


def _off(table: pd.DataFrame) -> "pd.Series[bool]":
    """Which means are off by more than chance over all of them."""
    bound = norm.ppf(1 - MISSED / 2 / max(1, len(table)))
    return abs(table["recovered"] - 1) > bound * table["recovered_error"]


def _rows(projection: pd.DataFrame, estimators: pd.DataFrame) -> pd.DataFrame:
    """What is drawn: in `row` the estimator, or that it stands for all unbiased ones, as the most precise."""
    table = _measured(projection)
    table = table.assign(
        row=table["estimator"].where(table["estimator"].isin(biased_by_making(estimators)), UNBIASED)
    )
    table = table.assign(off=_off(table))
    return table.sort_values("recovered_error", kind="stable").drop_duplicates(["environment", "row"])


def _biased(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["row"] != UNBIASED]


def _reasons(estimators: pd.DataFrame) -> dict[str, str]:
    """Why an estimator is biased by its making, in a few words."""
    over = estimators.set_index("estimator")["normalized_over"]
    return {
        name: next((REASONS[reason] for reason in REASONS if reason in why), why[0]).format(over=over[name])
        for name, why in biased_by_making(estimators).items()
    }


def _label(ax: Axes, names: Sequence[str], marked: Collection[str], below: Mapping[str, str]) -> None:
    """Names from above to below, with a dagger at those that are marked, and a smaller line under each."""
    ax.set_ylim(max(1, len(names)) - 0.5, -0.5)
    words = [readable(name) + (" †" if name in marked else "") for name in names]
    ax.set_yticks([place - 0.18 for place in range(len(names))], words)
    for place, name in enumerate(names):
        ax.annotate(
            below[name], (0, place + 0.24), (-4, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", va="center", fontsize=7.5, color="0.35",
        )  # fmt: skip


def _point(ax: Axes, y: int, row: dict[str, float], colour: str) -> None:
    """A point with its interval; beyond the axis a triangle with the number."""
    x, half = row["recovered"], norm.ppf(0.975) * row["recovered_error"]
    fill = colour if row["off"] else "white"
    if 0 <= x <= FARTHEST:
        ax.plot(np.clip([x - half, x + half], -0.15, FARTHEST + 0.15), [y, y], color=colour, lw=1.4)
        ax.plot(x, y, "o", ms=5, mfc=fill, mec=colour, mew=1.2)
        return
    right = x > FARTHEST
    end = FARTHEST if right else 0
    ax.plot(end, y, ">" if right else "<", ms=5, mfc=fill, mec=colour, mew=1.2, clip_on=False)
    ax.annotate(
        short_number(x) if right else signed(x), (end, y),
        (-5 if right else 5, 0), textcoords="offset points", ha="right" if right else "left", va="center",
        fontsize=7.5,
    )  # fmt: skip
