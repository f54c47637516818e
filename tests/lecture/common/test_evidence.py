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
from pgpipe.lecture.direct_differentiation import claims as direct_differentiation
from pgpipe.lecture.objective import claims as objective
from pgpipe.lecture.registry import is_evidence, section_files
from pgpipe.lecture.variance_reduction.claims import baselines, causality
from pgpipe.lecture.what_the_gradient_does import claims as what_the_gradient_does


@pytest.fixture
def errors():
    """A function from slope and bias to a table objective_error of six series."""

    def table(slope=-0.5, bias=0.0):
        rows = [
            {
                "environment": environment,
                "policy": policy,
                "n_trajectories": n,
                "replicates": 400,
                "exact": 1.0,
                "mean_error": bias * n**-0.5 / 20,
                "standard_error": n**-0.5 / 20,
                "rmse": 2 * n**slope,
                "rmse_low": 2 * n**slope * 0.95,
                "rmse_high": 2 * n**slope * 1.05,
            }
            for environment in ("line", "grid")
            for policy in ("untrained", "half_trained", "trained")
            for n in (1, 4, 16, 64)
        ]
        return pd.DataFrame(rows)

    return table


@pytest.mark.parametrize(
    ("slope", "bias", "expected"),
    [(-0.5, 0, "supported"), (-0.4, 0, "refuted"), (-0.5, 6, "refuted"), (-0.55, 0, "undecided")],
)
def test_c1_follows_its_table(errors, slope, bias, expected):
    assert objective.c1(errors(slope, bias)).verdict == expected


def test_c1_measures_the_slope(errors):
    claim = objective.c1(errors(-0.45))
    assert claim.interval.estimate == pytest.approx(-0.45)
    assert claim.interval.low < -0.45 < claim.interval.high
    assert claim.interval.n == 24 * 400


def test_e2_fails_where_the_mean_is_off(errors):
    assert all(check.passed for check in objective.e2(errors(bias=1)))
    assert not any(check.passed for check in objective.e2(errors(bias=8)))


@pytest.mark.parametrize(
    ("norm", "lead", "passed"), [(0.0, -1.0, True), (0.1, -1.0, False), (0.0, 1.0, False)]
)
def test_e1_fails_at_what_is_no_optimum(norm, lead, passed):
    optimum = pd.DataFrame([{"start_std": 1.0, "gradient_norm": norm, "objective": -3.0}])
    field = pd.DataFrame([{"start_std": 1.0, "objective": -3.0 + lead}])
    assert all(check.passed for check in objective.e1(optimum, field)) == passed


def test_verdict_needs_a_reason():
    assert verdict(supported=True, refuted=False) == "supported"
    assert verdict(supported=False, refuted=True) == "refuted"
    assert verdict(supported=False, refuted=False) == verdict(supported=True, refuted=True) == "undecided"


def test_check_of_what_is_no_number_fails():
    assert not Check("x", np.nan, 0.0, 1.0, 1).passed
    assert not Check("x", 0.0, 0.0, np.inf, 1).passed


def test_returns_that_never_differ_decide_nothing(errors):
    """Rewards that were never met: no error, no slope, no bias."""
    table = errors().assign(rmse=0.0, rmse_low=0.0, rmse_high=0.0, mean_error=1e-17, standard_error=0.0)
    assert objective.c1(table).verdict == "undecided"


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

    module.c1 = c1
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


