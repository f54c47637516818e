"""What trainings with today's estimators, and each of their changes, come to: sentences and tables."""

from math import floor, log10

import pandas as pd

from pgpipe.lecture.common.cases import listed
from pgpipe.lecture.common.style import readable
from pgpipe.lecture.common.words import counted, number, percent, pipe_table, with_interval

# What practice changes, by the tables' names.
CHANGES = {
    "leave_one_out": "the others' mean subtracted (RLOO)",
    "own_mean": "the group's own mean subtracted (Dr. GRPO)",
    "normalized": "divided by the group's spread, too (GRPO)",
}
DIVISORS = {
    "constant": "divided by a constant (Dr. GRPO)",
    "steps": "divided by all steps $\\Sigma T$ (DAPO)",
    "each": "each divided by its own $T$ (GRPO)",
}
YARDSTICK = "group_mean"  # the baseline of the estimator that trainings are compared with


def lengths_half_way(recent_summary: pd.DataFrame) -> str:
    """How long wrong responses are half-way through the trainings, where responses are longest."""
    graded = recent_summary.dropna(subset=["wrong_length"])
    if graded.empty:
        return ""
    where = graded.loc[graded["length"].idxmax(), "environment"]
    rows = graded[graded["environment"] == where]
    at = recent_summary.loc[recent_summary["environment"] == where, "update"].max() // 2
    told = []
    for row in rows[rows["update"] == at].sort_values("wrong_length").itertuples():
        length = with_interval(row.wrong_length, row.wrong_length_low, row.wrong_length_high)
        told.append(f"{length} by {readable(row.estimator)}")
    if not told:
        return ""
    return f"Steps of wrong responses on {readable(str(where))} after {at} updates: {listed(told)}."


