"""F12 A policy over two actions

Left, the probabilities of two actions cross as one number of the state runs through its range: two sigmoids,
each the mirror image of the other. Right, the score of each action against its probability: two straight
lines that meet at zero where the probability is one; the less likely an action, the further from zero.

Left: by the state variable that moves the policy most, the others at their mean. Right: the score,
$\\partial \\log \\pi(a|s) / \\partial z$, with $z$ the difference of the two logits.

The policy is that of the last stage of training. Each number of the state is swept through the middle 98 % of
what real rollouts showed. The logits' difference is second action minus first, so the score is $1 -
\\pi(a|s)$ for the second action and $-(1 - \\pi(a|s))$ for the first: an action that was likely anyway moves
the policy little. Dots at the right are the states of all sweeps.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.style import COLOURS, STAGES, WIDTH, readable

STYLES = ((COLOURS[0], "-", "o"), (COLOURS[1], (0, (4, 1.5)), "s"))
DOTS = 12  # of each sweep


def draw(two_actions: pd.DataFrame) -> Figure:
    """The probabilities by one number of the state, and scores by probability."""
    figure, (sigmoid, scores) = plt.subplots(1, 2, figsize=(WIDTH, 3.1), layout="constrained")
    first = two_actions.iloc[0]
    _probabilities(sigmoid, two_actions[two_actions["quantity"] == _swings(two_actions).idxmax()])
    sigmoid.set_title(f"{readable(first['environment'])}, {STAGES[first['policy']]}")
    _scores(scores, two_actions)
    return figure


def headline(two_actions: pd.DataFrame) -> str:
    """Whether the score falls with the probability everywhere."""
    for _, rows in two_actions.groupby("action"):
        ordered = rows.sort_values("probability")["score"].abs()
        if (ordered.diff() > 1e-6).any():
            return ""
    return "The less likely an action was, the larger its score"


def findings(two_actions: pd.DataFrame) -> str:
    """Which number of the state moves the probability by how much."""
    swings = _swings(two_actions)
    most = swings.idxmax()
    second = two_actions[
        (two_actions["quantity"] == most) & (two_actions["action"] == _names(two_actions)[1])
    ]
    low, high = second["probability"].agg(["min", "max"])
    name = most.partition(" (")[0]
    return f"The {name} moves the probability of *{_names(two_actions)[1]}* between {low:.2f} and {high:.2f}."


def _names(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["action"]))


def _swings(table: pd.DataFrame) -> "pd.Series[float]":
    """How far each number of the state moves the probabilities."""
    return table.groupby("quantity", sort=False)["probability"].agg(lambda p: p.max() - p.min())


def _probabilities(ax: Axes, rows: pd.DataFrame) -> None:
    """Both actions by one number of the state."""
    ax.set(xlabel=rows["quantity"].iloc[0], ylabel="probability π(a|s)", ylim=(-0.03, 1.03))
    ends = []
    for (action, line), (colour, dashes, _) in zip(rows.groupby("action", sort=False), STYLES, strict=True):
        ax.plot(line["value"], line["probability"], color=colour, ls=dashes, lw=2)
        last = line.iloc[-1]
        ends.append(End(last["value"], last["probability"], str(action), colour))
    ax.set_xlim(limits(rows["value"].min(), rows["value"].max()))
    label_ends(ax, ends)


def _scores(ax: Axes, table: pd.DataFrame) -> None:
    """±(1 - π) as lines, and the states of all sweeps on them."""
    ax.axhline(0, color="0.5", lw=0.8, zorder=1)
    ax.set(title="score", xlabel="probability π(a|s) of the action", ylabel="score ∂ log π(a|s) / ∂z")
    ax.set(xlim=(-0.03, 1.03), ylim=(-1.06, 1.06))
    for (action, rows), (colour, dashes, marker), sign in zip(
        table.groupby("action", sort=False), STYLES, (-1, 1), strict=True
    ):
        every = max(1, len(rows) // (DOTS * rows["quantity"].nunique()))
        ax.plot([0, 1], [sign, 0], color=colour, ls=dashes, lw=1.2)
        ax.plot(rows["probability"][::every], rows["score"][::every], marker, color=colour, ms=3.5, mew=0)
        words = f"{action}: {'1' if sign > 0 else '−(1'} − π{'' if sign > 0 else ')'}"
        ax.annotate(
            words, (0.5, 0.5 * sign), (8, 6 * sign), textcoords="offset points",
            va="bottom" if sign > 0 else "top", fontsize=9, color=colour,
        )  # fmt: skip
