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
from pgpipe.lecture.common.evaluation import Evidence, evaluate, json_rows
from pgpipe.lecture.common.evidence import Case, Check, Claim, verdict
from pgpipe.lecture.common.identities import Identities, identity_checks
from pgpipe.lecture.declared import is_evidence
from pgpipe.lecture.registry import section_files
from pgpipe.lecture.report.ledgers import CASE_COLUMNS, gather_evidence


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


def claim_of(interval, verdict="supported", reason="", lacks="", cases=()):
    return Claim(
        test="t", found="f", rule="r", quantity="q", unit="nats", interval=interval, n_counts="batches",
        verdict=verdict, figure="P1", reason=reason, lacks=lacks, cases=cases,
    )  # fmt: skip


def section():
    def e3(a):
        return Check("what", 1.0, 1.0, 0.0, 2)

    def c10(a, b):
        """The statement,
        on two lines.

        And more.
        """
        interval = Interval.over_cases(1.0, [0.0, 2.0], 3)
        return claim_of(interval, cases=[Case("line", interval, "for"), Case("grid", Interval.unknown(2))])

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
        "tolerance": 0.0, "n": 2, "kind": "measured", "passed": True,
    }  # fmt: skip
    assert claim["id"] == "C10"
    assert claim["statement"] == "The statement, on two lines."
    assert list(claim) == [
        "id", "section", "statement", "test", "found", "rule", "reason", "estimate", "n", "n_counts", "verdict",
        "stability", "figure", "tables",
    ]  # fmt: skip
    assert claim["tables"] == ["a", "b"]
    assert claim["estimate"] == {
        "quantity": "q", "unit": "nats", "value": 1.0, "low": 0.0, "high": 2.0, "kind": "range over cases",
    }  # fmt: skip
    assert (claim["n"], claim["n_counts"], claim["stability"]) == (3, "batches", None)


def test_cases_are_rows_of_a_table():
    first, second = evaluate("example", [section()], {"a": pd.DataFrame(), "b": pd.DataFrame()})["cases"]
    assert list(first) == CASE_COLUMNS
    assert list(first.values()) == ["C10", "line", "q", 1.0, 0.0, 2.0, "range over cases", 3, "for"]
    assert (second["case"], second["says"]) == ("grid", "neither")


def test_ledgers_stand_in_lecture_order_and_know_other_seeds():
    rows: Evidence = {"checks": [], "cases": [{"claim": "C2", "case": "b"}, {"claim": "C1", "case": "a"}]}
    rows["claims"] = [{"id": id, "verdict": "refuted", "stability": None} for id in ("C10", "C2", "C1")]
    known = {"C2": ["refuted", "refuted", "undecided"]}
    found = gather_evidence({"stability": known}, {"results/evidence/x.json": rows})
    claims = json.loads(found["claims"])
    assert [claim["id"] for claim in claims] == ["C1", "C2", "C10"]
    assert [claim["stability"] for claim in claims] == [None, {"seeds": 3, "same": 2}, None]
    assert found["cases"]["case"].tolist() == ["a", "b"]
    assert json.loads(found["checks"]) == []


@pytest.mark.parametrize(
    ("verdict", "lacks", "estimate", "told"),
    [
        ("undecided", "no rows", 1.0, "undecided: no rows"),
        ("refuted", "some rows", 1.0, "not measured: some rows"),
        ("undecided", "", np.nan, "undecided: no row of the tables has what the rule asks for"),
        ("undecided", "", 1.0, ""),
        ("supported", "", np.nan, ""),
    ],
)
def test_a_claim_says_what_it_lacks(verdict, lacks, estimate, told):
    interval = Interval.by_chance(estimate, np.nan, np.nan, 3)
    assert claim_of(interval, verdict, lacks=lacks).because == told
    if not told:
        assert claim_of(interval, verdict, reason="why").because == "why"


def test_the_ledger_says_what_is_lacking():
    module = ModuleType("pgpipe.claims.example")

    def c1(a):
        return claim_of(Interval.unknown(), "undecided", lacks="no rows")

    vars(module)["c1"] = c1
    (claim,) = evaluate("example", [module], {"a": pd.DataFrame()})["claims"]
    assert claim["reason"] == "undecided: no rows"
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


def test_rows_of_an_identity_are_by_construction_if_they_are_declared_so(identities):
    table = pd.concat([identities(), identities().assign(what="a mean")])
    kinds = [check.kind for check in Identities("c", {"E5": "One."}).checks(table, "E5")]
    assert kinds == ["measured"] * 4
    some = Identities("c", {"E5": "One."}, by_construction={"E5": ["a diff"]})
    assert [check.kind for check in some.checks(table, "E5")] == ["identity by construction"] * 2 + [
        "measured"
    ] * 2
    every = Identities("c", {"E5": "One."}, by_construction={"E5": [""]})
    assert {check.kind for check in every.checks(table, "E5")} == {"identity by construction"}