@pytest.fixture
def study():
    """A function that makes the study's tables: mean gradients off by a factor, or in one component by errors."""

    def tables(scale=1.0, off=0.0, own=None):
        estimators = pd.DataFrame(
            [
                ("total_return", "total_return", "none"),
                ("others", "total_return", "mean"),
                ("own", "total_return", "batch_mean"),
                ("to_go", "reward_to_go", "none"),
            ],
            columns=["estimator", "signal", "baseline"],
        ).assign(importance="none")
        estimators["bias"] = estimators["baseline"].map({"batch_mean": "own trajectory"}).fillna("none")
        components, projections = [], []
        for name in estimators["estimator"]:
            for n in (16, 256):
                shrunk = scale * (1 if name != "own" else (own or 1 - 1 / n))
                key = {"environment": "line", "policy": "trained", "estimator": name, "batch_size": n}
                key["replicates"] = 200
                for parameter, exact in enumerate((3.0, -4.0, 0.0)):
                    components.append(
                        key
                        | {"parameter": parameter, "mean": scale * exact + off * 0.01, "exact": exact}
                        | {"standard_error": 0.01 if exact else 0.0}
                    )
                projections.append(key | {"kind": "exact", "projection": shrunk, "standard_error": 0.01})
        return pd.DataFrame(components), pd.DataFrame(projections), estimators

    return tables


@pytest.mark.parametrize(
    ("scale", "expected"), [(1.0, "supported"), (1.03, "refuted"), (1.2, "refuted"), (-1.0, "refuted")]
)
def test_c4_turns_with_the_estimates(study, scale, expected):
    """With the wrong sign, or 3 % too long where errors are small, the verdict changes."""
    components, projections, estimators = study(scale)
    assert direct_differentiation.c4(components, projections, estimators).verdict == expected


@pytest.mark.parametrize(("off", "passed"), [(0.0, True), (4.0, False), (20.0, False)])
def test_checks_see_one_component_that_is_off(study, off, passed):
    """Also the component that never varies: it has to be right as it is."""
    components, _, estimators = study(off=off)
    for checks in (
        direct_differentiation.e11(components, estimators),
        causality.e18(components, estimators),
        baselines.e19(components, estimators),
    ):
        assert checks
        assert all(check.passed for check in checks) == passed


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, "supported"), ({"own": 1.0}, "refuted"), ({"own": 0.9}, "refuted"), ({"scale": 0.8}, "refuted")],
)
def test_c9_turns_with_the_shrinkage(study, changes, expected):
    _, projections, estimators = study(**changes)
    assert baselines.c9(projections, estimators).verdict == expected


def test_without_the_estimators_nothing_is_decided(study):
    """A config that drops them: no row, no verdict, no crash."""
    components, projections, estimators = study()
    nobody = estimators[estimators["estimator"] == "to_go"]
    for claim, missing in (
        (baselines.c9(projections, nobody), "the config lacks total_return with baseline mean or batch_mean"),
        (
            direct_differentiation.c4(components, projections, nobody),
            "the config has no estimator of total_return without a baseline",
        ),
    ):
        assert claim.verdict == "undecided"
        assert f"; undecided: {missing}" in claim.told
    assert direct_differentiation.e11(components, nobody) == []


@pytest.fixture
def identities():
    """A function that makes a table of one identity in two environments, off by so much in one of them."""

    def table(off=0.0, equation="E5", kind="exact", reference=0.0):
        rows = pd.DataFrame({"environment": ["line", "grid"], "value": [reference, reference + off]})
        return rows.assign(
            equation=equation,
            what="a difference",
            kind=kind,
            reference=reference,
            scale=1.0,
            n=500,
            comparisons=1,
        )

    return table


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


@pytest.mark.parametrize(("off", "expected"), [(1e-13, "supported"), (1e-9, "refuted"), (np.nan, "refuted")])
def test_c2_and_c3_turn_with_the_largest_difference(identities, off, expected):
    c2 = direct_differentiation.c2(identities(off))
    c3 = direct_differentiation.c3(identities(off, "E10"))
    assert c2.verdict == c3.verdict == expected
    assert c2.interval.n == 1000


def test_no_row_of_an_identity_decides_nothing(identities):
    assert direct_differentiation.c3(identities()).verdict == "undecided"
    assert identity_checks(identities(), "E10") == []


