"""What the claims about off-policy gradients ask of the tables of section 6."""

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Case
from pgpipe.lecture.common.unbiasedness import CHANCE
from pgpipe.statistics import normal_interval, pooled_mean

# Distances, in nats, that count as small.
SMALL = 0.1
# What rounding leaves of a length that is zero, in lengths of ∇J(θ).
NOTHING = 1e-9
# Least effective share of a sample of which a mean of weights is tested.
LEAST_SHARE = 0.1
# E[w⁴]/E[w²]² up to which the mean of thousands of squared weights is near to normal: its skewness is below
# a tenth of that root over the root of n.
HEAVIEST = 100.0


# What a distance is, for the tests of claims.
DISTANCE = "distance: KL of a whole trajectory between the old and the new policy, in nats"


def rows_of(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The rows of the first of the estimators that the table has."""
    found = [name for name in names if name in set(table["estimator"])]
    return table[table["estimator"].isin(found[:1])]


def several_steps(rows: pd.DataFrame, off_policy_weights: pd.DataFrame) -> pd.DataFrame:
    """The rows of environments with more than one step: with one, past and future have no ratios."""
    longest = off_policy_weights.groupby("environment")["horizon"].max()
    return rows[rows["environment"].isin(longest[longest > 1].index)]


def finite_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Where a sample can tell a variance: E[w⁴] is not known to be infinite, and enough is effective."""
    enough = rows["trajectory_effective_share"] >= LEAST_SHARE
    return rows[enough & ~np.isinf(rows["trajectory_exact_fourth_moment"])]


def testable_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Where the expectation is exact, and the weights are light enough for Student's t of a mean."""
    finite = finite_rows(rows)
    heavy = finite["trajectory_exact_fourth_moment"] / finite["trajectory_exact_second_moment"] ** 2
    return finite[finite["form_deviation"].notna() & (heavy <= HEAVIEST)]


def projection_of(rows: pd.DataFrame) -> Interval:
    """The mean of ḡ·∇J/‖∇J‖² over targets, weighted by precision, and over environments.

    An environment's targets share one sample, so that their errors may add up as they are: Σ c σ bounds the
    error of Σ c x whatever their dependence. Environments have samples of their own.
    """
    values, errors = [], []
    for _, own in rows.groupby("environment"):
        weights = own["projection_error"] ** -2.0 / (own["projection_error"] ** -2.0).sum()
        values.append(float(weights @ own["projection"]))
        errors.append(float(weights @ own["projection_error"]))
    if not values:
        return Interval.unknown()
    n = rows.groupby("environment")["replicates"].max().sum()
    return pooled_mean(np.array(values), np.array(errors), n)


def error_of(interval: Interval) -> float:
    """The standard error of a normal interval."""
    return (interval.high - interval.low) / 2 / float(norm.ppf(0.975))


def worst_deviation(rows: pd.DataFrame) -> tuple[float, bool]:
    """The largest deviation from the exact gradient, and whether it is beyond chance over all components."""
    if rows.empty:
        return np.nan, False
    limits = t.ppf(1 - CHANCE / 2 / rows["parameters"].sum(), rows["replicates"] - 1)
    return float(rows["form_deviation"].max()), bool((rows["form_deviation"] > limits).any())


def together(interval: Interval, looks: int, logarithmic: bool = False) -> Interval:
    """One of several 95 % intervals, widened so that all of them hold at once in 95 of 100 studies.

    By Bonferroni, which asks for no independence; of a ratio the logarithm is widened.
    """
    if not interval.low < interval.high:
        return interval
    wider = float(norm.ppf(1 - 0.025 / max(1, looks)) / norm.ppf(0.975))
    estimate, ends = interval.estimate, (interval.low, interval.high)
    if logarithmic:
        low, high = (estimate * np.exp(wider * np.log(end / estimate)) for end in ends)
    else:
        low, high = (estimate + wider * (end - estimate) for end in ends)
    return Interval.by_chance(estimate, low, high, interval.n).together()


def growth(rows: pd.DataFrame, column: str) -> Interval:
    """A ratio's growth from a quarter of the longest horizon to the longest, from independent samples."""
    known = rows[(rows[column] > 0) & (rows[f"{column}_low"] > 0)].sort_values("horizon")
    two = known[known["horizon"].isin(quarter_and_whole(rows))]
    if len(two) < 2:
        return Interval.unknown()
    errors = np.log(two[f"{column}_high"] / two[f"{column}_low"]) / 2 / norm.ppf(0.975)
    log = float(np.log(two[column]).diff().iloc[-1])
    found = normal_interval(log, float(np.hypot(*errors)), two["n"].sum())
    return found.through(lambda value: float(np.exp(value)))


def quarter_and_whole(rows: pd.DataFrame) -> tuple[float, float]:
    """A quarter of the longest horizon, and the longest."""
    longest = float(rows["horizon"].max())
    return longest / 4, longest


def place_of(row: pd.Series) -> str:
    """Where a row was measured, in words."""
    return f"{row['environment']}, {row['direction']}, {row['distance']:g} nats"


def why_not(against: list[Case], cases: list[Case], what: str) -> str:
    """Where a statement does not hold, or nobody can tell."""
    if against:
        return f"In {len(against)} of {len(cases)} cases {what}, as in {against[0].name}."
    unsure = [case.name for case in cases if case.says == "neither"]
    return f"Too much noise to tell in {', '.join(unsure)}." if unsure else ""
