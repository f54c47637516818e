"""The two ledgers, of all checks of equations and of all claims: section by section, then together."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.lecture.common.evidence import evaluate, json_rows, lecture_order


class SectionSpec(TypedDict):
    """A section, and the modules with its checks and claims."""

    section: str
    modules: list[str]


def evaluate_section(spec: SectionSpec, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Check the equations and test the claims of one lecture section."""
    by_name = {Path(path).stem: table for path, table in tables.items()}
    return evaluate(spec["section"], [import_module(name) for name in spec["modules"]], by_name)


def gather_evidence(sections: Mapping[str, Any]) -> dict[str, str]:
    """All checks and all claims, each in one file, in lecture order."""
    found = {}
    for kind in ("checks", "claims"):
        rows = sorted((row for section in sections.values() for row in section[kind]), key=lecture_order)
        found[kind] = json_rows(rows)
    return found
