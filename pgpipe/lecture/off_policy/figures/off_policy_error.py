"""P10 Bias and spread of the off-policy gradients by distance

Two columns of panels, a row for each environment. On the left the bias of every estimator over the distance
of the policies: old samples used as new are far off even at small distances, the first-order form much less.
On the right the standard deviation of one batch's estimate: weights of whole trajectories grow fastest.

Targets along the gradient of J, at growing KL of a whole trajectory; one sample of the old policy for all.
Left: bias ‖E ĝ - ∇J(θ')‖ in units of ‖∇J(θ)‖; lines are exact, points measured on the same batches as the
difference to the unbiased causal form, with 95 % bootstrap intervals, where these exclude zero. An unbiased
form has no point. Right: standard deviation of a batch's estimate in the same unit, with 95 % bootstrap
intervals. A hollow point is under a warning: the second moment of its weights is infinite, or less than 10 %
of the sample is effective; its standard deviation is that of this sample, and of no other.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.style import WIDTH, estimator_legend, markers, palette, readable

# What E34 leaves out, in two steps, is seen apart where the states' own ratios are known, as in E32.
STEPWISE = ("first_order", "marginal")


def draw(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """A row for each environment: bias on the left, standard deviation on the right."""
    table = off_policy_gradients[off_policy_gradients["direction"] == "gradient"]
    environments = list(table["environment"].unique())
    names = [name for name in estimators["estimator"] if name in set(table["estimator"])]
    figure, axes = plt.subplots(
        len(environments), 2, figsize=(WIDTH, 0.9 + 1.9 * len(environments)), sharex=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for (bias, spread), environment in zip(axes, environments, strict=True):
        rows = table[table["environment"] == environment]
        for name in names:
            own = rows[rows["estimator"] == name].sort_values("kl")
            if len(own):
                _bias(bias, own, palette(estimators)[name], markers(estimators)[name])
                _spread(spread, own, palette(estimators)[name], markers(estimators)[name])
        for ax in (bias, spread):
            ax.set(xscale="log", yscale="log")
            few_numbers(ax)
        bias.set_ylabel(f"{readable(environment)}\nbias / ‖∇J(θ)‖")
        spread.set_ylabel("std / ‖∇J(θ)‖")
    axes[0, 0].set_title("bias")
    n, R = table["batch_size"].iloc[0], table["replicates"]
    axes[0, 1].set_title(f"standard deviation of {n} trajectories")
    figure.supxlabel(f"{R.min()} to {R.max()} batches of {n} trajectories", fontsize=8)
    for ax in axes[-1]:
        ax.set_xlabel("KL of a trajectory (nats)")
    estimator_legend(figure, estimators, names)
    return figure


def findings(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """What the state ratio that E34 ignores costs, and the old policy's Q̂, at the largest distance."""
    known = off_policy_gradients.dropna(subset="exact_bias")
    far = known[(known["direction"] == "gradient") & (known["distance"] == known["distance"].max())]
    of_form = {"signal": "reward_to_go", "baseline": "none"}
    forms = [composed_of(estimators, importance=form, **of_form)[:1] for form in STEPWISE]
    sentences = []
    for environment, rows in far.groupby("environment", sort=False):
        first_order, marginal = (rows[rows["estimator"].isin(form)] for form in forms)
        if len(first_order) and len(marginal) and marginal["exact_bias"].item() > 1e-9:
            ignored, old_q = first_order["exact_past_gap"].item(), marginal["exact_bias"].item()
            sentences.append(
                f"{readable(str(environment))}: the state ratio that the first-order form leaves out changes "
                f"{ignored:.2g} ‖∇J(θ)‖, the old policy's Q̂ {old_q:.2g}"
            )
    return f"Apart, and exact, at the largest distance: {'; '.join(sentences)}." if sentences else ""


def few_numbers(ax: Axes) -> None:
    """Plain numbers at 1, 2 and 5 of every power of ten, and only at the powers where there are many."""
    low, high = ax.get_ylim()
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 50 * low else (1.0,)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())


def _bias(ax: Axes, rows: pd.DataFrame, colour: str, marker: str) -> None:
    exact = rows[rows["exact_bias"] > 1e-9]
    ax.plot(exact["kl"], exact["exact_bias"], color=colour, lw=1.2)
    seen = rows[rows["gap_low"] > 1e-9]  # below it is rounding
    _points(ax, seen, "gap", colour, marker, line="" if len(exact) else "-")


def _spread(ax: Axes, rows: pd.DataFrame, colour: str, marker: str) -> None:
    _points(ax, rows, "std", colour, marker, line="-")


def _points(ax: Axes, rows: pd.DataFrame, name: str, colour: str, marker: str, line: str) -> None:
    """Points with their intervals; hollow under a warning."""
    ax.plot(rows["kl"], rows[name], line or "None", color=colour, lw=1.0)
    warned = rows["warning"].fillna("") != ""
    for some, face in ((rows[~warned], colour), (rows[warned], "white")):
        bars = [some[name] - some[f"{name}_low"], some[f"{name}_high"] - some[name]]
        ax.errorbar(
            some["kl"], some[name], [bar.clip(lower=0) for bar in bars],
            fmt=marker, ms=4, lw=1, color=colour, mfc=face,
        )  # fmt: skip
