"""Equation checks and claims: what a section's functions return, and how they become rows of the ledgers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from inspect import getdoc, getmembers, isfunction, signature
from math import isfinite
from types import ModuleType
from typing import Any, Literal

import pandas as pd

from pgpipe.registry import is_evidence

Verdict = Literal["supported", "refuted", "undecided"]


@dataclass(frozen=True)
class Check:
    """A number that an equation fixes: it passes if |value - reference| ≤ tolerance."""

    what: str
    value: float
    reference: float
    tolerance: float
    n: int

    @property
    def passed(self) -> bool:
        """False also where the value is not a number, or nothing could fail."""
        return isfinite(self.tolerance) and abs(self.value - self.reference) <= self.tolerance


@dataclass(frozen=True)
class Claim:
    """A statement's measure with its 95 % interval, and the verdict by a criterion fixed beforehand."""

    measure: str
    estimate: float
    low: float
    high: float
    n: int
    criterion: str
    verdict: Verdict
    figure: str


def verdict(supported: bool, refuted: bool) -> Verdict:
    """The word for a test's outcome; evidence that says neither decides nothing."""
    if supported == refuted:
        return "undecided"
    return "supported" if supported else "refuted"


def evaluate(section: ModuleType, tables: Mapping[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Run a section's functions on the tables they name; leave out those whose tables are not made.

    `e7` returns the check, or the checks, of equation E7; `c3` the claim C3, stated by its docstring.
    """
    found: dict[str, list[dict[str, Any]]] = {"checks": [], "claims": []}
    functions = [pair for pair in getmembers(section, isfunction) if is_evidence(pair[0])]
    for name, function in sorted(functions, key=lambda pair: (pair[0][0], int(pair[0][1:]))):
        names = list(signature(function).parameters)
        if not set(names) <= set(tables):
            continue
        row = {"id": name.upper(), "section": section.__name__.rpartition(".")[2]}
        result = function(*(tables[table] for table in names))
        if isinstance(result, Claim):
            found["claims"].append(
                row | {"statement": _statement(function)} | asdict(result) | {"table": names}
            )
        else:
            checks = [result] if isinstance(result, Check) else result
            found["checks"] += [row | asdict(check) | {"passed": check.passed} for check in checks]
    return found


def lecture_order(row: dict[str, Any]) -> int:
    """The number in a row's id."""
    return int(row["id"][1:])


def json_rows(rows: list[dict[str, Any]]) -> str:
    """The rows as JSON; what is no number becomes null, which JSON has and NaN it has not."""
    finite = [
        {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in row.items()
        }
        for row in rows
    ]
    return json.dumps(finite, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _statement(function: Callable[..., Any]) -> str:
    return " ".join((getdoc(function) or "").split("\n\n")[0].split())
