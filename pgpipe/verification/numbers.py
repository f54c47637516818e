"""The numbers of a table or a ledger, and whether those of another machine agree with them.

Two runs on two machines round differently, and training makes more of it. So a number that chance has a part
in may move within what its own interval leaves open: by at most z √(h² + h'²), where h and h' are standard
errors by the intervals of both runs and z is so large that chance moves none of a table's numbers further in
999 of 1000 tables (Bonferroni). A number without an interval may move by rounding alone, and the mean of one
seed's training over the seeds of its recipe, which is an interval as well.
"""

import csv
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import hypot, isfinite, isinf, isnan, nan
from pathlib import Path
from statistics import NormalDist
from typing import Any

from typing_extensions import TypedDict

from pgpipe.lecture.codebook import ROWS
from pgpipe.verification.seeds import SEED, Cell, alike_by_seeds, is_number
from pgpipe.verification.tolerances import Bounds, bounds_of

Policy = tuple[str, str]  # environment, stage of training
POLICY = ("environment", "policy")


class Numbers(TypedDict):
    """How many rows there are, and of those that are kept, in their order, the cells of each column."""

    rows: int
    columns: dict[str, list[Cell]]


# What a standard error has to be multiplied by for half a 95 % interval.
HALF = NormalDist().inv_cdf(0.975)

# How often chance may move one of a table's numbers too far.
LEVEL = 0.001

# What rounding may do, in float32, relative to the number and to the largest of its column.
RELATIVE, OF_LARGEST, LEAST = 1e-4, 1e-6, 1e-9

# What of a ledger's entry stands in for it.
CLAIM, CHECK = (
    ("id", "verdict", "n"),
    ("id", "what", "kind", "passed", "value", "reference", "tolerance", "n"),
)


def read_numbers(path: Path) -> Numbers:
    """All rows of a table (.csv), or a ledger (claims.json, checks.json) as one."""
    if path.suffix == ".json":
        return _columns([_ledger_row(entry) for entry in json.loads(path.read_text("utf-8"))])
    with path.open(newline="", encoding="utf-8") as file:
        return _columns(list(csv.DictReader(file)))


