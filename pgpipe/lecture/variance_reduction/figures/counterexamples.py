"""P3 Where less noise was promised and more came

For each of two small problems a tree of all trajectories, with action, reward and probability on its
branches; beside each leaf what it adds to the gradient estimate by two estimators. Both have the same mean;
the one that is meant to have the lower variance has the higher.

What each trajectory adds to the estimate of ∂J/∂θ, with θ the logit of action 1. The vertical line is the
mean, the same for both estimators. All numbers are exact, for the untrained policy.

On the branches: action, reward and, in parentheses, probability. One trajectory is one leaf; the variance
of a batch of N is 1/N of the one that stands here. The mean subtracted is E[r] itself. Shown are, of the
problems of the gradient study with two actions and at most eight trajectories, the one where the reward to
go raises the variance most (C8), and the one where the mean does (C10).
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.style import WIDTH, palette, readable
from pgpipe.lecture.variance_reduction.figures._tree import draw_tree, leaf_values, moments
from pgpipe.lecture.variance_reduction.figures._words import short_number, signed

ROUNDING = 1e-9  # of a ratio of equal variances

# How each credit is called, and which estimator's colour it has.
CREDITS = {
    "total_return": ("total return R", {"signal": "total_return", "baseline": "none"}),
    "reward_to_go": ("reward to go Q̂", {"signal": "reward_to_go", "baseline": "none"}),
    "return_mean": ("R − mean", {"signal": "total_return", "baseline": "mean"}),
}


def draw(listed_contributions: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """A tree and two columns of leaves for each counterexample."""
    shown = _worst(listed_contributions)
    tables = [listed_contributions[listed_contributions["environment"] == place] for place, _, _ in shown]
    sizes = [table["trajectory"].nunique() for table in tables]
    if not shown:
        return _nothing()
    figure, axes = plt.subplots(
        len(shown), 3, figsize=(WIDTH, sum(1.1 + 0.25 * n for n in sizes)), squeeze=False,
        height_ratios=[n + 0.6 for n in sizes], width_ratios=[2.2, 1, 1], layout="constrained",
    )  # fmt: skip
    for (tree, *columns), table, (environment, credit, _) in zip(axes, tables, shown, strict=True):
        draw_tree(tree, table)
        _bare(tree, table["trajectory"].nunique())
        tree.set_title(readable(environment))
        both = ["total_return", credit]
        reach = max(abs(leaf_values(table, name)[0]).max() for name in both)
        for ax, name in zip(columns, both, strict=True):
            _column(ax, table, name, reach, estimators)
    axes[-1, 0].set_xlabel("action, reward (probability)")
    return figure


def headline(listed_contributions: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """By how much each raises the variance."""
    shown = _worst(listed_contributions)
    said = [
        f"{'reward to go' if credit == 'reward_to_go' else 'mean'} {short_number(ratio)}-fold on "
        f"{readable(environment)}"
        for environment, credit, ratio in shown
    ]
    return f"Same gradient, more variance: {', '.join(said)}" if said else ""


def _worst(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    """For each change of the credit the environment where it raises the variance most, and how much."""
    ratios = {
        (str(environment), credit): moments(rows, credit)[1] / total
        for environment, rows in table.groupby("environment", sort=False)
        for credit in CREDITS
        if (total := moments(rows, "total_return")[1]) > 0
    }
    shown = []
    for credit in ("reward_to_go", "return_mean"):
        own = {place: ratio for place, ratio in ratios.items() if place[1] == credit}
        worst = max(own, key=lambda place: own[place], default=None)
        if worst and own[worst] > 1 + ROUNDING:
            shown.append((*worst, own[worst]))
    return shown


def _column(ax: Axes, table: pd.DataFrame, credit: str, reach: float, estimators: pd.DataFrame) -> None:
    """What each leaf adds, as a bar from the mean, with its number; mean and variance below."""
    words, parts = CREDITS[credit]
    name = composed_of(estimators, **parts)[:1]
    colour = palette(estimators)[name[0]] if name else "black"
    values, _ = leaf_values(table, credit)
    mean, variance = moments(table, credit)
    ax.axvline(mean, color="0.4", lw=1)
    for y, value in enumerate(values):
        ax.plot([mean, value], [y, y], color=colour, lw=2)
        ax.plot(value, y, "o", ms=5, color=colour)
        right = value >= mean
        ax.annotate(
            signed(value), (value, y), (6 if right else -6, 0), textcoords="offset points", va="center",
            ha="left" if right else "right", fontsize=8,
        )  # fmt: skip
    _bare(ax, len(values))
    ax.set_xlim(-1.6 * reach, 1.6 * reach)
    ax.set_title(words)
    ax.set_xlabel(f"mean {signed(mean, 3)}, variance {signed(variance, 4)}")


def _bare(ax: Axes, leaves: int) -> None:
    """No axes: all numbers stand beside what they are of."""
    ax.set_ylim(leaves - 0.4, -0.6)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def _nothing() -> Figure:
    """What is drawn where no counterexample is."""
    figure, ax = plt.subplots(figsize=(WIDTH, 1.2), layout="constrained")
    ax.text(0.5, 0.5, "in none of the problems whose trajectories are listed", ha="center")
    _bare(ax, 1)
    ax.set(title="no counterexample", xlabel="a higher variance", xlim=(0, 1))
    return figure
