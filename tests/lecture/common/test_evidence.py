"""Checks and claims become rows; their verdicts follow the tables, not the wish."""

import importlib
import json
from dataclasses import asdict
from inspect import signature
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Check, Claim, evaluate, json_rows, verdict
from pgpipe.lecture.common.identities import Identities, identity_checks
from pgpipe.lecture.registry import is_evidence, section_files


def test_verdict_needs_a_reason():
    assert verdict(supported=True, refuted=False) == "supported"
    assert verdict(supported=False, refuted=True) == "refuted"
    assert verdict(supported=False, refuted=False) == verdict(supported=True, refuted=True) == "undecided"


def test_check_of_what_is_no_number_fails():
    assert not Check("x", np.nan, 0.0, 1.0, 1).passed
    assert not Check("x", 0.0, 0.0, np.inf, 1).passed


def test_ledgers_are_json_without_nan():
    text = json_rows([{"estimate": np.nan, "low": -np.inf, "n": 3}])
    assert json.loads(text) == [{"estimate": None, "low": None, "n": 3}]
    assert "NaN" not in text


def section():
    def e3(a):
        return Check("what", 1.0, 1.0, 0.0, 2)

    def c10(a, b):
        """The statement,
        on two lines.

        And more.
        """
        return Claim("m", Interval.over_cases(1.0, [0.0, 2.0], 3), "c", "supported", "P1")

    def c2(missing):
        raise AssertionError("its table is not there")

    def helper(a):
        raise AssertionError("no id of the lecture")

    module = ModuleType("pgpipe.claims.example")
    for function in (e3, c10, c2, helper):
        setattr(module, function.__name__, function)
    return module


def test_rows_carry_id_section_statement_and_tables():
    found = evaluate("example", [section()], {"a": pd.DataFrame(), "b": pd.DataFrame()})
    (check,), (claim,) = found["checks"], found["claims"]
    assert check == {
        "id": "E3", "section": "example", "what": "what", "value": 1.0, "reference": 1.0,
        "tolerance": 0.0, "n": 2, "passed": True,
    }  # fmt: skip
    assert claim["id"] == "C10"
    assert claim["statement"] == "The statement, on two lines."
    assert claim["table"] == ["a", "b"]
    assert list(claim) == [
        "id", "section", "statement", "measure", "estimate", "low", "high", "n", "kind", "criterion", "verdict",
        "figure", "table",
    ]  # fmt: skip
    assert [claim[key] for key in ("estimate", "low", "high", "n", "kind")] == [
        1,
        0,
        2,
        3,
        "range over cases",
    ]


@pytest.mark.parametrize(
    ("verdict", "lacks", "estimate", "told"),
    [
        ("undecided", "no rows", 1.0, "m; undecided: no rows"),
        ("refuted", "some rows", 1.0, "m; not measured: some rows"),
        ("undecided", "", np.nan, "m; undecided: no row of the tables has what the criterion asks for"),
        ("undecided", "", 1.0, "m"),
        ("supported", "", np.nan, "m"),
    ],
)
def test_a_claim_says_what_it_lacks(verdict, lacks, estimate, told):
    interval = Interval.by_chance(estimate, np.nan, np.nan, 3)
    assert Claim("m", interval, "c", verdict, "P1", lacks).told == told


def test_the_ledger_has_what_is_lacking_in_the_measure():
    module = ModuleType("pgpipe.claims.example")

    def c1(a):
        return Claim("m", Interval.unknown(), "c", "undecided", "P1", lacks="no rows")

    vars(module)["c1"] = c1
    (claim,) = evaluate("example", [module], {"a": pd.DataFrame()})["claims"]
    assert claim["measure"] == "m; undecided: no rows"
    assert "lacks" not in claim


def test_declared_identities_are_checked_where_their_table_is_made(identities):
    module = section()
    module.IDENTITIES = Identities("c", {"E5": "One.", "E1": "Another, of which there is no row."})
    tables = {"a": pd.DataFrame(), "b": pd.DataFrame()}
    assert [row["id"] for row in evaluate("example", [module], tables)["checks"]] == ["E3"]
    found = evaluate("example", [module], tables | {"c": identities(off=1.0)})["checks"]
    assert [(row["id"], row["passed"]) for row in found] == [("E3", True), ("E5", True), ("E5", False)]
    assert found[1] == {"id": "E5", "section": "example"} | asdict(identity_checks(identities(), "E5")[0]) | {
        "passed": True
    }


def test_the_registry_asks_for_the_tables_of_identities():
    """It reads the declaration from the file, and finds what the module says when it runs."""
    for file in section_files():
        modules = [importlib.import_module(name) for name in file.modules]
        declared = {m.IDENTITIES.table for m in modules if hasattr(m, "IDENTITIES")}
        members = [pair for module in modules for pair in vars(module).items()]
        asked = {t for name, f in members if is_evidence(name) for t in signature(f).parameters}
        assert set(file.tables) == asked | declared


@pytest.mark.parametrize(
    ("kind", "reference", "off", "passed"),
    [
        ("exact", 0.0, 1e-12, True),
        ("exact", 0.0, 1e-10, False),
        ("exact", 0.0, np.nan, False),
        ("mean", 0.0, 3.5, True),  # standard errors
        ("mean", 0.0, 5.0, False),
        ("frequencies", 100.0, 50.0, True),  # its spread is √200
        ("frequencies", 100.0, 75.0, False),
        ("frequencies", 100.0, np.inf, False),
    ],
)
def test_an_identity_may_be_off_by_rounding_or_by_chance(identities, kind, reference, off, passed):
    checks = identity_checks(identities(off, kind=kind, reference=reference), "E5")
    assert [check.passed for check in checks] == [True, passed]
