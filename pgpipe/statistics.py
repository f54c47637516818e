"""Intervals and robust averages; where they draw, the generator is an argument."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm, t, trim_mean

from pgpipe.intervals import Interval

Floats = NDArray[np.float64]

LEVEL = 0.95


def bootstrap_interval(estimate: float, resampled: Floats, n: int) -> Interval:
    """An estimate from n rows with the central 95 % of its resampled values (B,).

    The bounds are NaN where a resample has no value, and of one row, which says nothing of others.
    """
    if n < 2:
        return Interval.by_chance(estimate, np.nan, np.nan, n)
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval.by_chance(estimate, low, high, n)


def resample_counts(n: int, resamples: int, rng: np.random.Generator) -> Floats:
    """How often each of n rows is drawn in a bootstrap resample.  -> (B, n), rows sum to n."""
    return rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float64)


def bootstrap_mean(values: Floats, counts: Floats) -> Interval:
    """The mean of values (n,) with its 95 % bootstrap interval, from resample counts (B, n)."""
    return bootstrap_interval(values.mean(), counts @ values / len(values), len(values))


def mean_interval(values: Floats) -> Interval:
    """Mean of independent values (n,) with its 95 % interval by Student's t; NaN of fewer than two."""
    n = len(values)
    if n < 2:
        return Interval.unknown(n)
    mean = float(values.mean())
    half = float(t.ppf((1 + LEVEL) / 2, n - 1) * values.std(ddof=1) / n**0.5)
    return Interval.by_chance(mean, mean - half, mean + half, n)


def normal_interval(estimate: float, error: float, n: int) -> Interval:
    """The 95 % interval of an estimate from n rows whose standard error is known: ± 1.96 errors."""
    half = float(norm.ppf((1 + LEVEL) / 2)) * error
    return Interval.by_chance(estimate, estimate - half, estimate + half, n)


def effective_number(values: Floats) -> Floats:
    """How many rows decide a mean, (Σd²)²/Σd⁴ with d = x - x̄: n/3 if normal, k if all but k alike are zero.

    Where it is small, the mean is that of rare events, and not t-distributed.  (n, ...) -> (...); zero
    where nothing varies.
    """
    squares = (values - values.mean(0)) ** 2
    fourth: Floats = (squares**2).sum(0)
    return np.divide(squares.sum(0) ** 2, fourth, out=np.zeros_like(fourth), where=fourth != 0)


def share_interval(found: int, n: int) -> Interval:
    """The share found/n with its exact 95 % interval, unknown of none.  Clopper & Pearson 1934."""
    if not n:
        return Interval.unknown()
    bounds = binomtest(found, n).proportion_ci(LEVEL)
    return Interval.by_chance(found / n, bounds.low, bounds.high, n)


def cosines(estimates: Floats, target: Floats) -> Floats:
    """cos(ĝ, g) of each row ĝ (..., P) with the target g (P,), or with the target's own row (..., P).

    An estimate of length zero points nowhere and counts as zero; where the target has no length, NaN, and
    where either is no number.
    """
    # the products and lengths of a single pair are those of vectors, bit by bit, not of a matrix of one row
    dots = estimates @ target if target.ndim == 1 else (estimates * target).sum(-1)
    ours, theirs = (np.linalg.norm(x, axis=-1 if x.ndim > 1 else None) for x in (estimates, target))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ours == 0, 0.0, dots / (ours * theirs))


def total_variances(estimates: Floats, counts: Floats) -> Floats:
    """V = tr Cov of the rows of estimates (R, P), in every resample of the rows.  counts (B, R) -> (B,).

    V = R/(R-1) (mean‖x‖² - ‖mean x‖²), whose second term needs only the R × R inner products.
    """
    R = len(estimates)
    centred = estimates - estimates.mean(0)
    gram = centred @ centred.T
    mean_square = counts @ np.diagonal(gram) / R
    square_mean = ((counts @ gram) * counts).sum(1) / R**2
    return (mean_square - square_mean) * R / (R - 1)


