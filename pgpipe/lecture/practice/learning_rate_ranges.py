"""How wide the range of good learning rates is, from the returns of many seeds (P14, C20, C21)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.lecture.practice.good_ranges import GoodRanges, good_ranges
from pgpipe.seeding import stream
from pgpipe.statistics import LEVEL, bootstrap_interval, interquartile_mean

Floats = NDArray[np.float64]
Row = dict[str, Any]
Series = tuple[str, str]  # learner and optimiser

SERIES = ["learner", "optimizer"]
PAIR = [*SERIES, "other_learner", "other_optimizer"]

# What stands for the mean over all optimisers in the column of an optimiser.
ALL = "all"


class LearningRatesSpec(TypedDict):
    """The scores from which on a learning rate is good, and the optimisers that were tried."""

    seed: int
    good: Sequence[float]
    optimizers: Sequence[str]
    resamples: int


class Difference(NamedTuple):
    """What the width of one series' range is more than another's: estimate and resamples, (1 + B,)."""

    value: Floats
    censored: bool
    other_censored: bool


def scores_of(final: Floats, first: Floats) -> Floats:
    """(R - R_random) / (R_best - R_random) of every cell, from its seeds' returns.

    (S, ..., cells) after training and (S, ...) before -> (..., cells).

    R is the interquartile mean over seeds, R_random the mean before training, R_best the R of the best cell.
    A training that diverged counts as random, and a score below zero as zero.
    """
    random = np.mean(first, 0)[..., None]
    means = interquartile_mean(np.where(np.isnan(final), random, final))
    gain = means.max(-1, keepdims=True) - random
    return np.divide(np.maximum(means - random, 0.0), gain, out=np.zeros_like(means), where=gain > 0)


def summarise_learning_rates(
    spec: LearningRatesSpec, columns: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The tables learning_rate_returns, _ranges, _contrasts and _overall, from the columns of all rates."""
    by_environment = pd.concat(columns.values()).groupby("environment", sort=False)
    looks = len(by_environment) * len(spec["good"])
    tables: dict[str, list[pd.DataFrame]] = {"returns": [], "ranges": [], "contrasts": []}
    apart: dict[tuple[str, ...], list[Floats]] = {}
    for environment, group in by_environment:
        rng = stream(spec["seed"], str(environment), "learning_rates")
        cells, scores, returns = _scores(spec, group, rng)
        found = {good: _ranges(cells, scores, good) for good in spec["good"]}
        seeds = int(group["seed"].nunique())
        contrasts = []
        for good, ranges in found.items():
            for pair, difference in _differences(ranges, spec["optimizers"]):
                contrasts.append(_contrast_row(pair, good, difference, seeds, looks))
                apart.setdefault(pair, []).append(difference.value)
        rows = [row for good, ranges in found.items() for row in _range_rows(ranges, good, seeds)]
        for name, table in zip(tables, (returns, pd.DataFrame(rows), pd.DataFrame(contrasts)), strict=True):
            table.insert(0, "environment", environment)
            tables[name].append(table)
    named = {f"learning_rate_{name}": pd.concat(parts) for name, parts in tables.items()}
    return named | {"learning_rate_overall": pd.DataFrame(list(_overall_rows(apart)))}


