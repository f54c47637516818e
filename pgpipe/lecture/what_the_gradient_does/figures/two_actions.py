"""F12 A policy over two actions

In the upper row the probabilities of two actions cross as one number of the state runs through its range, a
column for each number; in the lower row the score of the second action is positive and that of the first
negative, and each is largest where its action is least likely.

Above: the probability of each action by one number of the state, through the middle 98 % of what real
rollouts showed, the other numbers held at their mean; the policy is that of the last stage of training.
Below: the score of each action, the derivative of log π by z, the difference of the two logits (second
action minus first). It is 1 - π(a|s) for the second action and -(1 - π(a|s)) for the first: an action that
was likely anyway moves the policy little.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pgpipe.lecture.common.style import COLOURS, STAGES, WIDTH, readable

LINES = ("-", "--")


def draw(two_actions: pd.DataFrame) -> Figure:
    """One column for each number of the state."""
    quantities = two_actions["quantity"].unique()
    figure, axes = plt.subplots(
        2,
        len(quantities),
        figsize=(WIDTH, 4.2),
        sharex="col",
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for (above, below), quantity in zip(axes.T, quantities, strict=True):
        rows = two_actions[two_actions["quantity"] == quantity]
        for i, (action, line) in enumerate(rows.groupby("action", sort=False)):
            style = {"color": COLOURS[i], "ls": LINES[i], "label": action, "lw": 1.6}
            above.plot(line["value"], line["probability"], **style)
            below.plot(line["value"], line["score"], **style)
        name, _, unit = quantity.partition(" (")
        above.set_title(name)
        below.set_xlabel(f"{name}\n({unit}" if unit else name)
        below.xaxis.set_major_locator(MaxNLocator(3))
        below.axhline(0, color="0.5", lw=0.8, zorder=1)
    axes[0, 0].set(ylabel="probability π(a|s)", ylim=(-0.03, 1.03))
    axes[1, 0].set(ylabel="score ∂ log π(a|s) / ∂z", ylim=(-1.06, 1.06))
    first = two_actions.iloc[0]
    words = f"{readable(first['environment'])}, {STAGES[first['policy']]}"
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2, title=words)
    return figure
