"""What the claims about off-policy gradients ask of the tables of section 6."""

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.unbiasedness import CHANCE
from pgpipe.statistics import normal_interval, pooled_mean, weighted_mean, weighted_slope

# Distances, in nats, at which an error still grows by its first order.
SMALL = 0.1
# And at which an exact exponent is that of the limit.
NEAR = 0.01


def exact_slopes(rows: pd.DataFrame) -> list[float]:
    """Exponent of the exact bias in KL up to `NEAR`, without noise, by environment and direction."""
    known = rows[(rows["distance"] <= NEAR) & (rows["exact_bias"] > 1e-9)]
    groups = [g for _, g in known.groupby(["environment", "direction"]) if len(g) > 1]
    return [float(np.polyfit(np.log(g["kl"]), np.log(g["exact_bias"]), 1)[0]) for g in groups]


def measured_slope(rows: pd.DataFrame) -> Interval:
    """The same from the gaps to the unbiased causal form, weighted by precision; where they can be seen."""
    small = rows[(rows["distance"] <= SMALL) & (rows["gap_low"] > 0)]
    slopes = []
    for _, group in small.groupby(["environment", "direction"]):
        if len(group) > 1:
            error = np.log(group["gap_high"] / group["gap_low"]) / (2 * norm.ppf(0.975))
            kl, gap = (np.log(group[column].to_numpy()) for column in ("kl", "gap"))
            slopes.append(weighted_slope(kl, gap, error.to_numpy()))
    if not slopes:
        return Interval.unknown()
    values, errors = np.array(slopes).T
    return pooled_mean(values, errors, small["replicates"].sum())


def growth_of_variance(rows: pd.DataFrame) -> Interval:
    """The variance at the longest horizon over that at the second longest, from independent samples."""
    if len(rows) < 2:
        return Interval.unknown()
    two = rows.sort_values("horizon").tail(2)
    # a standard error of log variance is twice that of log std
    errors = np.log(two["std_high"] / two["std_low"]) / norm.ppf(0.975)
    log = 2 * float(np.log(two["std"]).diff().iloc[-1])
    growth = normal_interval(log, float(np.hypot(*errors)), two["replicates"].sum())
    return growth.through(lambda value: float(np.exp(value)))


def stretch(scaling: pd.DataFrame) -> float:
    """The longest horizon over the second longest."""
    horizons = sorted(scaling["horizon"].unique())
    return float(horizons[-1] / horizons[-2])


def rows_of(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The rows of the first of the estimators that the table has."""
    found = [name for name in names if name in set(table["estimator"])]
    return table[table["estimator"].isin(found[:1])]


def finite_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Where the weights have a second moment and leave enough of the sample."""
    return rows[(rows["effective_share"] >= 0.1) & ~np.isinf(rows["exact_second_moment"])]


def testable_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Where the gradient is exact and a mean of the weights' squares has an error of its own."""
    finite = finite_rows(rows)
    return finite[finite["form_deviation"].notna() & ~np.isinf(finite["exact_fourth_moment"])]


def projection_of(rows: pd.DataFrame) -> tuple[float, float]:
    """The precision-weighted mean of ḡ·∇J/‖∇J‖² and its error: an environment's rows are one sample."""
    if rows.empty:
        return np.nan, np.nan
    mean, error = weighted_mean(rows["projection"].to_numpy(), rows["projection_error"].to_numpy())
    return mean, error * float(len(rows) / rows["environment"].nunique()) ** 0.5


def worst_deviation(rows: pd.DataFrame) -> tuple[float, bool]:
    """The largest deviation from the exact gradient, and whether it is beyond chance over all components."""
    if rows.empty:
        return np.nan, False
    limits = t.ppf(1 - CHANCE / 2 / rows["parameters"].sum(), rows["replicates"] - 1)
    return float(rows["form_deviation"].max()), bool((rows["form_deviation"] > limits).any())


def span(values: list[float]) -> str:
    """Smallest and largest, in words."""
    return f"{min(values):.2f} to {max(values):.2f}" if values else "not known"


def place_of(row: pd.Series | None) -> str:
    """Where a row was measured, in words."""
    return f" ({row['environment']}, {row['direction']}, {row['distance']:g} nats)" if row is not None else ""
