"""What several sections ask of errors by sample size: whether they fall as N^(-1/2)."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, place_of, stretched
from pgpipe.lecture.common.evidence import Case, Says
from pgpipe.statistics import normal_interval, pooled_mean, weighted_slope

# How far from -1/2 a slope may be and still count as it.
MARGIN = 0.05


def is_half(slope: Interval) -> bool:
    """Whether the whole interval is within -1/2 ± `MARGIN`."""
    return slope.within(-0.5, MARGIN)


def is_not_half(slope: Interval) -> bool:
    """Whether an interval that misses only once in 1/`PROMISE` times is outside."""
    low, high = stretched(slope, PROMISE)
    return low > -0.5 + MARGIN or high < -0.5 - MARGIN


def pooled_slope(errors: pd.DataFrame) -> Interval:
    """The slope of log error over log N of all series together, weighted by precision.

    A series is an environment at a stage; its slope is by weighted least squares, from the errors' own
    intervals. n counts all batches, also of a series that has no error to fall.
    """
    n, found = errors["replicates"].sum(), list(_slopes(errors).values())
    if not found:
        return Interval.unknown(n)
    slopes, deviations = np.array(found).T
    return pooled_mean(slopes, deviations, n)


def slope_cases(errors: pd.DataFrame) -> list[Case]:
    """The slope of each series."""
    cases = []
    for place, (slope, error) in _slopes(errors).items():
        n = errors.loc[errors.apply(place_of, axis=1) == place, "replicates"].sum()
        interval = normal_interval(slope, error, n)
        says: Says = "for" if is_half(interval) else "against" if is_not_half(interval) else "neither"
        cases.append(Case(place, interval, says, "slope of log error over log N"))
    return cases


def falls_as(errors: pd.DataFrame, of: str) -> str:
    """How an error falls with N, as a heading; nothing where that is not known."""
    slope = pooled_slope(errors)
    if is_half(slope):
        return f"Four times the trajectories, half the error {of}"
    if slope.is_known and is_not_half(slope):
        return f"The error {of} falls as N^({slope.estimate:.2f}), not as N^(-0.5)"
    return f"More trajectories, a smaller error {of}" if slope.high < 0 else ""


def why_no_half(slope: Interval) -> str:
    """Why a slope is not the one that was expected, or not known to be; nothing if it is."""
    if is_half(slope) or not slope.is_known:
        return ""
    if is_not_half(slope):
        return f"The error falls as N^({slope.estimate:.2f}), not as N^(-0.5)."
    return f"The slope is known too coarsely, {slope:.3f}, to tell it from -0.5 ± {MARGIN:g}."


def _slopes(errors: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Slope and standard error by place, of each series that has errors at two sizes."""
    # what never differs has no error to fall; errors that are all of one size, as of a coin, have no interval
    spread = errors[(errors["rmse_low"] > 0) & (errors["rmse_high"] > errors["rmse_low"])]
    groups = [group for _, group in spread.groupby(["environment", "policy"], sort=False) if len(group) > 1]
    return {place_of(group.iloc[0]): _slope(group) for group in groups}


def _slope(group: pd.DataFrame) -> tuple[float, float]:
    """Slope of log error over log N and its standard error, from the errors' own intervals."""
    error = np.log(group["rmse_high"] / group["rmse_low"]) / (2 * norm.ppf(0.975))
    n, rmse = group["n_trajectories"].to_numpy(float), group["rmse"].to_numpy()
    return weighted_slope(np.log(n), np.log(rmse), error.to_numpy())
