"""What the text of section 5 says in numbers."""

from collections.abc import Mapping

import pandas as pd

from pgpipe.lecture.common.cases import listed, problems
from pgpipe.lecture.common.estimator_table import biased_by_making
from pgpipe.lecture.common.ladder import formulas, rungs
from pgpipe.lecture.common.words import (
    counted,
    number,
    percent,
    pipe_table,
    readable,
    with_bounds,
    with_interval,
)

# Estimates of another length, or of another gradient: their variance stands on another scale.
OTHER_SCALE = {"normalized advantages", "undiscounted score", "constant divisor", "divided by lengths"}

ROUNDING = 1e-9  # of a ratio of equal variances
MOST_VALUES = 4  # that a sentence lists


def coin_in_numbers(listed_contributions: pd.DataFrame) -> str:
    """Exactly, where the reward to go raises the variance of the total return most."""
    words = ("with the total return", "with the reward to go")
    return _where_it_rises(listed_contributions, "reward_to_go", words)


def lever_in_numbers(listed_contributions: pd.DataFrame) -> str:
    """Exactly, where the mean return as a baseline raises the variance most."""
    words = ("with the return as it is", "with its mean subtracted")
    return _where_it_rises(listed_contributions, "return_mean", words)


def _where_it_rises(table: pd.DataFrame, credit: str, words: tuple[str, str]) -> str:
    """What one trajectory adds by the total return and by another credit, where that has more variance."""
    found = {
        str(place): (_values(rows, "total_return"), _values(rows, credit))
        for place, rows in table.groupby("environment", sort=False)
    }
    ratios = {
        place: _moments(other)[1] / variance
        for place, (total, other) in found.items()
        if (variance := _moments(total)[1]) > 0
    }
    place = max(ratios, key=lambda name: ratios[name], default=None)
    if place is None or ratios[place] <= 1 + ROUNDING:
        return ""
    both = found[place]
    (mean, first), (_, second) = map(_moments, both)
    added = ", and ".join(f"{_listed_values(v)} {said}" for v, said in zip(both, words, strict=True))
    values = "" if any(len(v) > MOST_VALUES for v in both) else f" a trajectory adds {added};"
    return (
        f"On *{place.replace('_', ' ')}*{values} the mean is {number(mean, 4)} both times, the variance "
        f"{number(first, 4)} and {number(second, 4)}: {number(ratios[place])} times as much."
    )


def _values(rows: pd.DataFrame, credit: str) -> "pd.Series[float]":
    """The probability of each value that one trajectory's estimate takes."""
    each = rows.groupby("trajectory").agg(value=(credit, "sum"), probability=("probability", "first"))
    return each.groupby(each["value"].round(9))["probability"].sum()


def _moments(values: "pd.Series[float]") -> tuple[float, float]:
    """Mean and variance."""
    numbers = values.index.to_numpy(float)
    mean = float(values @ numbers)
    return mean, float(values @ (numbers - mean) ** 2)


def _listed_values(values: "pd.Series[float]") -> str:
    """`0 (75 %) or 1 (25 %)`."""
    return listed((f"{number(float(str(v)))} ({100 * p:.3g} %)" for v, p in values.items()), "or")


