"""What the text of section 11 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.cases import listed, problems
from pgpipe.lecture.common.words import number, percent

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
