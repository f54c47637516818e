"""P17 Which step sizes work: two directions, two rules

A row of three panels for each environment: the score over the learning rate on the left, over the KL bound
in the middle, on logarithmic axes, a line for vanilla and one for natural steps. Each line rises to its
best size and falls again; bars at the bottom are the sizes that work. On the right, for each rule, how much
wider the range of natural steps is, with intervals.

Score of a training by its step size, with its 95 % interval; bars below: sizes above the dotted line, and
their decades of step length. Right: natural minus vanilla decades, 95 % intervals over all comparisons
together.

The score is the return as a share of the best one's in the environment, from what an untrained policy
returns: interquartile mean over seeds with its bootstrap interval. By a learning rate a step is θ + αd, by
a KL bound it goes along d to a bound ε of KL, with d = ĝ (vanilla) and d = F⁻¹ĝ (natural). A decade of ε is
half a decade of length. What the bound does and what F⁻¹ does are two things: compare the columns for the
one, the lines of a panel for the other. The intervals at the right are those by which C35 is decided.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import listed, stretched
from pgpipe.lecture.common.looks import wide_log_axis
from pgpipe.lecture.common.style import DIRECTION_COLOURS, WIDTH, readable
from pgpipe.statistics import LEVEL

RULES = {"learning_rate": "learning rate α", "kl": "KL bound ε (nats per step)"}
SHORT = {"learning_rate": "learning rate", "kl": "KL bound"}
MARKS = {"vanilla": "s", "natural": "o"}
BARS = {"natural": -0.13, "vanilla": -0.27}  # heights, below the scores


def draw(
    step_size_scores: pd.DataFrame, step_size_ranges: pd.DataFrame, step_size_contrasts: pd.DataFrame
) -> Figure:
    """A row for each environment: a column for each rule, and the differences."""
    environments, works = step_size_scores["environment"].unique(), step_size_ranges["works"].iloc[0]
    figure, axes = plt.subplots(
        len(environments), 3, figsize=(WIDTH, 0.4 + 2.2 * len(environments)), squeeze=False,
        width_ratios=[1, 1, 0.72], layout="constrained",
    )  # fmt: skip
    apart = _differences(step_size_contrasts)
    low, high = min([-0.1, *apart["low"]]), max([0.1, *apart["high"]])
    limits = (low - 0.1 * (high - low), high + 0.45 * (high - low))
    for (*panels, last), environment in zip(axes, environments, strict=True):
        for ax, key in zip(panels, RULES, strict=True):
            own = [t[(t["environment"] == environment) & (t["key"] == key)]
                   for t in (step_size_scores, step_size_ranges)]  # fmt: skip
            _scores(ax, own[0], works)
            _bars(ax, own[1])
            ax.set(title=f"{readable(environment)}, by {SHORT[key]}", ylim=(-0.36, 1.22))
        panels[0].set_ylabel("score (share of the best)")
        _contrasts(last, apart[apart["environment"] == environment], limits)
        panels[1].tick_params(labelleft=False)
    for ax, words in zip(axes[-1], (*RULES.values(), "decades, natural − vanilla"), strict=True):
        ax.set_xlabel(words)
    axes[0, 2].set_title("what F⁻¹ adds")
    return figure


def headline(
    step_size_scores: pd.DataFrame, step_size_ranges: pd.DataFrame, step_size_contrasts: pd.DataFrame
) -> str:
    """In how many comparisons natural steps widen the range; and whether a bound does."""
    apart = _differences(step_size_contrasts)
    if apart.empty:
        return ""
    wider = int(((apart["low"] > 0) & ~apart["other_censored"]).sum())
    bound = _bound_alone(step_size_contrasts)
    if len(bound) and ((bound["low"] > 0) & ~bound["other_censored"]).all():
        return (
            f"More step sizes work with a KL bound; F⁻¹ adds to them in {wider} of {len(apart)} comparisons"
        )
    return f"F⁻¹ widens the range of step sizes that work in {wider} of {len(apart)} comparisons"


def findings(
    step_size_scores: pd.DataFrame, step_size_ranges: pd.DataFrame, step_size_contrasts: pd.DataFrame
) -> str:
    """What a bound adds to vanilla steps."""
    told = [
        f"{Interval.from_columns(row, ('difference', 'low', 'high'), row['seeds']):.1f} on "
        f"{readable(row['environment'])}"
        for row in _bound_alone(step_size_contrasts).to_dict("records")
    ]
    return f"To vanilla steps a KL bound adds {listed(told)}." if told else ""


def _bound_alone(contrasts: pd.DataFrame) -> pd.DataFrame:
    """A KL bound minus a learning rate, along ĝ."""
    return contrasts[(contrasts["differ_in"] == "key") & (contrasts["direction"] == "vanilla")]


def _differences(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Natural minus vanilla, with intervals that hold for all rows together, as in C35."""
    apart = contrasts[contrasts["differ_in"] == "direction"]
    ends = []
    for row in apart.to_dict("records"):
        interval = Interval.from_columns(row, ("difference", "low", "high"), row["seeds"])
        ends.append(stretched(interval, (1 - LEVEL) / len(apart), row["seeds"] - 1))
    low, high = zip(*ends, strict=True) if ends else ((), ())
    return apart.assign(low=list(low), high=list(high))


