"""Equation checks and claims: what a section's functions return, and how they become rows of the ledgers."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from inspect import getdoc, getmembers, isfunction, signature
from math import isfinite, isnan
from types import ModuleType
from typing import Any, Literal, Protocol

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.registry import is_evidence

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
    """A statement's measure with its interval, and the verdict by a criterion fixed beforehand."""

    measure: str
    interval: Interval
    criterion: str
    verdict: Verdict
    figure: str
    lacks: str = ""  # which rows the criterion asks for that this config's tables do not have

    @property
    def told(self) -> str:
        """The measure, and what it lacks: a claim that cannot be decided says why."""
        lacks = self.lacks
        if not lacks and self.verdict == "undecided" and isnan(self.interval.estimate):
            lacks = "no row of the tables has what the criterion asks for"
        word = "undecided" if self.verdict == "undecided" else "not measured"
        return f"{self.measure}; {word}: {lacks}" if lacks else self.measure


class Identities(Protocol):
    """Equations of which a table holds both sides, so that they are all checked in the same way."""

    @property
    def table(self) -> str:
        """The table's name."""

    @property
    def equations(self) -> Mapping[str, str]:
        """What each equation's check says, by the equation's id."""

    def checks(self, identities: pd.DataFrame, equation: str) -> list[Check]:
        """The checks of one equation."""


def verdict(supported: bool, refuted: bool) -> Verdict:
    """The word for a test's outcome; evidence that says neither decides nothing."""
    if supported == refuted:
        return "undecided"
    return "supported" if supported else "refuted"


def evaluate(
    section: str, modules: Sequence[ModuleType], tables: Mapping[str, pd.DataFrame]
) -> dict[str, list[dict[str, Any]]]:
    """Run the functions of a section's modules on the tables they name, where these are made.

    `e7` returns the check, or the checks, of equation E7; `c3` the claim C3, stated by its docstring.
    What their `IDENTITIES` declare is checked as well.
    """
    checks, claims, where = [], [], {"section": section}
    for module in modules:
        declared: Identities | None = getattr(module, "IDENTITIES", None)
        if declared is not None and declared.table in tables:
            for equation in declared.equations:
                checks += _check_rows(equation, where, declared.checks(tables[declared.table], equation))
    members = [pair for module in modules for pair in getmembers(module, isfunction)]
    functions = [pair for pair in members if is_evidence(pair[0])]
    for name, function in sorted(functions, key=lambda pair: (pair[0][0], int(pair[0][1:]))):
        names = list(signature(function).parameters)
        if not set(names) <= set(tables):
            continue
        result = function(*(tables[table] for table in names))
        if isinstance(result, Claim):
            row = {"id": name.upper()} | where | {"statement": _statement(function)} | _columns(result)
            claims.append(row | {"table": names})
        else:
            checks += _check_rows(name.upper(), where, [result] if isinstance(result, Check) else result)
    return {"checks": sorted(checks, key=lecture_order), "claims": claims}


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


def _check_rows(equation: str, where: dict[str, str], checks: Sequence[Check]) -> list[dict[str, Any]]:
    return [{"id": equation} | where | asdict(check) | {"passed": check.passed} for check in checks]


def _columns(claim: Claim) -> dict[str, Any]:
    """The claim's fields, the interval's among them."""
    decided = {"criterion": claim.criterion, "verdict": claim.verdict, "figure": claim.figure}
    return {"measure": claim.told} | asdict(claim.interval) | decided


def _statement(function: Callable[..., Any]) -> str:
    return " ".join((getdoc(function) or "").split("\n\n")[0].split())
