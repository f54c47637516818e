"""An estimate with its bounds, and what these bounds are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Literal, Self

Kind = Literal["95 % interval", "range over cases", "exact"]


@dataclass(frozen=True)
class Interval:
    """An estimate, its bounds, and n, the number of batches, seeds or cases behind it.

    | kind             | low and high are                                                             |
    |------------------|------------------------------------------------------------------------------|
    | 95 % interval    | the ends of a confidence interval: what chance leaves open                   |
    | range over cases | the smallest and the largest value of several cases, each free of chance     |
    | exact            | the estimate itself: a single number that is free of chance                  |

    What could not be measured is NaN.
    """

    estimate: float
    low: float
    high: float
    n: int
    kind: Kind

    def __post_init__(self) -> None:
        """Refuse bounds that are no bounds."""
        if self.low > self.high:
            raise ValueError(f"an interval's bounds rise: got low {self.low:g}, high {self.high:g}")
        if self.kind == "exact" and not self.low == self.estimate == self.high:
            raise ValueError(f"an exact number has no bounds but itself: got {self:g}")

    @classmethod
    def by_chance(cls, estimate: float, low: float, high: float, n: int) -> Self:
        """A 95 % interval."""
        return cls(float(estimate), float(low), float(high), int(n), "95 % interval")

    @classmethod
    def unknown(cls, n: int = 0) -> Self:
        """What a 95 % interval is where there is nothing to measure."""
        return cls.by_chance(nan, nan, nan, n)

    @classmethod
    def over_cases(cls, estimate: float, values: Sequence[float], n: int) -> Self:
        """The range of values that are free of chance; the value of a single case is exact."""
        known = [float(value) for value in values if value == value]
        if not known:
            return cls(nan, nan, nan, int(n), "range over cases")
        alone = len(values) == 1 and estimate == known[0]
        kind: Kind = "exact" if alone else "range over cases"
        return cls(float(estimate), min(known), max(known), int(n), kind)

    @classmethod
    def of_row(cls, row: Any, name: str, n: int) -> Self:
        """The 95 % interval in a row's columns name, name_low and name_high; unknown if there is no row."""
        return cls.from_columns(row, (name, f"{name}_low", f"{name}_high"), n)

    @classmethod
    def from_columns(cls, row: Any, names: tuple[str, str, str], n: int) -> Self:
        """The 95 % interval in a row's columns of these names; unknown if there is no row."""
        if row is None:
            return cls.unknown(n)
        estimate, low, high = (row[name] for name in names)
        return cls.by_chance(estimate, low, high, n)

    def without_bounds(self) -> Self:
        """The estimate alone, where chance leaves it no interval."""
        return self.by_chance(self.estimate, nan, nan, self.n)

    @property
    def is_known(self) -> bool:
        """Whether anything was measured."""
        return not isnan(self.estimate)

    def within(self, value: float, margin: float) -> bool:
        """Whether all of it lies within value ± margin."""
        return self.low > value - margin and self.high < value + margin

    def outside(self, value: float, margin: float) -> bool:
        """Whether none of it lies within value ± margin."""
        return self.low > value + margin or self.high < value - margin

    def through(self, rising: Callable[[float], float]) -> Self:
        """The interval of a rising function of what is estimated."""
        return type(self)(rising(self.estimate), rising(self.low), rising(self.high), self.n, self.kind)

    def columns(self, name: str) -> dict[str, float]:
        """As a row's columns name, name_low and name_high."""
        return self.named(name, f"{name}_low", f"{name}_high")

    def named(self, estimate: str, low: str, high: str) -> dict[str, float]:
        """As a row's columns of these names."""
        return {estimate: self.estimate, low: self.low, high: self.high}

    def __format__(self, form: str) -> str:
        """`estimate [low, high]`, each number in the same form."""
        return f"{self.estimate:{form}} [{self.low:{form}}, {self.high:{form}}]"
