"""What several sections ask of errors by sample size: whether they fall as N^(-1/2)."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.statistics import pooled_mean, weighted_slope

# How far from -1/2 a slope may be and still count as it.
MARGIN = 0.05


def is_half(slope: Interval) -> bool:
    """Whether the whole interval is within -1/2 ± `MARGIN`."""
    return slope.within(-0.5, MARGIN)


def is_not_half(slope: Interval) -> bool:
    """Whether the whole interval is outside."""
    return slope.outside(-0.5, MARGIN)


def pooled_slope(errors: pd.DataFrame) -> Interval:
    """The slope of log error over log N of all series together, weighted by precision.

    A series is an environment at a stage; its slope is by weighted least squares, from the errors' own
    intervals. n counts all batches, also of a series that has no error to fall.
    """
    spread = errors[errors["rmse_low"] > 0]  # what never differs has no error to fall
    slopes = [_slope(group) for _, group in spread.groupby(["environment", "policy"]) if len(group) > 1]
    n = errors["replicates"].sum()
    if not slopes:
        return Interval.unknown(n)
    values, errors = np.array(slopes).T
    return pooled_mean(values, errors, n)


def _slope(group: pd.DataFrame) -> tuple[float, float]:
    """Slope of log error over log N and its standard error, from the errors' own intervals."""
    error = np.log(group["rmse_high"] / group["rmse_low"]) / (2 * norm.ppf(0.975))
    n, rmse = group["n_trajectories"].to_numpy(float), group["rmse"].to_numpy()
    return weighted_slope(np.log(n), np.log(rmse), error.to_numpy())