def recent_comparison(
    recent_summary: pd.DataFrame, recent_differences: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """Every training beside that with the others' mean of a group, paired by seed."""
    own = estimators.loc[estimators["baseline"] == YARDSTICK, "estimator"]
    graded = set(recent_summary.dropna(subset=["wrong_length"])["environment"])
    lines = []
    for environment, rows in recent_differences.groupby("environment", sort=False):
        against = _against(rows, set(own))
        for estimator in dict.fromkeys(against["estimator"]):
            named = against[against["estimator"] == estimator].set_index("measure")
            cells = [_difference(named, measure) for measure in ("final return", "return over training")]
            # on CartPole an episode's length is its return
            length = _difference(named, "length over training") if environment in graded else ""
            lines.append((readable(str(environment)), readable(str(estimator)), *cells, length))
    if not lines:
        return ""
    head = ("Environment", "Estimator", "Final return", "Return over training", "Length over training")
    return (
        f"Difference from {readable(own.iloc[0])}, paired by seed "
        f"({counted(recent_differences['seeds'].max(), 'seed')}). Intervals of all pairs in an environment "
        f"hold together at 95 %; a length is in steps:\n\n{pipe_table(head, lines)}"
    )


def which_changes(
    group_ratios: pd.DataFrame, group_directions: pd.DataFrame, divisor_directions: pd.DataFrame
) -> str:
    """What each change does to the length and to the direction of the expected gradient, exactly."""
    lines = []
    for form, words in CHANGES.items():
        factors = group_ratios.loc[group_ratios["form"] == form, "exact"]
        angles = group_directions[group_directions["form"] == form]
        if len(factors) and len(angles):
            lines.append((words, f"× {_range(factors)}", *_ends(angles, "group_size", "exact", "G")))
    by_length = divisor_directions[divisor_directions["baseline"] != "exact"]
    for divisor, words in DIVISORS.items():
        angles = by_length[by_length["divisor"] == divisor]
        if len(angles):
            lines.append((words, "another unit", *_ends(angles, "batch_size", "exact_degrees", "N")))
    head = ("Change", "Length of E ĝ", "Angle to ∇J, small G or N", "Angle to ∇J, large G or N")
    return pipe_table(head, lines)


def _against(rows: pd.DataFrame, own: set[str]) -> pd.DataFrame:
    """The pairs with one of these estimators, as the other's difference from it."""
    right = rows[rows["other_estimator"].isin(own) & ~rows["estimator"].isin(own)]
    left = rows[rows["estimator"].isin(own) & ~rows["other_estimator"].isin(own)]
    turned = {"estimator": left["other_estimator"], "difference": -left["difference"]}
    return pd.concat([right, left.assign(**turned, low=-left["high"], high=-left["low"])])


def _difference(named: pd.DataFrame, measure: str) -> str:
    """With its bounds, as many decimals as these tell; a question mark for what is not known."""
    if measure not in named.index or named.loc[measure, "difference"] != named.loc[measure, "difference"]:
        return "?"
    row = named.loc[measure]
    width = row["high"] - row["low"]
    decimals = min(4, max(0, 1 - floor(log10(width)))) if width > 0 else 0
    value, low, high = (
        f"{round(row[name], decimals) + 0.0:.{decimals}f}" for name in ("difference", "low", "high")
    )
    return f"{value} [{low}, {high}]".replace("-", "−")


def _range(values: "pd.Series[float]") -> str:
    """`1`, or `0.5 to 0.98`."""
    return " to ".join(dict.fromkeys(number(value) for value in (values.min(), values.max())))


def _ends(rows: pd.DataFrame, size: str, column: str, letter: str) -> tuple[str, str]:
    """The largest angle at the smallest and at the largest size: `0° (G = 2)`."""
    largest = rows[column].abs().groupby(rows[size]).max()
    ends = ((largest.index[0], largest.iloc[0]), (largest.index[-1], largest.iloc[-1]))
    small, large = (f"{number(a) if a >= 0.05 else '0'}° (${letter} = {n}$)" for n, a in ends)
    return small, large


def weight_of_hard_prompts(group_ratios: pd.DataFrame) -> str:
    """How much more the hardest prompt counts than the one nearest to a half, by size of the group."""
    rows = group_ratios[(group_ratios["form"] == "normalized") & (group_ratios["group_size"] > 2)]
    if rows.empty or rows["success"].nunique() < 2:
        return ""
    hard = rows["success"].min()
    middle = rows.loc[(rows["success"] - 0.5).abs().idxmin(), "success"]
    by_size = rows.pivot_table(index="group_size", columns="success", values="exact")
    more = by_size[hard] / by_size[middle]
    told = [f"{number(factor, 3)} times with $G = {G}$" for G, factor in more.items()]
    return (
        f"A prompt that is answered right in {percent(hard)} of all responses counts more than one at "
        f"{percent(middle)}: {listed(told)}."
    )


def turn_by_prompts(group_directions: pd.DataFrame) -> str:
    """The exact angles of normalised groups by their size, and the limit."""
    rows = group_directions[group_directions["form"] == "normalized"].sort_values("group_size")
    if rows.empty:
        return ""
    told = [
        f"{number(row.exact)}° with $G = {row.group_size}$"
        if row.exact >= 0.05
        else f"none with $G = {row.group_size}$"
        for row in rows.itertuples()
    ]
    limit = rows.iloc[0]
    return (
        f"For the {limit['prompts']} prompts of P18 the angle between $E\\,\\hat g$ and $\\nabla J$ is "
        f"{listed(told)}; it goes to {number(limit['limit'])}° (cosine {number(limit['limit_cosine'], 3)})."
    )


def wrong_sign(divisor_directions: pd.DataFrame) -> str:
    """The two numbers of ∇J and of each divisor's expectation, for the two decisions without a baseline."""
    rows = divisor_directions.dropna(subset=["long"])
    rows = rows[(rows["baseline"] == "none") & rows["divisor"].isin(["each", "steps"])]
    if rows.empty:
        return ""
    gradient = rows.iloc[0]
    lines = [("$\\nabla J$", "any", *(_three(gradient[name]) for name in ("exact_long", "exact_right")), "1")]
    for divisor, words in (("steps", "$\\Sigma T$"), ("each", "each by its $T$")):
        own = rows[rows["divisor"] == divisor].sort_values("batch_size")
        if divisor == "each":
            own = own.head(1)
        for row in own[own["batch_size"] <= 4].to_dict("records"):
            n = "any" if divisor == "each" else str(row["batch_size"])
            lines.append((words, n, _three(row["long"]), _three(row["right"]), number(row["exact"], 3)))
    head = ("Divided by", "N", "∂ long", "∂ right", "Cosine to ∇J")
    return pipe_table(head, lines)


def baseline_and_divisor(divisor_directions: pd.DataFrame) -> str:
    """What a baseline does to the angle of each trajectory's own length."""
    rows = divisor_directions[divisor_directions["divisor"] == "each"]
    told = []
    for problem, own in rows.groupby("environment", sort=False):
        angles = own.groupby("baseline")["exact_degrees"].last().abs()
        if {"none", "mean"} <= set(angles.index):
            way = "takes" if angles["mean"] < angles["none"] else "raises"
            ends = [f"{number(angles[name])}°" for name in ("none", "mean")]
            told.append(f"{way} the angle from {' to '.join(ends)} on {readable(str(problem))}")
    return f"Subtracting the others' mean {listed(told)}." if told else ""


def _three(value: float) -> str:
    """Three decimals."""
    return f"{value:.3f}".replace("-", "−")
