"""What the text of section 6 says in numbers."""

from collections.abc import Mapping

import pandas as pd

from pgpipe.lecture.common.cases import listed, problems
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.words import (
    counted,
    number,
    percent,
    pipe_table,
    plain,
    readable,
    with_bounds,
    with_interval,
)

ALONG = "gradient"  # the direction in which targets lie that sentences look at
PLAIN = {"baseline": "none", "bias": "none"}

# Each form of weights: how the table calls it, its parts, what its rewards and states are, and what it needs.
FORMS = (
    ("none, as if new", "reward_to_go", "none", "likelihood of old actions", "nothing"),
    ("whole trajectory, E26", "total_return", "trajectory", "∇J(θ′)", "both policies’ probabilities"),
    ("per decision, E29", "reward_to_go", "per_decision", "∇J(θ′)", "both policies’ probabilities"),
    ("no future, E30", "reward_to_go", "no_future", "old rewards", "both policies’ probabilities"),
    ("state and action, E32", "reward_to_go", "marginal", "old rewards", "probabilities of states"),
    ("first order, E34", "reward_to_go", "first_order", "old rewards and states", "one ratio a step"),
)


def sample_left(off_policy_weights: pd.DataFrame) -> str:
    """What the trajectories are worth half-way and at the farthest target, where episodes are longest."""
    rows = off_policy_weights[off_policy_weights["direction"] == ALONG].dropna(subset="distance")
    if rows.empty:
        return ""
    own = rows[rows["environment"] == rows.loc[rows["horizon"].idxmax(), "environment"]]
    last = own.groupby("distance").tail(1).sort_values("distance")
    if len(last) < 2:
        return ""
    near, far = last.iloc[min(len(last) // 2, len(last) - 2)], last.iloc[-1]
    ends = [
        f"{number(row['n'] * row['effective_share'], 3)} at {_nats(row['distance'])}" for row in (near, far)
    ]
    return (
        f"On {problems([near['environment']])}, where episodes are longest, {near['n']:,} old trajectories "
        f"are worth {ends[0]}, and {ends[1]}."
    )


def whose_rollouts(off_policy_data: pd.DataFrame, off_policy_support: pd.DataFrame) -> str:
    """Which environments' trajectories are somebody's dataset, and what makes that doubtful."""
    told = []
    for row in off_policy_data.to_dict("records"):
        where, n = problems([row["environment"]]), counted(row["episodes"], "episode")
        source = "the probabilities that it records"
        if row["probabilities"] != "recorded":
            fitted = with_interval(row["fitted"], row["fitted_low"], row["fitted_high"])
            source = f"those of a policy fitted to it (log-likelihood of an episode held out: {fitted} nats)"
        told.append(f"On {where} the trajectories are {n} of *{plain(row['dataset'])}*, with {source}.")
        rows = off_policy_support[off_policy_support["environment"] == row["environment"]]
        for at in rows.dropna(subset=["warning", "distance"]).to_dict("records"):
            place = f"{_nats(at['distance'])} along {_direction(at['direction'])}"
            told += [f"**Doubtful** at {place}: {plain(at['warning'])}."] if at["warning"] else []
    return " ".join(told)


def worth_of_probabilities(off_policy_probabilities: pd.DataFrame) -> str:
    """Bias and standard deviation by the source of a dataset's probabilities, at the farthest target."""
    rows = off_policy_probabilities[off_policy_probabilities["direction"] == ALONG]
    rows = rows[rows["distance"] == rows["distance"].max()].dropna(subset=["bias", "std"])
    if rows.empty:
        return ""
    lines = [
        (
            problems([row["environment"]]),
            readable(str(row["estimator"])),
            str(row["probabilities"]),
            *(with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in ("bias", "std")),
            f"{row['replicates']:,} of {row['batch_size']:,}",
        )
        for row in rows.to_dict("records")
    ]
    head = ("Dataset", "Estimator", "Probabilities", "Bias", "Standard deviation", "Batches")
    return (
        f"A dataset's probabilities at {_nats(rows['distance'].iloc[0])} along $\\nabla J$, in units of "
        "$\\lVert \\nabla J(\\theta) \\rVert$, with 95 % intervals. The error of one fit to all episodes is "
        f"the same in every batch, so not in these; that of a fit to each is.\n\n{pipe_table(head, lines)}"
    )


def infinite_though_near(off_policy_boundary: pd.DataFrame) -> str:
    """The least KL at which the second moment becomes infinite, and after how many steps."""
    ended = off_policy_boundary[off_policy_boundary["first_infinite"] > 0].dropna(subset="kl")
    if ended.empty:
        return ""
    near = ended.loc[ended["kl"].idxmin()]
    return (
        f"The nearest policy in P9 for which it is infinite within {near['farthest']:.0f} steps is "
        f"{_nats(near['kl'])} away; there it is infinite from step {near['first_infinite']:.0f} on."
    )


def direction_of_old_samples(
    off_policy_gradients: pd.DataFrame, off_policy_weights: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """The cosines of unweighted and of per-decision estimates at the farthest target, by environment."""
    rows = _farthest(off_policy_gradients, off_policy_weights)
    cosines = [
        rows[rows["estimator"].isin(_form(estimators, "reward_to_go", form)[:1])]
        .groupby("environment", sort=False)["cosine"]
        .first()
        .dropna()
        for form in ("none", "per_decision")
    ]
    both = pd.concat(cosines, axis=1, keys=["old", "weighted"]).dropna()
    if both.empty:
        return ""
    old, weighted = (listed(f"{value:.2f}" for value in both[name]) for name in ("old", "weighted"))
    downhill = both.index[both["old"] < 0]
    leads = f" Unweighted steps lead downhill on {problems(downhill)}." if len(downhill) else ""
    return (
        f"Direction alone is another matter: at {_nats(rows['distance'].iloc[0])} along $\\nabla J$ the "
        f"cosine of a batch's estimate with $\\nabla J(\\theta')$ is {old} without weights, and {weighted} "
        f"with E29, on {problems(both.index)}{' in turn' if len(both) > 1 else ''}.{leads}"
    ).replace(" -", " −")


def which_weights(
    off_policy_gradients: pd.DataFrame, off_policy_weights: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """A line for each form: what it estimates, bias and variance at the farthest target, what it needs."""
    rows = _farthest(off_policy_gradients, off_policy_weights)
    if rows.empty:
        return ""
    where = _nats(rows["distance"].iloc[0])
    head = ("Weights", "Expectation", f"Bias at {where}", "Variance, of E26’s", "Needs")
    lines = []
    for name, signal, importance, expectation, needs in FORMS:
        own = rows[rows["estimator"].isin(_form(estimators, signal, importance)[:1])]
        if len(own):
            bias = "0" if expectation == "∇J(θ′)" else _range(own["exact_bias"], number)
            lines.append((name, expectation, bias, _range(own["variance_ratio"], percent), needs))
    return pipe_table(head, lines)


def updates_from_a_batch(reuse_summary: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """What more updates from a batch bring at best, and what they cost without weights at worst."""
    ends = reuse_summary[reuse_summary["batch"] == reuse_summary["batch"].max()].dropna(subset="iqm")
    forms = estimators.set_index("estimator")["importance"].to_dict()
    once, more = ends[ends["reuse"] == 1], ends[ends["reuse"] > 1]
    if once.empty or more.empty:
        return ""
    before, best = (rows.loc[rows["iqm"].idxmax()] for rows in (once, more))
    apart = "" if best["low"] > before["high"] else ", which cannot be told apart"
    told = (
        f"One update from each batch ends at a return of {with_bounds(before)}. Of all that make more, "
        f"{best['reuse']} updates with {_words(best, forms)} end highest, at {with_bounds(best)}{apart}."
    )
    unweighted = more[more["estimator"].map(forms) == "none"]
    if unweighted.empty or (worst := unweighted.loc[unweighted["iqm"].idxmin()])["high"] >= before["low"]:
        return told
    end = with_bounds(worst)
    return f"{told} Without weights, {worst['reuse']} updates end at {end}, lower than a single one."


def _farthest(gradients: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Rows at the largest distance along the gradient, of environments with episodes of several steps."""
    steps = weights.groupby("environment")["horizon"].max()
    rows = gradients[(gradients["direction"] == ALONG) & (gradients["environment"].map(steps) > 1)]
    return rows[rows["distance"] == rows["distance"].max()]


def _form(estimators: pd.DataFrame, signal: str, importance: str) -> list[str]:
    return composed_of(estimators, signal=signal, importance=importance, **PLAIN)


def _words(row: "pd.Series[object]", forms: Mapping[str, str]) -> str:
    form = forms.get(str(row["estimator"]), "none")
    return "no weights" if form == "none" else f"{form.replace('_', '-')} weights"


def _range(values: "pd.Series[float]", words: "object") -> str:
    """The least and the greatest in words; nothing of nothing."""
    known = values.dropna()
    if known.empty or not callable(words):
        return ""
    low, high = words(known.min()), words(known.max())
    return str(low) if low == high else f"{low} to {high}"


def _direction(name: str) -> str:
    return "$\\nabla J$" if name == ALONG else f"direction {name.removeprefix('random ')} at random"


def _nats(distance: float) -> str:
    return f"{number(distance)} nat" + ("" if distance == 1 else "s")
