"""Which step sizes work, and for which kind of step more of them do (C35).

A kind of step is a direction, ĝ or F⁻¹ĝ, and a rule for its length, a learning rate or a KL bound. Two kinds
are compared only where they differ in one of the two.
"""

from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from pgpipe.intervals import Interval
from pgpipe.statistics import LEVEL, bootstrap_interval, interquartile_mean

Floats = NDArray[np.float64]

# By what two kinds of step differ: of which one minus of which other is taken.
CONTRASTS = {"direction": ("natural", "vanilla"), "key": ("kl", "learning_rate")}


class Range(NamedTuple):
    """The widest contiguous range of sizes that work, by log₁₀ of its ends; NaN where none does.

    An end is censored where the grid ends before the range does.
    """

    low: float
    high: float
    low_censored: bool
    high_censored: bool

    @property
    def width(self) -> float:
        """In decades; 0 where no size works."""
        return 0.0 if np.isnan(self.low) else self.high - self.low


NOWHERE = Range(np.nan, np.nan, False, False)


def scores_of(final: Floats, first: Floats) -> Floats:
    """(R - R_random)/(R_best - R_random) of every cell.  (S, ..., cells), (S, ...) -> (..., cells).

    R is the interquartile mean over the S seeds, R_random the mean before training, and R_best the best
    cell's of all recipes. A training that diverged is worth what no training is; no score is below zero.
    """
    random = first.mean(0)[..., None]
    means = interquartile_mean(np.where(np.isfinite(final), final, random))
    best = means.max(-1, keepdims=True) - random
    return np.where(best > 0, np.clip((means - random) / np.where(best > 0, best, 1.0), 0, None), 0.0)


def working_range(logs: Floats, scores: Floats, works: float) -> Range:
    """The widest contiguous range in which straight lines through the scores stay at `works` or above."""
    found, start = NOWHERE, None
    for i, score in enumerate([*scores, -np.inf]):
        if score >= works and start is None:
            start = i
        if score < works and start is not None:
            low = _crossing(logs, scores, works, start, start - 1)
            high = _crossing(logs, scores, works, i - 1, i)
            if found is NOWHERE or high - low >= found.width:
                found = Range(low, high, start == 0, i == len(scores))
            start = None
    return found


def _crossing(logs: Floats, scores: Floats, works: float, inside: int, outside: int) -> float:
    """Where the line from a size that works to its neighbour passes the mark; the grid's end without one."""
    if not 0 <= outside < len(scores):
        return float(logs[inside])
    share = (scores[inside] - works) / (scores[inside] - scores[outside])
    return float(logs[inside] + share * (logs[outside] - logs[inside]))


def working_ranges(
    cells: pd.DataFrame, scores: Floats, resampled: Floats, works: float
) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """A row for each recipe, and its width in every resample of the seeds.  (cells,), (B, cells)."""
    rows, widths = [], {}
    for name, own in cells.groupby("recipe", sort=False):
        first, at = own.iloc[0], own.index.to_numpy()
        logs = np.log10(own["size"].to_numpy())
        lengths = logs / 2 if first["key"] == "kl" else logs
        found = working_range(logs, scores[at], works)
        width = working_range(lengths, scores[at], works).width
        widths[str(name)] = np.array([working_range(lengths, row, works).width for row in resampled[:, at]])
        decades = bootstrap_interval(width, widths[str(name)], first["seeds"])
        row: dict[str, Any] = {key: first[key] for key in ("environment", "recipe", "direction", "key")}
        row |= {"works": works, "seeds": first["seeds"]}
        row |= {"from_size": 10**found.low, "to_size": 10**found.high}
        row |= decades.named("decades", "low", "high")
        row |= {"low_censored": found.low_censored, "high_censored": found.high_censored}
        rows.append(row | {"best_score": scores[at].max()})
    return pd.DataFrame(rows), widths


def step_contrasts(ranges: pd.DataFrame, widths: dict[str, Floats]) -> pd.DataFrame:
    """Differences of widths between any two recipes that differ in the direction, or in the rule, alone."""
    rows = []
    for one, other in permutations(ranges.to_dict("records"), 2):
        differ = [key for key in CONTRASTS if one[key] != other[key]]
        if len(differ) != 1 or (one[differ[0]], other[differ[0]]) != CONTRASTS[differ[0]]:
            continue
        apart = one["decades"] - other["decades"]
        interval = paired_interval(apart, widths[one["recipe"]] - widths[other["recipe"]], one["seeds"])
        shared = {key: one[key] for key in CONTRASTS if key != differ[0]}
        row = {"environment": one["environment"], "differ_in": differ[0], **shared}
        row |= {"recipe": one["recipe"], "other": other["recipe"], "seeds": one["seeds"]}
        row |= interval.named("difference", "low", "high")
        cut = [bool(of["low_censored"] or of["high_censored"]) for of in (one, other)]
        rows.append(row | {"censored": cut[0], "other_censored": cut[1]})
    names = ["environment", "differ_in", "direction", "key", "recipe", "other", "seeds", "difference"]
    return pd.DataFrame(rows, columns=[*names, "low", "high", "censored", "other_censored"])


def paired_interval(estimate: float, resampled: Floats, n: int) -> Interval:
    """The 95 % interval of a difference, of which each resample is that of the same n seeds on both sides.

    The bootstrap's standard error, with n - 1 for n, times Student's t: quantiles of the resamples would be
    too narrow for so few seeds.  Hesterberg 2015.
    """
    error = float(resampled.std()) * (n / (n - 1)) ** 0.5
    half = float(t.ppf((1 + LEVEL) / 2, n - 1)) * error
    return Interval.by_chance(estimate, estimate - half, estimate + half, n)
