"""What the text of section 11 says in numbers."""

import pandas as pd

from pgpipe.lecture.after_the_lecture import practice_words
from pgpipe.lecture.after_the_lecture.claims.clipping import turning_point
from pgpipe.lecture.after_the_lecture.claims.undiscounted import losses
from pgpipe.lecture.common.cases import listed, problems
from pgpipe.lecture.common.words import fixed, number, percent, pipe_table

# --- groups, divisors, training


def weight_of_hard_prompts(group_ratios: pd.DataFrame) -> str:
    """How much more the hardest prompt counts than the one nearest to a half, by size of the group."""
    return practice_words.weight_of_hard_prompts(group_ratios)


def turn_by_prompts(group_directions: pd.DataFrame) -> str:
    """The exact angles of normalised groups by their size, and the limit."""
    return practice_words.turn_by_prompts(group_directions)


def wrong_sign(divisor_directions: pd.DataFrame) -> str:
    """The two numbers of ∇J and of each divisor's expectation, for the two decisions without a baseline."""
    return practice_words.wrong_sign(divisor_directions)


def baseline_and_divisor(divisor_directions: pd.DataFrame) -> str:
    """What a baseline does to the angle of each trajectory's own length."""
    return practice_words.baseline_and_divisor(divisor_directions)


def lengths_half_way(recent_summary: pd.DataFrame) -> str:
    """How long wrong responses are half-way through the trainings, where responses are longest."""
    return practice_words.lengths_half_way(recent_summary)


