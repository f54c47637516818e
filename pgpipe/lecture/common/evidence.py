"""Equation checks and claims: what a section's functions return, and how they become rows of the ledgers."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from inspect import getdoc, getmembers, isfunction, signature
from math import isfinite, isnan, nan
from types import ModuleType
from typing import Any, Literal, Protocol

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.registry import is_evidence

LOG = logging.getLogger(__name__)

Row = dict[str, Any]
Evidence = dict[str, list[Row]]

Verdict = Literal["supported", "refuted", "undecided"]
CheckKind = Literal["measured", "identity by construction"]

# What a case alone says of a statement.
Says = Literal["for", "against", "neither"]


@dataclass(frozen=True)
class Check:
    """A number that an equation fixes: it passes if |value - reference| ≤ tolerance.

    An identity by construction is one that no mistake could break, as both sides share what could be wrong:
    it is shown, and counted apart.
    """

    what: str
    value: float
    reference: float
    tolerance: float
    n: int
    kind: CheckKind = "measured"

    @property
    def passed(self) -> bool:
        """False also where the value is not a number, or nothing could fail."""
        return isfinite(self.tolerance) and abs(self.value - self.reference) <= self.tolerance


@dataclass(frozen=True)
class Case:
    """One of the cases that a claim's numbers stand for: an environment at a stage, a distance, a horizon."""

    name: str
    interval: Interval
    says: Says = "neither"
    quantity: str = ""  # where it is another one than the claim's


@dataclass(frozen=True)
class Claim:
    """A statement put to the test: what was measured, what came out, and the verdict by a rule fixed before.

    | field    | what it says                                                                              |
    |----------|-------------------------------------------------------------------------------------------|
    | test     | a sentence: what is estimated, and over which cases                                       |
    | found    | a sentence or two: what came out                                                          |
    | rule     | a sentence: what supports it, what refutes it, and the correction for how many looks      |
    | quantity | what `interval` is an interval of; its unit in `unit`, and what its n counts in `n_counts` |
    | reason   | a line: why it is refuted or undecided, or on which conditions a supported one holds       |
    | lacks    | which rows the rule asks for that this config's tables do not have                        |
    | cases    | the numbers of each case, where there are several                                         |
    """

    test: str
    found: str
    rule: str
    quantity: str
    interval: Interval
    n_counts: str
    verdict: Verdict
    figure: str
    unit: str = ""
    reason: str = ""
    lacks: str = ""
    cases: Sequence[Case] = ()

    @property
    def because(self) -> str:
        """Why it is not supported, or not in full: what it lacks, or the reason or condition."""
        if self.lacks:
            word = "undecided" if self.verdict == "undecided" else "not measured"
            return f"{word}: {self.lacks}"
        if not self.reason and self.verdict == "undecided" and isnan(self.interval.estimate):
            return "undecided: no row of the tables has what the rule asks for"
        return self.reason


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


def evaluate(section: str, modules: Sequence[ModuleType], tables: Mapping[str, pd.DataFrame]) -> Evidence:
    """Run the functions of a section's modules on the tables they name, where these are made.

    `e7` returns the check, or the checks, of equation E7; `c3` the claim C3, stated by its docstring.
    What their `IDENTITIES` declare is checked as well. What a table that is not what it should be stops is a
    check that failed, or a claim that is undecided and says so.
    """
    checks, claims, cases, where = [], [], [], {"section": section}
    for module in modules:
        declared: Identities | None = getattr(module, "IDENTITIES", None)
        if declared is not None and declared.table in tables:
            for equation in declared.equations:
                made = _tried(equation, [declared.table], partial(declared.checks, equation=equation), tables)
                checks += _check_rows(equation, where, made)
    members = [pair for module in modules for pair in getmembers(module, isfunction)]
    functions = [pair for pair in members if is_evidence(pair[0])]
    for name, function in sorted(functions, key=lambda pair: (pair[0][0], int(pair[0][1:]))):
        names = list(signature(function).parameters)
        if not set(names) <= set(tables):
            continue
        result = _tried(name.upper(), names, function, tables)
        if isinstance(result, Claim):
            row = {"id": name.upper()} | where | {"statement": _statement(function)} | _columns(result)
            claims.append(row | {"tables": names})
            cases += [_case_row(name.upper(), result, case) for case in result.cases]
        else:
            checks += _check_rows(name.upper(), where, result)
    return {"checks": sorted(checks, key=lecture_order), "claims": claims, "cases": cases}


def _tried(
    id: str, names: Sequence[str], function: Callable[..., Any], tables: Mapping[str, pd.DataFrame]
) -> Any:
    """What a check or claim returns; where it cannot, one that says why."""
    try:
        return function(*(tables[name] for name in names))
    except Exception as error:  # a wrong table can stop a test in any way
        LOG.exception("%s could not be tested", id)
        why = f"could not be tested on {', '.join(names)}: {type(error).__name__}: {error}"
    if id.startswith("C"):
        return Claim("", why[0].upper() + why[1:] + ".", "", "", Interval.unknown(), "", "undecided", "", lacks=why)
    return Check(why, nan, nan, nan, 0)


def lecture_order(row: Row) -> int:
    """The number in a row's id."""
    return int(row["id"][1:])


def json_rows(rows: list[Row]) -> str:
    """The rows as JSON; what is no number becomes null, which JSON has and NaN it has not."""
    return json.dumps(_finite(rows), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _check_rows(equation: str, where: dict[str, str], checks: Check | Sequence[Check]) -> list[Row]:
    each = [checks] if isinstance(checks, Check) else checks
    return [{"id": equation} | where | asdict(check) | {"passed": check.passed} for check in each]


def _columns(claim: Claim) -> Row:
    """A claim's row; `stability` is filled in where other seeds are known."""
    interval = claim.interval
    return {
        "test": claim.test,
        "found": claim.found,
        "rule": claim.rule,
        "reason": claim.because,
        "estimate": {
            "quantity": claim.quantity, "unit": claim.unit, "value": interval.estimate,
            "low": interval.low, "high": interval.high, "kind": interval.kind,
        },
        "n": interval.n,
        "n_counts": claim.n_counts,
        "verdict": claim.verdict,
        "stability": None,
        "figure": claim.figure,
    }  # fmt: skip


def _case_row(id: str, claim: Claim, case: Case) -> Row:
    """A row of `claim_cases.csv`."""
    interval = case.interval
    return {
        "claim": id, "case": case.name, "quantity": case.quantity or claim.quantity,
        "value": interval.estimate, "low": interval.low, "high": interval.high, "kind": interval.kind,
        "n": interval.n, "says": case.says,
    }  # fmt: skip


def _statement(function: Callable[..., Any]) -> str:
    return " ".join((getdoc(function) or "").split("\n\n")[0].split())