def _scores(
    spec: LearningRatesSpec, group: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, Floats, pd.DataFrame]:
    """The cells, their scores and those of B resamples (1 + B, cells), and the rows of `_returns`.

    Seeds are resampled as a whole, with the choice of the best cell, as all cells have the same ones.
    """
    # no pivot_table: that has columns for optimisers that were not tried at a learning rate, or none for NaN
    final = group.set_index(["seed", *SERIES, "learning_rate"])["final_return"].unstack([1, 2, 3])  # noqa: PD010
    final = final.sort_index(axis=1)
    first = group.groupby("seed")["first_return"].mean().to_numpy()  # (S,)
    values, n = final.to_numpy(), len(final)
    draws = np.vstack([np.arange(n), rng.integers(0, n, size=(spec["resamples"], n))]).T  # (S, 1 + B)
    scores = scores_of(values[draws], first[draws])
    low, high = np.quantile(scores[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    cells = final.columns.to_frame(index=False)
    returns = cells.assign(
        seeds=n, iqm=interquartile_mean(np.where(np.isnan(values), first.mean(), values)),
        score=scores[0], score_low=low, score_high=high, first=first.mean(), diverged=np.isnan(values).sum(0),
    )  # fmt: skip
    return cells, scores, returns


def _ranges(cells: pd.DataFrame, scores: Floats, good: float) -> dict[Series, tuple[GoodRanges, float]]:
    """The good range of each series, at first and in every resample, and its best score."""
    return {
        key: (
            good_ranges(np.log10(cells.loc[of, "learning_rate"].to_numpy(float)), scores[:, of], good),
            float(scores[0, of].max()),
        )
        for key, of in cells.groupby(SERIES, sort=False).groups.items()
    }


def _range_rows(ranges: Mapping[Series, tuple[GoodRanges, float]], good: float, seeds: int) -> Iterator[Row]:
    for key, (found, best) in ranges.items():
        width, *resampled = found.width
        interval = bootstrap_interval(width, np.array(resampled), seeds).columns("width")
        row = dict(zip(SERIES, key, strict=True)) | {"good": good, "best_score": best} | interval
        yield row | _ends(found) | {"seeds": seeds}


def _ends(found: GoodRanges) -> Row:
    """As learning rates; NaN where no rate is good."""
    some = found.width[0] > 0
    return {
        "from_rate": 10 ** found.low[0] if some else np.nan,
        "to_rate": 10 ** found.high[0] if some else np.nan,
        "low_censored": bool(found.low_censored[0]),
        "high_censored": bool(found.high_censored[0]),
    }


def _differences(
    ranges: Mapping[Series, tuple[GoodRanges, float]], optimizers: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], Difference]]:
    """Between any two optimisers of REINFORCE; between both kinds of learning, each and on average."""
    for other, one in combinations(optimizers, 2):
        yield _pair(ranges, ("policy_gradient", one), ("policy_gradient", other))
    taught = [_pair(ranges, ("supervised", name), ("policy_gradient", name)) for name in optimizers]
    yield from taught
    if taught:
        values, censored, other_censored = zip(*(difference for _, difference in taught), strict=True)
        mean = Difference(np.mean(values, 0), any(censored), any(other_censored))
        yield ("supervised", ALL, "policy_gradient", ALL), mean


def _pair(
    ranges: Mapping[Series, tuple[GoodRanges, float]], one: Series, other: Series
) -> tuple[tuple[str, ...], Difference]:
    ours, theirs = ranges[one][0], ranges[other][0]
    cut = [bool(of.low_censored[0] or of.high_censored[0]) for of in (ours, theirs)]
    return (*one, *other), Difference(ours.width - theirs.width, *cut)


def _contrast_row(pair: tuple[str, ...], good: float, difference: Difference, seeds: int, looks: int) -> Row:
    """With the 95 % interval, and the one whose level is that of all looks together (Bonferroni)."""
    value, *resampled = difference.value
    apart = bootstrap_interval(value, np.array(resampled), seeds)
    tail = (1 - LEVEL) / 2 / looks
    low_all, high_all = np.quantile(resampled, [tail, 1 - tail])
    row = dict(zip(PAIR, pair, strict=True)) | {"good": good} | apart.named("difference", "low", "high")
    cut = {"censored": difference.censored, "other_censored": difference.other_censored}
    return row | {"low_all": low_all, "high_all": high_all} | cut | {"seeds": seeds}


def _overall_rows(apart: Mapping[tuple[str, ...], Sequence[Floats]]) -> Iterator[Row]:
    """Each comparison's mean over environments, whose seeds are drawn independently, and over bars."""
    for pair, values in apart.items():
        value, *resampled = np.mean(values, 0)
        mean = bootstrap_interval(value, np.array(resampled), len(values))
        yield dict(zip(PAIR, pair, strict=True)) | mean.named("difference", "low", "high") | {"looks": mean.n}
