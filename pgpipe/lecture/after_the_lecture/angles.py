"""How far the mean of estimates points from a gradient: an angle in a plane, and its interval."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture.criteria import CHANCE
from pgpipe.lecture.common.cases import stretched
from pgpipe.statistics import mean_interval, normal_interval

Floats = NDArray[np.float64]


class Plane(NamedTuple):
    """The gradient's direction u, and v across it, (P,) each, of length one."""

    along: Floats
    across: Floats

    @classmethod
    def through(cls, gradient: Floats, *others: Floats) -> "Plane":
        """That of the gradient and the first of the others that points elsewhere, which counts as positive.

        Where none does, it is that of an axis.
        """
        u = gradient / np.linalg.norm(gradient)
        for other in (*others, *np.eye(len(u))):
            v = other - (other @ u) * u
            if np.linalg.norm(v) > 1e-9 * np.linalg.norm(other):
                break
        return cls(u, v / np.linalg.norm(v))

    def degrees(self, vector: Floats) -> float:
        """From u to what of a vector (P,) lies in the plane."""
        return float(np.degrees(np.arctan2(vector @ self.across, vector @ self.along)))

    def measured(self, rows: Floats) -> Interval:
        """The same of the mean of independent rows (R, P), with its 95 % interval to first order."""
        x, y = rows @ self.along, rows @ self.across
        mx, my = x.mean(), y.mean()
        slope = (mx * y - my * x) / (mx**2 + my**2)
        error = float(np.degrees(slope.std(ddof=1))) / len(rows) ** 0.5
        return normal_interval(self.degrees(rows.mean(0)), error, len(rows))


def cosines(degrees: Interval) -> tuple[float, float, float]:
    """Those of an angle and of the least and most that lie in its interval: estimate, low, high."""
    c, low, high = (float(np.cos(np.radians(a))) for a in (degrees.estimate, degrees.low, degrees.high))
    top = 1.0 if degrees.low <= 0 <= degrees.high else max(low, high)
    return c, min(low, high), top


def together(interval: Interval, looks: int, degrees: float = np.inf) -> Interval:
    """The 95 % interval, so wide that it and others like it, `looks` in all, hold at once.  Bonferroni."""
    low, high = stretched(interval, CHANCE / looks, degrees)
    return Interval(interval.estimate, low, high, interval.n, "95 % interval over all cases together")


def standard_errors(
    rows: pd.DataFrame, found: str, exact: str, low: str, high: str, looks: int
) -> "pd.Series[float]":
    """|found - exact| of each row in standard errors, from intervals of which `looks` hold together."""
    width = norm.ppf(1 - CHANCE / 2 / looks)
    return ((rows[found] - rows[exact]) / ((rows[high] - rows[low]) / 2 / width)).abs()


def mean_together(values: Floats, looks: int) -> Interval:
    """The mean of independent values (n,) with such an interval, by Student's t."""
    return together(mean_interval(values), looks, len(values) - 1)
