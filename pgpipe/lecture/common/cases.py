"""What several sections ask of tables whose rows are cases: which is the weakest, which lie on which side."""

from dataclasses import dataclass
from typing import Self

import pandas as pd
from scipy.stats import t

from pgpipe.intervals import Interval

# An interval of a ratio this near to one on both sides is that of two estimators that are the same, batch by
# batch, but for rounding.
ROUNDING = 1e-4


def least(rows: pd.DataFrame, column: str) -> Interval:
    """The 95 % interval with the lowest lower bound, of rows with the columns low, high and n."""
    if rows.empty:
        return Interval.unknown()
    row = rows.sort_values("low").iloc[0]
    return Interval.from_columns(row, (column, "low", "high"), row["n"])


def any_below(rows: pd.DataFrame, column: str, bound: float) -> bool:
    """Whether a mean of the column lies below the bound, by Student's t at 5 % over all rows together."""
    return bool(below_together(rows, column, bound).any())


def below_together(rows: pd.DataFrame, column: str, bound: float) -> "pd.Series[bool]":
    """Which means of the column lie below the bound, by Student's t at 5 % over all rows together."""
    degrees = rows["n"].clip(lower=2) - 1
    wider = t.ppf(1 - 0.025 / max(1, len(rows)), degrees) / t.ppf(0.975, degrees)
    return rows[column] + wider * (rows["high"] - rows[column]) < bound


@dataclass(frozen=True)
class Sides:
    """Rows whose ratio is below one, above one, or one, as both estimators are the same; and n, all rows."""

    lower: pd.DataFrame
    same: pd.DataFrame
    higher: pd.DataFrame
    n: int

    @classmethod
    def of(cls, rows: pd.DataFrame, name: str) -> Self:
        """By the intervals in the columns name_low and name_high, where the ratio is a number."""
        rows = rows.dropna(subset=name)
        low, high = rows[f"{name}_low"], rows[f"{name}_high"]
        same = (low > 1 - ROUNDING) & (high < 1 + ROUNDING)
        return cls(rows[~same & (high < 1)], rows[same], rows[~same & (low > 1)], len(rows))

    @property
    def none_higher(self) -> bool:
        """Whether there are rows, and each of them is lower or the same."""
        return self.n > 0 and len(self.lower) + len(self.same) == self.n

    def __str__(self) -> str:
        """How many rows are on each side."""
        return (
            f"lower in {len(self.lower)}, the same in {len(self.same)}, higher in {len(self.higher)} "
            f"of {self.n}"
        )


def lacking(*reasons: tuple[bool, str]) -> str:
    """The reasons that hold, in words: what a claim's criterion asks for and the config does not give."""
    return "; ".join(words for holds, words in reasons if holds)


def environments_of(rows: pd.DataFrame) -> str:
    """The rows' environments, in parentheses; nothing if there is no row."""
    return f" ({', '.join(rows['environment'].unique())})" if len(rows) else ""
