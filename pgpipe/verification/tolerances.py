"""Which columns of a table bound which of its numbers, as the `tables.yaml` beside what makes it say.

`low, high: ends of the 95 % interval of `iqm`` bounds `iqm`, and `standard error of `mean`` bounds `mean`.
Where the words name no column, columns called `x_low` and `x_high` bound `x`, and `low` and `high` a `value`.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache

from pgpipe.lecture.codebook import Entry, Table, rooms

ENDS = re.compile(r"\bends? of .*?`(\w+)`")
ERROR = re.compile(r"\bstandard error of `(\w+)`(?! -)")


@dataclass(frozen=True)
class Bounds:
    """The numbers of a table that have an interval of their own, and what their rows by chance have not.

    `ends` gives for a number the columns of its two ends, `errors` the column of its standard error or of its
    tolerance. Of an `unbounded` column nothing can be said.
    """

    ends: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    unbounded: tuple[str, ...] = ()

    def bounded(self, column: str) -> str | None:
        """The number whose bounds say how far a column may move: its own, or the one it bounds."""
        if column in self.ends or column in self.errors:
            return column
        return next((name for name, ends in self.ends.items() if column in ends), None)


# Of the ledgers, which no `tables.yaml` declares. What a check counts may be the iterations of a solver.
LEDGERS = {
    "reports/claims.json": Bounds(ends={"value": ("low", "high")}),
    "reports/checks.json": Bounds(errors={"value": "tolerance"}, unbounded=("n",)),
}


def bounds_of(path: str) -> Bounds:
    """The bounds of a table or a ledger, by its path under the run's folder."""
    return LEDGERS.get(path) or _declared().get(path.rpartition("/")[2].removesuffix(".csv"), Bounds())


@cache
def _declared() -> dict[str, Bounds]:
    return {table.name: _bounds(table) for room in rooms() for table in room.tables}


def _bounds(table: Table) -> Bounds:
    ends: dict[str, tuple[str, str]] = {}
    errors: dict[str, str] = {}
    for entry in table.entries:
        for low, high in _pairs(entry):
            if name := _named(ENDS, entry, table.columns) or _called(low, table.columns):
                ends[name] = (low, high)
        if len(entry.columns) == 1 and (name := _named(ERROR, entry, table.columns)):
            errors[name] = entry.columns[0]
    return Bounds(ends, errors, table.unbounded)


def _pairs(entry: Entry) -> Iterator[tuple[str, str]]:
    """The columns of an entry that are two ends."""
    for column in entry.columns:
        if (high := re.sub(r"low$", "high", column)) != column and high in entry.columns:
            yield column, high


def _named(words: re.Pattern[str], entry: Entry, columns: Collection[str]) -> str | None:
    found = words.search(entry.meaning)
    return found[1] if found and found[1] in columns else None


def _called(low: str, columns: Collection[str]) -> str | None:
    """The number that the name of its lower end tells."""
    names = [low.removesuffix("_low")] if low != "low" else ["value", "estimate", "mean"]
    return next((name for name in names if name in columns), None)