def interquartile_mean(values: Floats) -> Floats:
    """Mean of the middle half over the first axis.  Agarwal et al. 2021.

    NaN, a seed that diverged, counts as the worst value; the mean is NaN where the middle half has one.
    """
    return _finite(_middle(values))


def interquartile_mean_intervals(values: Floats, resamples: int, rng: np.random.Generator) -> list[Interval]:
    """The interquartile mean over the first axis with its 95 % bootstrap interval.  (n, U) -> U intervals.

    A bound is NaN where it is as bad as a seed that diverged; a single seed has none.
    """
    n = len(values)
    if n < 2:
        return [Interval.by_chance(mean, np.nan, np.nan, n) for mean in interquartile_mean(values)]
    rows = rng.integers(0, n, size=(n, resamples))
    low, high = _middles_interval(np.stack([_middle(column[rows]) for column in values.T]))
    return [
        Interval.by_chance(*found, n) for found in zip(interquartile_mean(values), low, high, strict=True)
    ]


def stratified_resamples(strata: Sequence[Floats], resamples: int, rng: np.random.Generator) -> Floats:
    """Bootstrap resamples of values that come in groups, each drawn within its group.  K (n_k,) -> (n, B).

    The groups are environments, the values their seeds.  Agarwal et al. 2021.
    """
    return np.concatenate([group[rng.integers(0, len(group), (len(group), resamples))] for group in strata])


def stratified_interquartile_mean(
    strata: Sequence[Floats], resamples: int, rng: np.random.Generator
) -> Interval:
    """Interquartile mean of all groups' values together, with its stratified 95 % bootstrap interval.

    There is none where a group is one value, whose spread nobody knows.
    """
    values = np.concatenate(strata)
    if min(map(len, strata)) < 2:
        return Interval.by_chance(interquartile_mean(values).item(), np.nan, np.nan, len(values))
    low, high = _middles_interval(_middle(stratified_resamples(strata, resamples, rng))[None])
    return Interval.by_chance(interquartile_mean(values).item(), low[0], high[0], len(values))


def performance_profile(values: Floats, thresholds: Floats) -> Floats:
    """Share of the values that are above each threshold.  (n, ...), (T,) -> (T, ...).  Agarwal et al. 2021.

    NaN, a seed that diverged, is above none.
    """
    return np.stack([(values > threshold).mean(0) for threshold in thresholds])


def probability_of_improvement(x: Floats, y: Floats) -> float:
    """P(X > Y) + ½ P(X = Y) over all pairs of values (n,), (m,).  Mann & Whitney 1947, Agarwal et al. 2021.

    NaN, a seed that diverged, counts as worse than every number.
    """
    x, y = (np.where(np.isnan(values), -np.inf, values) for values in (x, y))
    return float((x[:, None] > y).mean() + 0.5 * (x[:, None] == y).mean())


def _middles_interval(middles: Floats) -> tuple[Floats, Floats]:
    """The central 95 % of resampled interquartile means (U, B)."""
    # a quantile that is one of the values: between -∞ and a number there is none
    levels = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(middles, levels, axis=1, method="inverted_cdf")
    return _finite(low), _finite(high)


def _middle(values: Floats) -> Floats:
    return trim_mean(np.where(np.isnan(values), -np.inf, values), 0.25, axis=0)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def weighted_mean(values: Floats, errors: Floats) -> tuple[float, float]:
    """Mean of values with known standard errors, weighted by precision, and its standard error."""
    weights = errors**-2.0
    return float(np.average(values, weights=weights)), float(weights.sum() ** -0.5)


def pooled_mean(values: Floats, errors: Floats, n: int) -> Interval:
    """Mean of values with known standard errors, weighted by precision, with its 95 % interval.

    n counts the batches behind all values together.
    """
    return normal_interval(*weighted_mean(values, errors), n)


def weighted_slope(x: Floats, y: Floats, y_se: Floats) -> tuple[float, float]:
    """Slope of a line through (x, y) by weighted least squares with known errors, and its standard error."""
    w = y_se**-2.0
    x_centred = x - np.average(x, weights=w)
    s_xx = float(w @ x_centred**2)
    return float(w * x_centred @ y) / s_xx, s_xx**-0.5
