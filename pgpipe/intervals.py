"""An estimate with its bounds, and what these bounds are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan, nan
from typing import Any, Literal, Self

Kind = Literal[
    "95 % interval",
    "95 % interval over all cases together",
    "range over cases",
    "exact",
    "at least",
    "at most",
    "test statistic",
    "no bounds",
]


@dataclass(frozen=True)
class Interval:
    """An estimate, its bounds, and n, the number of batches, seeds or cases behind it.

    | kind             | low and high are                                                             |
    |------------------|------------------------------------------------------------------------------|
    | 95 % interval    | the ends of a confidence interval: what chance leaves open                   |
    | range over cases | the smallest and the largest value of several cases, each free of chance     |
    | exact            | the estimate itself: a single number that is free of chance                  |
    | at least         | a lower bound and infinity: what was measured was cut off on the way up      |
    | at most          | minus infinity, or 0, and an upper bound, likewise                           |
    | test statistic   | NaN: the number is compared with a limit that its quantity names             |
    | no bounds        | NaN: there is nothing that holds of it                                       |

    `95 % interval over all cases together` is one of several that all hold at once in 95 of 100 studies.

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
    def at_least(cls, bound: float, n: int = 1, estimate: float | None = None) -> Self:
        """A number of which a lower bound is known, and perhaps an estimate above it."""
        return cls(bound if estimate is None else float(estimate), float(bound), inf, int(n), "at least")

    @classmethod
    def at_most(cls, bound: float, n: int = 1, estimate: float | None = None, low: float = -inf) -> Self:
        """A number of which an upper bound is known, and perhaps an estimate below it."""
        return cls(bound if estimate is None else float(estimate), low, float(bound), int(n), "at most")

    @classmethod
    def statistic(cls, value: float, n: int) -> Self:
        """A number that a test compares with its limit."""
        return cls(float(value), nan, nan, int(n), "test statistic")

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

    def together(self) -> Self:
        """The same bounds, which hold together with those of all other cases."""
        return replace(self, kind="95 % interval over all cases together")

    def without_bounds(self) -> Self:
        """The estimate alone, where chance, or a sweep that was cut off, leaves it no interval."""
        return replace(self, low=nan, high=nan, kind="no bounds")

    @property
    def is_known(self) -> bool:
        """Whether anything was measured."""
        return not isnan(self.estimate)

    @property
    def says_nothing(self) -> bool:
        """Whether it is no number, or one that chance may have made: without bounds, or from one row."""
        if self.kind in ("at least", "at most"):
            return isnan(self.low) or isnan(self.high)
        if self.kind.startswith("95 % interval"):
            return isnan(self.low) or isnan(self.high) or isnan(self.estimate) or self.n < 2
        return isnan(self.estimate)

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