def thinned(numbers: Numbers, most: int) -> Numbers:
    """The same with `most` rows at most, evenly over all of them, the first and the last among them."""
    rows = numbers["rows"]
    if rows <= most:
        return numbers
    kept = [index * (rows - 1) // (most - 1) for index in range(most)]
    columns = {name: [cells[index] for index in kept] for name, cells in numbers["columns"].items()}
    return {"rows": rows, "columns": columns}


def disagreements(path: str, then: Numbers, now: Numbers, others: Collection[Policy] = ()) -> list[str]:
    """What of a table or ledger is further apart than its bounds allow, a line each; none if it agrees.

    Rows of the policies `others` are left out: training made another policy there.
    """
    if list(then["columns"]) != list(now["columns"]):
        old, new = set(then["columns"]), set(now["columns"])
        return [f"columns {', '.join(sorted(old ^ new)) or 'in another order'} on one side alone"]
    bounds = bounds_of(path)
    if ROWS in bounds.unbounded:
        return []
    if then["rows"] != now["rows"]:
        return [f"{then['rows']} rows, now {now['rows']}"]
    kept = max((len(cells) for cells in then["columns"].values()), default=0)
    then, now = _without(then, then, others), _without(thinned(now, kept) if kept else now, then, others)
    z = _limit(sum(len(then["columns"][name]) for name in then["columns"] if bounds.bounded(name)))
    names = [name for name in then["columns"] if name not in bounds.unbounded]
    return [line for name in names for line in _column(name, then, now, bounds, z)]


def other_policies(then: Numbers, now: Numbers) -> set[Policy]:
    """The policies of the table `policies` that training did not make alike: rounding led it elsewhere."""
    columns = then["columns"], now["columns"]
    names = [name for name in ("update", "mean_return") if all(name in each for each in columns)]
    listed = [list(zip(*(each[name] for name in (*POLICY, *names)), strict=True)) for each in columns]
    return {
        (str(old[0]), str(old[1]))
        for old, new in zip(*listed, strict=False)
        if not all(_agree(*pair, LEAST, False) for pair in zip(old, new, strict=True))
    }


def _without(numbers: Numbers, keys: Numbers, others: Collection[Policy]) -> Numbers:
    """The rows that `keys` does not give for one of the policies."""
    if not others or not set(POLICY) <= set(keys["columns"]):
        return numbers
    policies = zip(*(keys["columns"][name] for name in POLICY), strict=True)
    left = [index for index, policy in enumerate(policies) if policy not in others]
    columns = {name: [cells[index] for index in left] for name, cells in numbers["columns"].items()}
    return {"rows": numbers["rows"], "columns": columns}


def _limit(comparisons: int) -> float:
    """How many standard errors chance moves one of so many numbers in one table of 1000."""
    return NormalDist().inv_cdf(1 - LEVEL / (2 * max(comparisons, 1)))


def _column(name: str, then: Numbers, now: Numbers, bounds: Bounds, z: float) -> Iterator[str]:
    """The worst of what disagrees in a column, and how much does."""
    old, new = then["columns"][name], now["columns"][name]
    largest = max((abs(cell) for cell in [*old, *new] if is_number(cell)), default=0.0)
    rounding = OF_LARGEST * largest + LEAST
    errors = _errors(name, then, now, bounds)
    apart = [
        index
        for index, (before, after, error) in enumerate(zip(old, new, errors, strict=True))
        if not _agree(before, after, z * error + rounding, name in bounds.errors.values())
    ]
    if apart and not (SEED in then["columns"] and alike_by_seeds(name, then["columns"], now["columns"], z)):
        first = apart[0]
        yield f"{name}: {len(apart)} of {len(old)}, the first {_said(old[first])}, now {_said(new[first])}"


def _errors(name: str, then: Numbers, now: Numbers, bounds: Bounds) -> list[float]:
    """The standard errors of the differences in a column, by the intervals of both runs; 0 without one."""
    bounded = bounds.bounded(name)
    if bounded is None:
        return [0.0] * len(then["columns"][name])
    both = [_standard_errors(bounded, numbers["columns"], bounds) for numbers in (then, now)]
    return [hypot(*pair) for pair in zip(*both, strict=True)]


def _standard_errors(name: str, columns: Mapping[str, Sequence[Cell]], bounds: Bounds) -> list[float]:
    if name in bounds.ends:
        low, high = (columns[end] for end in bounds.ends[name])
        return [_half(*map(_number, of)) / HALF for of in zip(low, columns[name], high, strict=True)]
    return [error if isfinite(error := _number(cell)) else 0.0 for cell in columns[bounds.errors[name]]]


def _half(low: float, value: float, high: float) -> float:
    """Half an interval; of an open one, from its end to the number. Unknown ends leave nothing open."""
    if isfinite(high - low):
        return (high - low) / 2
    if isinf(high - low) and isfinite(value):
        return min(value - low, high - value)
    return 0.0


def _agree(before: Cell, after: Cell, tolerance: float, is_error: bool) -> bool:
    if before == after:
        return True
    if not (is_number(before) and is_number(after)):
        return False
    if is_error:  # itself an estimate, whose own error is not known
        return max(before, after) <= 2 * min(before, after) + LEAST
    return abs(before - after) <= tolerance + RELATIVE * max(abs(before), abs(after))


def _number(cell: Cell) -> float:
    return float(cell) if not isinstance(cell, str) or cell in ("inf", "-inf") else nan


def _said(cell: Cell) -> str:
    return repr(cell) if isinstance(cell, str) else f"{cell:.6g}"


def _ledger_row(entry: Mapping[str, Any]) -> dict[str, Any]:
    if "verdict" not in entry:
        return {name: entry[name] for name in CHECK}
    estimate = entry["estimate"] or {}
    return {name: entry[name] for name in CLAIM} | {
        name: estimate.get(name) for name in ("value", "low", "high")
    }


def _columns(rows: Sequence[Mapping[str, Any]]) -> Numbers:
    names = list(rows[0]) if rows else []
    return {"rows": len(rows), "columns": {name: [_cell(row[name]) for row in rows] for name in names}}


def _cell(said: Any) -> Cell:
    """A finite number, or else text: what is empty, NaN or infinite is compared as it is written."""
    try:
        number = float(said)
    except (TypeError, ValueError):
        return "" if said is None else str(said)
    return str(said) if isnan(number) or isinf(number) else number
