"""P17 Which step sizes work: two directions, two rules

A row of two panels for each environment: the score over the learning rate on the left, over the KL bound on
the right, on logarithmic axes, a line for plain and one for natural steps. Each line rises to its best size
and falls again; where it is above the dotted line, sizes work.

Score of a training by its step size: its return as a share of the best one's in the environment, from what an
untrained policy returns; interquartile mean over seeds with its 95 % bootstrap interval. Left: θ + αd, right:
the step along d to a bound ε of KL, of d = ĝ (grey) and d = F⁻¹ĝ (red). Sizes above the dotted line work. A
decade of ε is half a decade of length. What the bound does and what F⁻¹ does are two things: compare the
columns for the one, the lines of a panel for the other.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.intervals import Interval
from pgpipe.lecture.common.looks import wide_log_axis
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH, readable

RULES = {"learning_rate": "learning rate α", "kl": "KL bound ε (nats per step)"}
SHORT = {"learning_rate": "a learning rate", "kl": "a KL bound"}
MARKS = {"vanilla": "s", "natural": "o"}


def draw(
    step_size_scores: pd.DataFrame, step_size_ranges: pd.DataFrame, step_size_contrasts: pd.DataFrame
) -> Figure:
    """A row for each environment, a column for each rule."""
    environments, works = step_size_scores["environment"].unique(), step_size_ranges["works"].iloc[0]
    figure, axes = plt.subplots(
        len(environments), 2, figsize=(WIDTH, 0.5 + 2.1 * len(environments)), sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for line, environment in zip(axes, environments, strict=True):
        own = step_size_scores[step_size_scores["environment"] == environment]
        for ax, (key, words) in zip(line, RULES.items(), strict=True):
            for direction, rows in own[own["key"] == key].groupby("direction"):
                colour = DIRECTION_COLOURS[direction]
                ax.plot(rows["size"], rows["score"], color=colour, marker=MARKS[direction], ms=4, lw=1.3)
                ax.fill_between(rows["size"], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)
            ax.axhline(works, color="0.4", lw=0.8, ls=":")
            wide_log_axis(ax)
            ax.set(title=f"{readable(str(environment))}, by {SHORT[key]}", xlabel=words, ylim=(-0.05, 1.08))
        line[0].set_ylabel("score (share of the best)")
    handles = [
        Line2D([], [], color=DIRECTION_COLOURS[kind], marker=MARKS[kind], ms=4, label=words)
        for kind, words in (("vanilla", "plain, along ĝ"), ("natural", "natural, along F⁻¹ĝ"))
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure


def findings(
    step_size_scores: pd.DataFrame, step_size_ranges: pd.DataFrame, step_size_contrasts: pd.DataFrame
) -> str:
    """How wide the ranges are, and the differences."""
    told = []
    for environment, rows in step_size_ranges.groupby("environment", sort=False):
        kinds = ", ".join(
            f"{row['direction']} by {SHORT[row['key']]} {row['decades']:.2f}"
            for row in rows.to_dict("records")
        )
        apart = step_size_contrasts[
            (step_size_contrasts["environment"] == environment)
            & (step_size_contrasts["differ_in"] == "direction")
        ]
        differences = ", ".join(
            f"{Interval.from_columns(row, ('difference', 'low', 'high'), row['seeds']):.2f} "
            f"by {SHORT[row['key']]}"
            for row in apart.to_dict("records")
        )
        more = f"; natural minus vanilla {differences}" if differences else ""
        told.append(f"{readable(str(environment))}: {kinds}{more}.")
    return f"Decades of step length that work ({rows['seeds'].iloc[0]} seeds). " + " ".join(told)
