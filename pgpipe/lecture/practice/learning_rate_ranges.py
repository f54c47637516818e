"""How wide the range of good learning rates is, from the returns of many seeds (P14, C20, C21)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.seeding import stream
from pgpipe.statistics import LEVEL, bootstrap_interval, interquartile_mean

Floats = NDArray[np.float64]

SERIES = ["learner", "optimizer"]


class LearningRatesSpec(TypedDict):
    """The score from which on a learning rate is good, and the optimisers that were tried."""

    seed: int
    good: float
    optimizers: Sequence[str]
    resamples: int


class Range(NamedTuple):
    """The widest contiguous range of good learning rates, as log₁₀ of its ends.

    An end is censored where the grid ends before the range does.
    """

    low: float
    high: float
    low_censored: bool
    high_censored: bool

    @property
    def width(self) -> float:
        """In decades; 0 where no learning rate is good."""
        return self.high - self.low


def good_range(log_rates: Floats, scores: Floats, good: float) -> Range:
    """Where the scores, joined by straight lines over log₁₀ α, are at least `good`.  (L,), (L,)."""
    is_good = np.concatenate([[False], scores >= good, [False]])
    begins, ends = (
        np.flatnonzero(is_good[1:] & ~is_good[:-1]),
        np.flatnonzero(~is_good[1:] & is_good[:-1]) - 1,
    )
    ranges = [
        Range(
            _passes(log_rates, scores, good, first, first - 1),
            _passes(log_rates, scores, good, last, last + 1),
            first == 0,
            last == len(scores) - 1,
        )
        for first, last in zip(begins.tolist(), ends.tolist(), strict=True)
    ]
    return max(ranges, key=lambda r: r.width, default=Range(0.0, 0.0, False, False))


def _passes(log_rates: Floats, scores: Floats, good: float, inside: int, outside: int) -> float:
    """Where the line from a good rate to its neighbour outside passes `good`."""
    if not 0 <= outside < len(scores):
        return float(log_rates[inside])
    share = (scores[inside] - good) / (scores[inside] - scores[outside])
    return float(log_rates[inside] + share * (log_rates[outside] - log_rates[inside]))


def scores_of(final: Floats, first: Floats) -> Floats:
    """(R - R_random) / (R_best - R_random) of every cell, from its seeds' returns.  (S, cells) -> (cells,).

    R is the interquartile mean over seeds, R_random the mean before training, R_best the R of the best cell.
    A training that diverged counts as random, and a score below zero as zero.
    """
    random = float(np.mean(first))
    means = interquartile_mean(np.where(np.isnan(final), random, final))
    gain = means.max() - random
    return np.clip((means - random) / gain, 0.0, None) if gain > 0 else np.zeros(len(means))


def summarise_learning_rates(
    spec: LearningRatesSpec, columns: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The tables learning_rate_returns, _ranges and _contrasts, from the columns of all learning rates."""
    tables: dict[str, list[pd.DataFrame]] = {"returns": [], "ranges": [], "contrasts": []}
    for environment, group in pd.concat(columns.values()).groupby("environment", sort=False):
        rng = stream(spec["seed"], str(environment), "learning_rates")
        for name, table in _one_environment(spec, group, rng).items():
            table.insert(0, "environment", environment)
            tables[name].append(table)
    return {f"learning_rate_{name}": pd.concat(parts) for name, parts in tables.items()}


def _one_environment(
    spec: LearningRatesSpec, group: pd.DataFrame, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Seeds are resampled as a whole, with the choice of the best cell, as all cells have the same ones."""
    final = group.pivot_table(
        index="seed", columns=[*SERIES, "learning_rate"], values="final_return", dropna=False
    ).sort_index(axis=1)  # fmt: skip
    first = group.groupby("seed")["first_return"].mean().to_numpy()  # (S,)
    values, n = final.to_numpy(), len(final)
    draws = rng.integers(0, n, size=(spec["resamples"], n))
    scores = scores_of(values, first)
    resampled = np.stack([scores_of(values[rows], first[rows]) for rows in draws])  # (B, cells)
    cells = final.columns.to_frame(index=False)
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    filled = np.where(np.isnan(values), first.mean(), values)
    returns = cells.assign(
        seeds=n, iqm=interquartile_mean(filled), score=scores, low=low, high=high,
        first=first.mean(), diverged=np.isnan(values).sum(0),
    )  # fmt: skip
    ranges, widths = _ranges(cells, scores, resampled, spec["good"], n)
    contrasts = _contrasts(ranges, widths, spec["optimizers"])
    return {"returns": returns, "ranges": ranges, "contrasts": contrasts}


def _ranges(
    cells: pd.DataFrame, scores: Floats, resampled: Floats, good: float, seeds: int
) -> tuple[pd.DataFrame, dict[Any, Floats]]:
    """The range of each series with its interval, and its width in every resample.  (cells,), (B, cells)."""
    rows, widths = [], {}
    for key, of in cells.groupby(SERIES, sort=False).groups.items():
        logs = np.log10(cells.loc[of, "learning_rate"].to_numpy(float))
        found = good_range(logs, scores[of], good)
        widths[key] = np.array([good_range(logs, row, good).width for row in resampled[:, of]])
        width = bootstrap_interval(found.width, widths[key], seeds).columns("width")
        row = dict(zip(SERIES, key, strict=True)) | {"good": good, "best_score": scores[of].max()}
        rows.append(row | width | _ends(found) | {"seeds": seeds})
    return pd.DataFrame(rows), widths


def _ends(found: Range) -> dict[str, Any]:
    """As learning rates; NaN where no rate is good."""
    some = found.width > 0
    return {
        "from_rate": 10**found.low if some else np.nan,
        "to_rate": 10**found.high if some else np.nan,
        "low_censored": found.low_censored,
        "high_censored": found.high_censored,
    }


def _contrasts(ranges: pd.DataFrame, widths: Mapping[Any, Floats], optimizers: Sequence[str]) -> pd.DataFrame:
    """Differences of widths: between any two optimisers of REINFORCE, and between both kinds of learning."""
    pairs = [
        (("policy_gradient", a), ("policy_gradient", b))
        for i, b in enumerate(optimizers)
        for a in optimizers[i + 1 :]
    ] + [(("supervised", o), ("policy_gradient", o)) for o in optimizers]
    known = ranges.set_index(SERIES)
    rows = []
    for one, other in pairs:
        (ours, seeds), (theirs, _) = (known.loc[key, ["width", "seeds"]] for key in (one, other))
        apart = bootstrap_interval(ours - theirs, widths[one] - widths[other], seeds)
        censored = [bool(known.loc[key, ["low_censored", "high_censored"]].any()) for key in (one, other)]
        rows.append((*one, *other, apart.estimate, apart.low, apart.high, *censored, apart.n))
    names = ["learner", "optimizer", "other_learner", "other_optimizer", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=[*names, "censored", "other_censored", "seeds"])
