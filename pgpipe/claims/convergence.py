"""What several sections ask of errors by sample size: whether they fall as N^(-1/2)."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.statistics import weighted_mean, weighted_slope

# How far from -1/2 a slope may be and still count as it.
MARGIN = 0.05


class Slope(NamedTuple):
    """The slope of log error over log N with its 95 % interval."""

    estimate: float
    low: float
    high: float

    @property
    def is_half(self) -> bool:
        """Whether the whole interval is within -1/2 ± `MARGIN`."""
        return self.low > -0.5 - MARGIN and self.high < -0.5 + MARGIN

    @property
    def is_not_half(self) -> bool:
        """Whether the whole interval is outside."""
        return self.high < -0.5 - MARGIN or self.low > -0.5 + MARGIN


def pooled_slope(errors: pd.DataFrame) -> Slope:
    """The slope of all series together, weighted by precision; a series is an environment at a stage.

    Of each series by weighted least squares, from the errors' own intervals.
    """
    spread = errors[errors["rmse_low"] > 0]  # what never differs has no error to fall
    slopes = [_slope(group) for _, group in spread.groupby(["environment", "policy"]) if len(group) > 1]
    if not slopes:
        return Slope(np.nan, np.nan, np.nan)
    slope, error = weighted_mean(*np.array(slopes).T)
    half = float(norm.ppf(0.975)) * error
    return Slope(slope, slope - half, slope + half)


def _slope(group: pd.DataFrame) -> tuple[float, float]:
    """Slope of log error over log N and its standard error, from the errors' own intervals."""
    error = np.log(group["rmse_high"] / group["rmse_low"]) / (2 * norm.ppf(0.975))
    n, rmse = group["n_trajectories"].to_numpy(float), group["rmse"].to_numpy()
    return weighted_slope(np.log(n), np.log(rmse), error.to_numpy())
