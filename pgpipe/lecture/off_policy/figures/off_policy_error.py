"""P10 Bias and spread of the off-policy gradients by distance

Two panels over the distance of the policies, with a named line for each form of importance weights. On
the left the bias of the forms that have one, on logarithmic axes, with a note of those that have none. On
the right the standard deviation of one batch's estimate, of all of them.

Targets along ∇J; one sample of the old policy for all. Left: ‖E ĝ − ∇J(θ′)‖; E26 and E29 have none.
Right: standard deviation of a batch's estimate. 95 % bootstrap intervals.

The environment is that of the longest episodes. Bias is measured as the difference to E29's mean on the
same batches, less what noise adds, and shown where its interval excludes zero; without E29, the exact
one. A hollow point is under a warning: the second moment of its weights is infinite, or less than 10 % of
the sample is effective; its standard deviation is that of this sample, and of no other. The other
environments, the forms that are not shown and the exact biases stand in the table.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.extents import log_limits, log_scale
from pgpipe.lecture.common.labels import SIZE, End, label_ends, plain_numbers
from pgpipe.lecture.common.style import WIDTH, markers, palette, readable
from pgpipe.lecture.off_policy.figures._forms import named, nats, points, shown_forms

# What E34 leaves out, in two steps, is seen apart where the states' own ratios are known, as in E32.
STEPWISE = ("first_order", "marginal")
ROUNDING = 1e-9


def draw(
    off_policy_gradients: pd.DataFrame, off_policy_weights: pd.DataFrame, estimators: pd.DataFrame
) -> Figure:
    """Bias on the left, standard deviation on the right, of the forms that the lecture writes down."""
    rows = _longest(off_policy_gradients, off_policy_weights)
    shown = shown_forms(estimators, set(rows["estimator"]))
    biased = rows.assign(
        gap_low=rows["gap_low"].fillna(rows["exact_bias"]), gap=rows["gap"].fillna(rows["exact_bias"])
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.5), layout="constrained")
    for ax in (left, right):
        ax.set(xscale="log", xlabel="KL of a trajectory (nats)")
        ax.set_xlim(log_limits(0.7 * rows["kl"].min(), 1.4 * rows["kl"].max()))
    seen = _curves(left, biased[biased["gap_low"] > ROUNDING], "gap", estimators, shown)
    _curves(right, rows, "std", estimators, shown)
    _note_unbiased(left, estimators, {name: text for name, text in shown.items() if name not in seen})
    place, n = readable(rows["environment"].iloc[0]), rows["batch_size"].iloc[0]
    left.set(title=f"bias ({place})", ylabel="bias / ‖∇J(θ)‖")
    right.set(title=f"spread ({n} trajectories)", ylabel="standard deviation / ‖∇J(θ)‖")
    return figure


def headline(
    off_policy_gradients: pd.DataFrame, off_policy_weights: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """What the first-order form has of the bias without weights, and of the whole trajectory's spread."""
    rows = _longest(off_policy_gradients, off_policy_weights)
    far = rows[rows["distance"] == rows["distance"].max()].set_index("estimator")
    shown = shown_forms(estimators, set(far.index))
    plain, whole, first = (named(shown, form) for form in ("none", "trajectory", "first_order"))
    if not (plain and whole and first) or not far.loc[plain, "gap_low"] > ROUNDING:
        return ""
    bias = far.loc[first, "gap"] / far.loc[plain, "gap"]
    spread = far.loc[first, "std"] / far.loc[whole, "std"]
    return f"First-order weights have {bias:.0%} of the unweighted bias and {spread:.0%} of E26's spread"


def findings(
    off_policy_gradients: pd.DataFrame, off_policy_weights: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """What the state ratio that E34 ignores costs, and the old policy's Q̂, at the largest distance."""
    known = off_policy_gradients.dropna(subset="exact_bias")
    far = known[(known["direction"] == "gradient") & (known["distance"] == known["distance"].max())]
    of_form = {"signal": "reward_to_go", "baseline": "none"}
    forms = [composed_of(estimators, importance=form, **of_form)[:1] for form in STEPWISE]
    sentences = []
    for environment, rows in far.groupby("environment", sort=False):
        first_order, marginal = (rows[rows["estimator"].isin(form)] for form in forms)
        if len(first_order) and len(marginal) and marginal["exact_bias"].item() > ROUNDING:
            ignored, old_q = first_order["exact_past_gap"].item(), marginal["exact_bias"].item()
            sentences.append(f"{readable(str(environment))} {ignored:.2g}, {old_q:.2g}")
    if not sentences:
        return ""
    at = nats(far["distance"].iloc[0])
    return f"E34's bias by ignored state ratios, and by the old Q̂, at {at}: {'; '.join(sentences)} ‖∇J(θ)‖."


def _longest(gradients: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """The targets along the gradient where episodes are longest: there products of ratios are worst."""
    table = gradients[gradients["direction"] == "gradient"]
    steps = weights[weights["environment"].isin(table["environment"])].groupby("environment", sort=False)
    return table[table["environment"] == steps["horizon"].max().idxmax()].sort_values("kl")


def _curves(
    ax: Axes, rows: pd.DataFrame, measure: str, estimators: pd.DataFrame, shown: dict[str, str]
) -> list[str]:
    """A line for each form, named at its end; which of them there are."""
    ends = {}
    for name, text in shown.items():
        own, colour = rows[rows["estimator"] == name], palette(estimators)[name]
        if len(own):
            points(ax, own, ("kl", measure), colour, markers(estimators)[name])
            ends[name] = End.of(own, "kl", measure, text, colour)
    log_scale(ax, vertical=True)
    plain_numbers(ax.yaxis)
    label_ends(ax, list(ends.values()))
    return list(ends)


def _note_unbiased(ax: Axes, estimators: pd.DataFrame, unseen: dict[str, str]) -> None:
    """The forms without a line that have no bias, as they correct for all that has changed."""
    complete = (estimators["bias"] == "none") & (estimators["corrects"] == "actions, states, rewards")
    unbiased = [text for name, text in unseen.items() if name in set(estimators.loc[complete, "estimator"])]
    if unbiased:
        words = "\n".join(["no bias:", *unbiased])
        ax.text(0.97, 0.04, words, transform=ax.transAxes, ha="right", fontsize=SIZE, color="0.3")
