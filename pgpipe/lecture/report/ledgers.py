"""The two ledgers, of all checks of equations and of all claims: section by section, then together."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.lecture.common.evaluation import Evidence, evaluate, json_rows, lecture_order

CASE_COLUMNS = ["claim", "case", "quantity", "value", "low", "high", "kind", "n", "says"]


class SectionSpec(TypedDict):
    """A section, and the modules with its checks and claims."""

    section: str
    modules: list[str]


def evaluate_section(spec: SectionSpec, tables: Mapping[str, pd.DataFrame]) -> Evidence:
    """Check the equations and test the claims of one lecture section."""
    by_name = {Path(path).stem: table for path, table in tables.items()}
    return evaluate(spec["section"], [import_module(name) for name in spec["modules"]], by_name)


class LedgersSpec(TypedDict):
    """The verdicts of each claim with other seeds, where this config was run with some."""

    stability: dict[str, list[str]] | None


def gather_evidence(spec: LedgersSpec, sections: Mapping[str, Evidence]) -> dict[str, Any]:
    """All checks and all claims, each in one file, in lecture order; and the claims' cases, as a table."""
    checks, claims, cases = (
        [row for section in sections.values() for row in section[kind]]
        for kind in ("checks", "claims", "cases")
    )
    known = spec["stability"] or {}
    stable = [row | {"stability": stability(row["verdict"], known.get(row["id"], []))} for row in claims]
    order = {row["id"]: lecture_order(row) for row in claims}
    return {
        "checks": json_rows(sorted(checks, key=lecture_order)),
        "claims": json_rows(sorted(stable, key=lecture_order)),
        "cases": pd.DataFrame(sorted(cases, key=lambda row: order[row["claim"]]), columns=CASE_COLUMNS),
    }


def stability(verdict: str, others: Sequence[str]) -> dict[str, int] | None:
    """In how many runs with other seeds the verdict is this one; None where there are none."""
    return {"seeds": len(others), "same": list(others).count(verdict)} if others else None