def _scores(ax: Axes, scores: pd.DataFrame, works: float) -> None:
    """Scores by size, a line for each direction."""
    for direction, rows in scores.groupby("direction"):
        colour = DIRECTION_COLOURS[str(direction)]
        ax.plot(rows["size"], rows["score"], color=colour, marker=MARKS[str(direction)], ms=4.5, lw=1.5)
        ax.fill_between(rows["size"], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)
    ax.axhline(works, color="0.4", lw=0.9, ls=":")
    wide_log_axis(ax)
    ax.set_yticks(np.linspace(0, 1, 6))
    scores = scores.dropna(subset="score")
    best = scores.loc[scores.groupby("direction")["score"].idxmax()].sort_values("size")
    inward = 8 if best["size"].is_unique else -3  # where both are best, names stand side by side
    sides = (("right", inward), ("left", -inward))
    top = best["score"].max()  # above all, so that no line crosses a name
    for row, (side, shift) in zip(best.to_dict("records"), sides, strict=False):
        ax.annotate(
            row["direction"], (row["size"], top), (shift, 6), textcoords="offset points", ha=side,
            va="bottom", fontsize=9, color=DIRECTION_COLOURS[row["direction"]],
        )  # fmt: skip


def _bars(ax: Axes, ranges: pd.DataFrame) -> None:
    """The sizes that work, and how many decades they are."""
    for row in ranges[ranges["decades"] > 0].to_dict("records"):
        colour, height = DIRECTION_COLOURS[row["direction"]], BARS[row["direction"]]
        ax.plot(
            [row["from_size"], row["to_size"]], [height, height], color=colour, lw=4, solid_capstyle="butt"
        )
        ax.annotate(
            f"{row['decades']:.1f}", (row["to_size"], height), (4, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=colour,
        )  # fmt: skip


def _contrasts(ax: Axes, apart: pd.DataFrame, limits: tuple[float, float]) -> None:
    """A row for each rule."""
    ax.axvline(0, color="0.4", lw=0.9)
    for height, key in enumerate(reversed(RULES)):
        for row in apart[apart["key"] == key].to_dict("records"):
            ax.plot([row["low"], row["high"]], [height, height], color="black", lw=1.4)
            ax.plot(row["difference"], height, "o", color="black", ms=5.5)
            ax.annotate(
                f"{row['difference']:+.2f}".replace("-", "−"), (row["high"], height), (6, 0),
                textcoords="offset points", va="center", fontsize=8.5,
            )  # fmt: skip
    ax.set_yticks(range(len(RULES)), [SHORT[key].replace(" ", "\n") for key in reversed(RULES)])
    ax.set(ylim=(-0.6, len(RULES) - 0.4), xlim=limits)
    ax.grid(visible=False, axis="y")