@pytest.mark.parametrize(
    ("slope", "low", "high", "expected"),
    [
        (-0.5, 0.6, 0.9, "supported"),
        (-0.5, 0.4, 0.9, "undecided"),
        (-0.5, 0.2, 0.4, "refuted"),
        (-0.3, 0.6, 0.9, "refuted"),
        (-0.55, 0.6, 0.9, "undecided"),
    ],
)
def test_c28_needs_the_slope_and_the_gain(errors, slope, low, high, expected):
    """At the largest N alone: with few trajectories steps may go down."""
    table = errors(slope).assign(raised=0.95, raised_low=0.9, raised_high=1.0)
    table.loc[table["n_trajectories"] == 1, ["raised", "raised_low", "raised_high"]] = (0.5, 0.4, 0.6)
    table.loc[len(table) - 1, ["raised", "raised_low", "raised_high"]] = ((low + high) / 2, low, high)
    claim = direct_differentiation.c28(table)
    assert claim.verdict == expected
    assert ("grid trained" in claim.measure) == (low <= 0.5)


def step_batches(excess=0.2, difference=1e-14, share=0.5, change=1e-4):
    """A table of 40 batches; excess is that of the returns without a baseline, 0.3 with one."""
    noise = np.linspace(-0.01, 0.01, 40)
    return pd.DataFrame(
        {"environment": environment, "weighting": weighting, "batch": i, "likelihood_difference": difference}
        | {"correlation": 0.1 + over + noise[i], "permuted": 0.1}
        | {"share_raised": share + noise[i] / 100, "mean_change": change * (1 + noise[i])}
        for environment in ("cartpole", "line")
        for weighting, over in (("likelihood", 0.0), ("total_return", excess), ("return_minus_mean", 0.3))
        for i in range(40)
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "supported"),
        ({"excess": 0.0}, "undecided"),
        ({"excess": -0.1}, "refuted"),
        ({"difference": 1e-6}, "refuted"),
        ({"excess": np.nan}, "undecided"),
    ],
)
def test_c5_needs_both_the_gradient_and_the_order(changes, expected):
    """Also where returns that never differ leave a series empty: it supports nothing."""
    assert what_the_gradient_does.c5(step_batches(**changes)).verdict == expected


def test_one_of_several_series_just_below_zero_refutes_nothing():
    """Its own 95 % interval ends below 0; at 5 % over all four together it reaches above."""
    table = step_batches(excess=-0.0022)
    claim = what_the_gradient_does.c5(table)
    assert claim.interval.high < 0
    assert claim.verdict == "undecided"


def test_without_batches_steps_decide_nothing():
    nothing = step_batches().head(0)
    assert what_the_gradient_does.c5(nothing).verdict == "undecided"
    assert what_the_gradient_does.c29(nothing).verdict == "undecided"


def test_c5_reports_its_weakest_series():
    claim = what_the_gradient_does.c5(step_batches(excess=0.1))
    assert claim.interval.estimate == pytest.approx(0.1)
    assert claim.interval.low < 0.1 < claim.interval.high
    assert claim.interval.n == 40


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, "refuted"), ({"share": 0.999}, "supported"), ({"share": 0.999, "change": -1e-4}, "refuted")],
)
def test_c29_asks_for_all_actions(changes, expected):
    claim = what_the_gradient_does.c29(step_batches(**changes))
    assert claim.verdict == expected
    assert claim.interval.estimate == pytest.approx(changes.get("share", 0.5))


def test_gaussian_formulas_that_are_off_fail():
    row = {
        "environment": "line",
        "policy": "trained",
        "steps": 10,
        "log_prob": 0.0,
        "torch": 0.0,
        "score": 0.0,
    }
    for off, passed in ((1e-12, True), (1e-3, False), (np.nan, False)):
        for part, check in (("log_prob", "e12"), ("torch", "e12"), ("score", "e13")):
            checks = getattr(what_the_gradient_does, check)(pd.DataFrame([row | {part: off}]))
            assert all(c.passed for c in checks) == passed