def recent_comparison(
    recent_summary: pd.DataFrame, recent_differences: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """Every training beside that with the others' mean of a group, paired by seed."""
    return practice_words.recent_comparison(recent_summary, recent_differences, estimators)


def which_changes(
    group_ratios: pd.DataFrame, group_directions: pd.DataFrame, divisor_directions: pd.DataFrame
) -> str:
    """What each change does to the length and to the direction of the expected gradient, exactly."""
    return practice_words.which_changes(group_ratios, group_directions, divisor_directions)


# --- clipping, the discount in front, a baseline is more than its variance


def clipping_by_kl(clipping: pd.DataFrame) -> str:
    """What is left by μ, at which variance, and up to which batch that has the smaller error."""
    measured = clipping.loc[(clipping["n"] > 0) & (clipping["kl"] > 0), "kl"].unique()
    by_mu = (clipping["parameter"] == "k") & (clipping["gradient"] != 0)
    own = clipping[by_mu & clipping["kl"].isin(measured)]
    by = own.drop_duplicates(["form", "kl"]).set_index(["form", "kl"])
    head = ("KL (nats)", "PPO: of ∂J/∂μ", "V-trace: of ∂J/∂μ", "PPO: of the variance", "Smaller error up to")
    rows = []
    for kl in sorted(measured):
        if not all((form, kl) in by.index for form in ("plain", "clipped", "v_trace")):
            continue
        plain, clipped, v_trace = (by.loc[(form, kl)] for form in ("plain", "clipped", "v_trace"))
        shares = [fixed(row["mean"] / row["gradient"]) for row in (clipped, v_trace)]
        spared = percent(clipped["variance"] / plain["variance"])
        rows.append((number(kl), *shares, spared, _up_to(plain, clipped)))
    return pipe_table(head, rows)


def _up_to(plain: "pd.Series[float]", clipped: "pd.Series[float]") -> str:
    """The N up to which bias² + variance/N of the clipped is below the plain's variance/N."""
    bias = clipped["mean"] - clipped["gradient"]
    spared = plain["variance"] - clipped["variance"]
    if spared <= 0 or bias == 0:
        return "any size" if spared > 0 else "no size"
    most = int(spared / bias**2)
    return f"N = {most:,}" if most else "no size"


def clipping_turns(clipping: pd.DataFrame) -> str:
    """Where the clipped gradient's component by μ turns round, and what V-trace has left there."""
    at = turning_point(clipping)
    if at is None:
        return ""
    by_mu = (clipping["parameter"] == "k") & (clipping["gradient"] != 0)
    rows = clipping[(clipping["form"] == "v_trace") & by_mu]
    if rows.empty:
        return f"By $\\mu$ the mean of the clipped gradient goes through zero at a KL of {number(at)} nats."
    near = rows.loc[(rows["kl"] - at).abs().idxmin()]
    return (
        f"By $\\mu$ the mean of the clipped gradient goes through zero at a KL of {number(at)} nats; V-trace "
        f"has {percent(near['mean'] / near['gradient'])} of the derivative there."
    )


def discount_cost(discount_ends: pd.DataFrame) -> str:
    """What J loses where the direction without γᵗ ends."""
    words = {"learned": "with σ learned", "fixed": "with σ kept as it is"}
    told = [
        f"{'at most ' + percent(loss) if loss else 'nothing'} {words[how]}"
        for how, loss in losses(discount_ends).items()
        if how in words
    ]
    if not told:
        return ""
    return (
        "At the end of the path without $\\gamma^t$ the loss of $J$, against the best $k$ and over all "
        f"γ from {number(discount_ends['gamma'].min())} on, is {listed(told)}."
    )


def equal_variance_shares(baseline_arms: pd.DataFrame) -> str:
    """Runs at the best arm with b* - δ, b* and b* + δ, at the largest δ."""
    if baseline_arms.empty:
        return ""
    most = baseline_arms["delta"].max()
    shown = (-most, 0.0, most)
    rows = []
    for _, own in baseline_arms.groupby("rule", sort=False):
        by = own.drop_duplicates("delta").set_index("delta")
        if all(delta in by.index for delta in shown) and by.loc[0.0, "variance"] > 0:
            first = own.iloc[0]
            name = f"{first['direction']}, α = {number(first['learning_rate'])}"
            ratio = by.loc[most, "variance"] / by.loc[0.0, "variance"]
            rows.append((name, *(percent(by.loc[delta, "share"]) for delta in shown), number(ratio)))
    head = ("Steps", f"b* − {number(most)}", "b*", f"b* + {number(most)}", "Variance, of that with b*")
    return pipe_table(head, rows)


# --- other ways to the same gradient, where the variance sits


def what_paths_save(gradient_ways: pd.DataFrame) -> str:
    """How many times the best score function's variance is the pathwise one's, over the horizons drawn."""
    if gradient_ways.empty:
        return ""
    k, sigma = gradient_ways.iloc[0][["k", "sigma"]]
    own = gradient_ways[(gradient_ways["k"] == k) & (gradient_ways["sigma"] == sigma)]
    wide = own.pivot_table("variance", ["horizon", "parameter"], "form")
    scores = [form for form in ("score_function", "value") if form in wide]
    if not scores or "pathwise" not in wide:
        return ""
    ratios = (wide[scores].min(axis=1) / wide["pathwise"]).dropna()
    if ratios.empty:
        return ""
    times = number(ratios.min(), 2)
    if ratios.max() > 1.05 * ratios.min():
        times += f" to {number(ratios.max(), 2)}"
    return (
        f"On the line, at k = {k:g} and σ = {sigma:g}, a score function with the better of the two baselines "
        f"has {times} times the variance of the pathwise gradient, by parameter and number of steps."
    )


def what_is_left_to_baselines(variance_terms: pd.DataFrame) -> str:
    """With the value subtracted: the actions' part as a share of all three, its range over the policies."""
    less = variance_terms[variance_terms["baseline"] == "value"].sort_values("kind")
    kept = less.drop_duplicates(["environment", "policy", "term"])
    wide = kept.pivot_table("value", ["environment", "policy"], "term")
    if not {"state", "action", "trajectory"} <= set(wide.columns):
        return ""
    parts = wide[["state", "action", "trajectory"]].dropna().clip(lower=0.0)
    shares = (parts["action"] / parts.sum(axis=1)).dropna()
    if shares.empty:
        return ""
    each = shares.groupby("environment", sort=False).agg(["min", "max"])
    told = [
        f"{percent(row['min'])} to {percent(row['max'])} on {problems([name])}"
        if row["max"] > row["min"]
        else f"{percent(row['max'])} on {problems([name])}"
        for name, row in each.iterrows()
    ]
    return (
        "Once the value is subtracted, the actions' part is what any other baseline could still take: "
        f"{listed(told)} of the three together."
    )
