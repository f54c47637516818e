"""P17 Learning by vanilla, normalised and natural steps

A row of two panels for each environment: on the left the return per episode over steps of the environment,
on the right the KL that each update moves the policy by, on a logarithmic axis. The natural steps keep to
their bound, a dotted line; the others range over orders of magnitude.

Left: interquartile mean over seeds, with its 95 % interval. Right: how far each update moves the policy,
median and middle half over seeds; dotted, the bound of natural steps.

Of long trainings every second or third update is drawn. The return is the mean of a batch, the interval a
bootstrap over seeds. KL(π_θ ‖ π_θ') is the mean over the steps of the update's batch. All recipes of an
environment use the same estimate of the gradient and start from the same parameters, seed by seed: vanilla
steps are θ + αĝ, normalised ones θ + αĝ/‖ĝ‖, and natural ones go along F⁻¹ĝ to a bound of KL. Adam is there
because it is what one would use. Who comes first to a return is in `direction_speed.csv`, for every pair of
recipes: the probability that a seed of the one needs fewer steps, and medians.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import listed
from pgpipe.lecture.common.extents import limits
from pgpipe.lecture.common.labels import End, label_ends
from pgpipe.lecture.common.style import DIRECTION_COLOURS, DIRECTION_LINES, WIDTH, plain_log_axis, readable

WORDS = {"vanilla": "vanilla", "normalized": "normalised", "adam": "Adam", "natural": "natural"}
POINTS = 25  # of a line, at most


def draw(direction_summary: pd.DataFrame, direction_speed: pd.DataFrame) -> Figure:
    """A row for each environment."""
    environments = direction_summary["environment"].unique()
    figure, axes = plt.subplots(
        len(environments), 2, figsize=(WIDTH, 0.3 + 2.0 * len(environments)), squeeze=False,
        width_ratios=[1.15, 1], layout="constrained",
    )  # fmt: skip
    for (left, right), environment in zip(axes, environments, strict=True):
        rows = direction_summary[direction_summary["environment"] == environment]
        _returns(left, rows)
        _moves(right, rows)
        left.set_title(f"{readable(str(environment))}, {rows['seeds'].max()} seeds")
    axes[0, 1].set_title("how far each update moves the policy")
    axes[-1, 0].set_xlabel("thousand steps of the environment")
    axes[-1, 1].set_xlabel("update")
    return figure


def headline(direction_summary: pd.DataFrame, direction_speed: pd.DataFrame) -> str:
    """Which other steps natural ones are faster than everywhere, and which at some places."""
    own = direction_speed[direction_speed["step"] == "natural"]
    faster = (own["low"] > 0.5).groupby(own["other_step"]).agg(["sum", "size"])
    kinds = [kind for kind in WORDS if kind in faster.index]
    always = [WORDS[kind] for kind in kinds if faster.loc[kind, "sum"] == faster.loc[kind, "size"]]
    places = own["environment"].nunique()
    if not always:
        return ""
    everywhere = " everywhere" if places > 1 else ""
    some = [
        f"{WORDS[kind]} in {faster.loc[kind, 'sum']} of {places}"
        for kind in kinds
        if WORDS[kind] not in always
    ]
    return f"Natural steps learn faster than {listed(always)}{everywhere}" + (
        f", than {listed(some)}" if some else ""
    )


def findings(direction_summary: pd.DataFrame, direction_speed: pd.DataFrame) -> str:
    """Natural steps against the strongest of the others: the one that comes nearest."""
    own = direction_speed[direction_speed["step"] == "natural"].dropna(subset="probability")
    if own.empty:
        return ""
    row = own.loc[own["probability"].idxmin()].to_dict()
    share = Interval.from_columns(row, ("probability", "low", "high"), row["n"])
    return (
        f"Closest: {WORDS[row['other_step']]} on {readable(row['environment'])}; a seed of natural steps is "
        f"the first to reach {row['target']:g} with probability {share:.2f}."
    )


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """Few updates, the last one among them."""
    every = -(-len(curve) // POINTS)
    return pd.concat([curve[:-1:every], curve[-1:]])


def _returns(ax: Axes, rows: pd.DataFrame) -> None:
    """Learning curves, named at their ends."""
    ends = []
    for step, every in rows.groupby("step", sort=False):
        curve = _thinned(every)
        colour, steps = DIRECTION_COLOURS[str(step)], curve["env_steps"] / 1000
        ax.plot(steps, curve["iqm"], lw=1.6, color=colour, ls=DIRECTION_LINES[str(step)])
        ax.fill_between(steps, curve["low"], curve["high"], color=colour, alpha=0.15, lw=0)
        ends.append(End(steps.iloc[-1], curve["iqm"].iloc[-1], WORDS[str(step)], colour))
    ax.set(ylabel="return per episode", xlim=limits(0, 1.02 * rows["env_steps"].max() / 1000))
    label_ends(ax, ends, apart=0.13, pad=0.05)


def _moves(ax: Axes, rows: pd.DataFrame) -> None:
    """KL of every update, and the bound."""
    for step, every in rows.groupby("step", sort=False):
        curve = _thinned(every)
        colour = DIRECTION_COLOURS[str(step)]
        ax.plot(curve["update"], curve["kl"], lw=1.4, color=colour, ls=DIRECTION_LINES[str(step)])
        ax.fill_between(
            curve["update"], curve["kl_low"], curve["kl_high"], color=colour, alpha=0.13, lw=0,
        )  # fmt: skip
    plain_log_axis(ax)
    ax.set(ylabel="KL (nats per step)", xlim=limits(0, 1.02 * rows["update"].max()))
    for bound in rows["bound"].dropna().unique():
        ax.axhline(bound, color="black", lw=1, ls=(0, (1, 1.5)), zorder=4)
        ax.annotate(
            f"bound\n{bound:g}", (1, bound), (4, 0), ax.get_yaxis_transform(), "offset points", va="center",
            fontsize=8.5, annotation_clip=False,
        )  # fmt: skip
