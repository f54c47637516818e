"""P17 Learning by vanilla, normalised and natural steps

A row of two panels for each environment: on the left the return per episode over steps of the environment,
on the right the KL that each update moves the policy by, on a logarithmic axis. The natural steps
keep to their bound; the others range over orders of magnitude.

Left: interquartile mean over the training seeds of the mean return of a batch, with its 95 % bootstrap
interval over seeds, by steps of the environment. Right: KL(π_θ ‖ π_θ') of every update, the mean over the
steps of its batch, in nats; the line is the median over seeds, the band its middle half. All recipes of an
environment use the same estimate of the gradient and start from the same parameters, seed by seed: vanilla
steps are θ + αĝ, normalised ones θ + αĝ/‖ĝ‖, and natural ones go along F⁻¹ĝ to a bound of KL. Adam is there
because it is what one would use.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pgpipe.intervals import Interval
from pgpipe.lecture.common.style import DIRECTION_COLOURS, DIRECTION_LINES, WIDTH, readable

WORDS = {"vanilla": "vanilla", "normalized": "normalised", "adam": "Adam", "natural": "natural"}


def draw(direction_summary: pd.DataFrame, direction_speed: pd.DataFrame) -> Figure:
    """A row for each environment."""
    environments = direction_summary["environment"].unique()
    figure, axes = plt.subplots(
        len(environments),
        2,
        figsize=(WIDTH, 0.4 + 2.1 * len(environments)),
        squeeze=False,
        layout="constrained",
    )
    for (left, right), environment in zip(axes, environments, strict=True):
        rows = direction_summary[direction_summary["environment"] == environment]
        for (_, step), curve in rows.groupby(["recipe", "step"], sort=False):
            style = {"color": DIRECTION_COLOURS[step], "ls": DIRECTION_LINES[step]}
            steps = curve["env_steps"] / 1000
            left.plot(steps, curve["iqm"], lw=1.5, **style)
            left.fill_between(steps, curve["low"], curve["high"], color=style["color"], alpha=0.15, lw=0)
            right.plot(curve["update"], curve["kl"], lw=1.3, **style)
            right.fill_between(
                curve["update"], curve["kl_low"], curve["kl_high"], color=style["color"], alpha=0.15, lw=0
            )
        seeds = rows["seeds"].max()
        left.set(title=f"{readable(str(environment))} ({seeds} seeds)", ylabel="return per episode")
        right.set(title="KL of every update", ylabel="KL (nats per step)", yscale="log")
    axes[-1, 0].set_xlabel("thousand steps of the environment")
    axes[-1, 1].set_xlabel("update")
    shown = set(direction_summary["step"])
    handles = [
        Line2D([], [], color=DIRECTION_COLOURS[kind], ls=DIRECTION_LINES[kind], label=words)
        for kind, words in WORDS.items() if kind in shown
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure


def findings(direction_summary: pd.DataFrame, direction_speed: pd.DataFrame) -> str:
    """Who first comes to a return: natural steps against each of the others."""
    told = []
    for environment, rows in direction_speed[direction_speed["step"] == "natural"].groupby(
        "environment", sort=False
    ):
        against = ", ".join(
            f"{WORDS[row['other_step']]} "
            f"{Interval.from_columns(row, ('probability', 'low', 'high'), row['n']):.2f}"
            for row in rows.to_dict("records")
        )
        median = f"{rows['median'].iloc[0]:,.0f}" if rows["median"].iloc[0] < float("inf") else "never"
        others = ", ".join(
            f"{row.other_median:,.0f}" if row.other_median < float("inf") else "never"
            for row in rows.itertuples()
        )
        told.append(
            f"{readable(str(environment))}, return {rows['target'].iloc[0]:g}: against {against}; median "
            f"steps {median}, against {others}."
        )
    return "Probability that a seed with natural steps first returns so much after fewer steps: " + " ".join(
        told
    )
