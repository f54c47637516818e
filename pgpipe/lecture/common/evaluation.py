"""How checks and claims become rows of the ledgers: each is run on the tables that it names."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from inspect import getdoc, getmembers, isfunction, signature
from math import isfinite, nan
from types import ModuleType
from typing import Any

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Case, Check, Claim, Identities, settled
from pgpipe.lecture.common.lacks import why_not
from pgpipe.lecture.common.words import open_where_none, with_signs, without_none
from pgpipe.lecture.declared import OWN_ID, is_evidence

# What was found where no sentence is left.
NOTHING = "Nothing was measured."

LOG = logging.getLogger(__name__)

Row = dict[str, Any]
Evidence = dict[str, list[Row]]


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
        result = _tried(name.upper(), names, function, tables, _tests_claim(name, function))
        if isinstance(result, Claim):
            result = settled(result)
            row = {"id": name.upper()} | where | {"statement": _statement(function)} | _columns(result)
            claims.append(row | {"tables": names})
            cases += [_case_row(name.upper(), result, case) for case in result.cases]
        else:
            checks += _check_rows(name.upper(), where, result)
    return {"checks": sorted(checks, key=lecture_order), "claims": claims, "cases": cases}


def _tried(
    id: str,
    names: Sequence[str],
    function: Callable[..., Any],
    tables: Mapping[str, pd.DataFrame],
    claim: bool = False,
) -> Any:
    """What a check or claim returns; where it cannot, one that says why."""
    try:
        return function(*(tables[name] for name in names))
    except Exception as error:  # a wrong table can stop a test in any way
        LOG.exception("%s could not be tested", id)
        told = why_not(error, {name: tables[name] for name in names})
        why = f"could not be tested on {', '.join(names)}: {told}"
    if claim:
        said = f"{why[0].upper()}{why[1:]}."
        return Claim("", said, "", "", Interval.unknown(), "", "undecided", "", lacks=why)
    return Check(why, nan, nan, nan, 0)


def _tests_claim(name: str, function: Callable[..., Any]) -> bool:
    """Whether a function tests a claim: c3 does; y1, a plugin's, unless it says that it returns checks."""
    returns = str(getattr(function, "__annotations__", {}).get("return", ""))
    return name.startswith("c") or (name.startswith("y") and "Check" not in returns)


def lecture_order(row: Row) -> tuple[bool, int]:
    """By the number in a row's id, one's own last."""
    return OWN_ID.fullmatch(row["id"]) is not None, int(row["id"][1:])


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
    return [
        {"id": equation}
        | where
        | asdict(check)
        | {"what": open_where_none(check.what), "passed": check.passed}
        for check in each
    ]


def _columns(claim: Claim) -> Row:
    """A claim's row; `stability` is filled in where other seeds are known."""
    interval = claim.interval
    return {
        "test": with_signs(open_where_none(claim.test)),
        "found": with_signs(without_none(claim.found)) or NOTHING,
        "rule": with_signs(open_where_none(claim.rule)),
        "reason": with_signs(without_none(claim.because)),
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
        "n": interval.n, "says": "neither" if interval.says_nothing else case.says,
    }  # fmt: skip


def _statement(function: Callable[..., Any]) -> str:
    return " ".join((getdoc(function) or "").split("\n\n")[0].split())
