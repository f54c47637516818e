"""What several sections ask of tables whose rows are cases: which is the weakest, which lie on which side."""

from collections.abc import Iterable, Sequence
from math import inf, nan
from typing import Any

import pandas as pd
from scipy.stats import t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Case

# An interval of a ratio this near to one on both sides is that of two estimators that are the same, batch by
# batch, but for rounding.
ROUNDING = 1e-4

# How often a claim refutes what is true, over all its looks together: once in a thousand seeds.
PROMISE = 1e-3


def stretched(interval: Interval, chance: float, degrees: float = inf) -> tuple[float, float]:
    """The bounds of a 95 % interval by Student's t, or a normal one, if it is to miss only so often."""
    wider = t.ppf(1 - chance / 2, degrees) / t.ppf(0.975, degrees)
    estimate = interval.estimate
    return estimate - wider * (estimate - interval.low), estimate + wider * (interval.high - estimate)


def place_of(row: Any) -> str:
    """Environment and stage of a row, in words."""
    return f"{row['environment']}, {row['policy'].replace('_', '-')}"


def lowest_of(cases: Sequence[Case]) -> Case | None:
    """The case with the lowest value; None where no value is known."""
    known = [case for case in cases if case.interval.is_known]
    return min(known, key=lambda case: case.interval.estimate, default=None)


def decisive(cases: Sequence[Case]) -> Case | None:
    """The lowest of the cases that decide: those against, else those that keep it open, else all."""
    groups = ([case for case in cases if case.says == word] for word in ("against", "neither", "for"))
    return next((found for group in groups if (found := lowest_of(group))), None)


def listed(parts: Iterable[Any], last: str = "and") -> str:
    """`a, b and c`; nothing of nothing."""
    *most, end = [str(part) for part in parts] or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def exactly(value: float, n: int = 1) -> Interval:
    """A single number that is free of chance."""
    return Interval.over_cases(value, [value], n)


def more_than(bound: float, n: int = 1) -> Interval:
    """A number that is free of chance, of which nothing is known but that it is above the bound."""
    return Interval.at_least(bound, n, estimate=nan)


def least(rows: pd.DataFrame, column: str) -> Interval:
    """The lowest value with its 95 % interval, of rows with the columns low, high and n."""
    known = rows.dropna(subset=[column])
    if known.empty:
        return Interval.unknown()
    row = known.loc[known[column].idxmin()]
    return Interval.from_columns(row, (column, "low", "high"), row["n"])


def any_below(rows: pd.DataFrame, column: str, bound: float, chance: float = 0.05) -> bool:
    """Whether a mean of the column lies below the bound, by Student's t at `chance` over all rows at once."""
    return bool(below_together(rows, column, bound, chance).any())


def below_together(rows: pd.DataFrame, column: str, bound: float, chance: float = 0.05) -> "pd.Series[bool]":
    """Which means of the column lie below the bound, likewise."""
    return pd.Series([high < bound for _, high in _at_once(rows, column, chance)], rows.index, dtype=bool)


def all_above(rows: pd.DataFrame, column: str, bound: float, chance: float = 0.05) -> bool:
    """Whether there are rows, and all means of the column lie above the bound, likewise."""
    return len(rows) > 0 and all(low > bound for low, _ in _at_once(rows, column, chance))


def _at_once(rows: pd.DataFrame, column: str, chance: float) -> Iterable[tuple[float, float]]:
    """The intervals of all rows, so wide that they hold together.  Bonferroni."""
    for _, row in rows.iterrows():
        interval = Interval.from_columns(row, (column, "low", "high"), row["n"])
        yield stretched(interval, chance / len(rows), max(2, row["n"]) - 1)


def alike(low: Any, high: Any) -> Any:
    """Which intervals of ratios are those of two estimators that are the same.  Arrays or columns."""
    return (low > 1 - ROUNDING) & (high < 1 + ROUNDING)


def problems(environments: Iterable[Any]) -> str:
    """Each environment once, in words: `bandit, the line and the grid`."""
    names = (str(name).replace("_", " ") for name in dict.fromkeys(environments))
    return listed(f"the {name}" if name in ("line", "grid") else name for name in names) or "no environment"


def lacking(*reasons: tuple[bool, str]) -> str:
    """The reasons that hold, in words: what a claim's criterion asks for and the config does not give."""
    return "; ".join(words for holds, words in reasons if holds)


def environments_of(rows: pd.DataFrame) -> str:
    """The rows' environments, in parentheses; nothing if there is no row."""
    return f" ({', '.join(rows['environment'].unique())})" if len(rows) else ""