def worth_in_trajectories(gradient_quality: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """What the lowest variance of an unbiased estimator is worth, in trajectories of the total return."""
    rows = _largest_batch(gradient_quality)
    half = rows[rows["policy"] == "half_trained"]
    rows = half if len(half) else rows
    rows = rows[~rows["estimator"].isin(biased_by_making(estimators)) & (rows["variance_ratio_low"] > 0)]
    if rows.empty or (best := rows.loc[rows["variance_ratio"].idxmin()])["variance_ratio_high"] >= 1:
        return ""
    ratio, low, high = (best[f"variance_ratio{end}"] for end in ("", "_low", "_high"))
    at = "" if half.empty else ", half-trained,"
    return (
        f"On {problems([best['environment']])}{at} one trajectory with "
        f"*{readable(best['estimator'])}* is worth {with_interval(1 / ratio, 1 / high, 1 / low)} "
        "with the total return."
    )


def _largest_batch(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["batch_size"] == table.groupby("environment")["batch_size"].transform("max")]


def does_it_pay(
    learning_summary: pd.DataFrame, learning_improvement: pd.DataFrame, estimators: pd.DataFrame
) -> str:
    """Where a run ends with the total return and with a later rung of the ladder, and how soon."""
    if not (names := rungs(estimators)):
        return ""
    plain, later = names[0], names[:0:-1]
    said = []
    for environment, table in learning_summary.groupby("environment", sort=False):
        by_name = {str(name): rows.sort_values("update") for name, rows in table.groupby("estimator")}
        better = next((name for name in later if name in by_name), None)
        if plain in by_name and better:
            pair = by_name[plain], by_name[better]
            said.append(_paid(str(environment), pair, better, learning_improvement))
    return " ".join(filter(None, said))


def _paid(
    environment: str, pair: tuple[pd.DataFrame, pd.DataFrame], better: str, improvement: pd.DataFrame
) -> str:
    """One environment's sentence."""
    without, ours = pair
    end, own = without.iloc[-1], ours.iloc[-1]
    chance = improvement[(improvement["recipe"] == own["recipe"]) & (improvement["other"] == end["recipe"])]
    if chance.empty:
        return ""
    place, (odds,) = problems([environment]), chance.to_dict("records")
    share, low, high = (percent(odds[name]) for name in ("probability", "low", "high"))
    named = f"*{readable(better)}*"
    likely = f"a run with {named} ends above one with the total return in {share} of pairs [{low}, {high}]"
    if odds["low"] <= 0.5 <= odds["high"]:
        return f"On {place} {named} cannot be told from the total return: {likely}."
    soon = ours.loc[ours["iqm"] >= end["iqm"], "update"]
    update = counted(soon.iloc[0], "update") if len(soon) else ""
    early = f", and after {update} is as far as the other after {end['update']}" if update else ""
    returns = [with_bounds(row) for row in (end, own)]
    return f"On {place} the total return ends at {returns[0]}; {named} ends at {returns[1]}{early}; {likely}."


def which_estimator(certificate: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """A line for each estimator: bias, variance beside that of the total return, needs and cost."""
    head = ("Estimator", "Credit", "Biased", "Variance", "Lower in", "Higher in", "Needs", "Cost")
    named, known = formulas(estimators), estimators.set_index("estimator")
    rows = []
    for name, cases in certificate.groupby("estimator", sort=False):
        parts = known.loc[str(name)].to_dict()
        formula = named[str(name)].replace("|", "\\|")
        bias = "no" if parts["bias"] == "none" else str(parts["bias"])
        variance = _variance(cases, parts)
        rows.append((readable(str(name)), formula, bias, *variance, _needs(parts), _cost(cases)))
    return pipe_table(head, rows)


def _variance(cases: pd.DataFrame, parts: Mapping[str, object]) -> tuple[str, str, str]:
    """The median, and in how many cases the interval is below and above that of the total return."""
    if OTHER_SCALE & set(str(parts["bias"]).split(", ")):
        return "another scale", "", ""
    known = cases[cases["variance_ratio"].notna()]
    lower, higher = (known["variance_ratio_high"] < 1).sum(), (known["variance_ratio_low"] > 1).sum()
    median = percent(known["variance_ratio"].median()) if len(known) else ""
    return median, f"{lower} of {len(known)}", str(higher)


def _needs(parts: Mapping[str, object]) -> str:
    """What an estimator asks for beside its own trajectory."""
    fitted = parts["baseline"] == "value" or "fitted value" in str(parts["bias"])
    if parts["exact_value"]:
        return "the true V"
    if parts["needs_groups"]:
        return "a group from one start"
    if parts["per_parameter"]:
        return "each trajectory’s gradient"
    if fitted:
        return "a fitted V"
    return "other trajectories" if parts["needs_others"] else "nothing"


def _cost(cases: pd.DataFrame) -> str:
    """Operations relative to the total return, from the least to the most."""
    low, high = (number(value) for value in (cases["relative_cost"].min(), cases["relative_cost"].max()))
    return low if low == high else f"{low} to {high}"
