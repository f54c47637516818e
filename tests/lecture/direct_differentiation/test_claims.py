"""Checks and claims of section 2 follow their tables."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable

from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.direct_differentiation import claims as direct_differentiation
from pgpipe.lecture.direct_differentiation.convergence import batches_needed
from pgpipe.statistics import share_interval


@pytest.mark.parametrize(
    ("scale", "expected"), [(1.0, "supported"), (1.03, "refuted"), (1.2, "refuted"), (-1.0, "refuted")]
)
def test_c4_turns_with_the_estimates(study, scale, expected):
    """With the wrong sign, or 3 % too long where errors are small, the verdict changes."""
    components, projections, estimators = study(scale)
    claim = direct_differentiation.c4(components, projections, estimators)
    assert claim.verdict == expected
    assert_readable(claim)


def test_c4_is_calibrated(study):
    """Projections of estimators that are right, with errors as large as the margin: in 300 seeds none is refuted."""
    components, projections, estimators = study()
    rng, verdicts = np.random.default_rng(0), []
    for _ in range(300):
        drawn = projections.assign(
            projection=1 + 0.05 * rng.standard_normal(len(projections)), standard_error=0.05
        )
        verdicts.append(direct_differentiation.c4(components, drawn, estimators).verdict)
    assert verdicts.count("refuted") == 0
    assert verdicts.count("undecided") > 290


@pytest.mark.parametrize(("off", "expected"), [(1e-13, "supported"), (1e-9, "refuted"), (np.nan, "refuted")])
def test_c2_and_c3_turn_with_the_largest_difference(identities, off, expected):
    c2 = direct_differentiation.c2(identities(off))
    c3 = direct_differentiation.c3(identities(off, "E10"))
    assert c2.verdict == c3.verdict == expected
    assert c2.interval.n == 1000
    assert_readable(c2)
    assert_readable(c3)


def test_what_no_mistake_could_break_supports_nothing(identities):
    (what,) = direct_differentiation.SAME_FACTORS["E5"]
    table = identities(1e-3).assign(what=what)
    assert direct_differentiation.c2(table).verdict == "undecided"
    checks = direct_differentiation.IDENTITIES.checks(table, "E5")
    assert {check.kind for check in checks} == {"identity by construction"}
    assert {case.says for case in direct_differentiation.c2(table).cases} == {"neither"}


def test_c3_asks_for_the_same_dynamics(identities):
    """Starts and moves that differ between two policies refute it, whatever the derivatives say."""
    table = pd.concat([identities(0.0, "E10"), identities(9.0, "E10", kind="mean").assign(what="starts")])
    claim = direct_differentiation.c3(table)
    assert claim.verdict == "refuted"
    assert claim.interval.estimate == 0
    assert {case.interval.kind for case in claim.cases if "limit" in case.quantity} == {"test statistic"}
    assert_readable(claim)


def test_no_row_of_an_identity_decides_nothing(identities):
    claim = direct_differentiation.c3(identities())
    assert claim.verdict == "undecided"
    assert_readable(claim)
    assert identity_checks(identities(), "E10") == []


def steps(errors, slope=-0.5, shares=(1.0,), n=100, rng=None):
    """A table gradient_convergence; of the six series, the last ones raise J in these shares of n steps."""
    table = errors(slope).assign(needed=np.nan)
    last = table["n_trajectories"] == table["n_trajectories"].max()
    table["replicates"] = np.where(last, n, 100)
    true = np.r_[np.ones(6 - len(shares)), shares]
    found = rng.binomial(n, true) if rng else np.round(true * n).astype(int)
    table.loc[last, "needed"] = 5000.0
    raised = pd.DataFrame(
        [share_interval(int(k), n).columns("raised") for k in found], index=table.index[last]
    )
    return table.join(raised)


@pytest.mark.parametrize(
    ("slope", "share", "expected"),
    [
        (-0.5, 0.8, "supported"),
        (-0.5, 0.55, "undecided"),
        (-0.5, 0.2, "refuted"),
        (-0.3, 0.8, "refuted"),
        (-0.7, 0.8, "refuted"),
        (-0.55, 0.8, "undecided"),
    ],
)
def test_c28_needs_the_slope_and_the_gain(errors, slope, share, expected):
    """At the largest N alone: with few trajectories steps may go down."""
    claim = direct_differentiation.c28(steps(errors, slope, [share]))
    assert claim.verdict == expected
    assert_readable(claim)
    if share == 0.8 and expected == "supported":
        assert claim.reason == (
            "J rises in most steps, not in all: at N = 64 in 80% on grid, trained, elsewhere in every one."
        )
    if share == 0.55:
        assert claim.reason == (
            "In grid, trained J rises in 55% of 100 steps, not clearly more than half; some 5,000 steps would "
            "decide."
        )


@pytest.mark.calibration
def test_c28_is_calibrated(errors):
    """Where half of the steps go up everywhere it promises to refute once in a thousand seeds: in 200, never.

    Nor does it support, but in one of twenty at most that a single series would be taken for more than half.
    """
    rng = np.random.default_rng(0)
    verdicts = [
        direct_differentiation.c28(steps(errors, -0.5, [0.5] * 6, rng=rng)).verdict for _ in range(200)
    ]
    assert set(verdicts) == {"undecided"}
    one = [direct_differentiation.c28(steps(errors, -0.5, [0.5], rng=rng)).verdict for _ in range(200)]
    assert one.count("refuted") == 0
    assert one.count("supported") <= 10


@pytest.mark.calibration
def test_as_many_steps_as_are_needed_find_the_expected_share(errors):
    """A gradient as long as 0.25 deviations of ĝ along it: 0.6 of the steps go up; 0.4 if its sign is wrong."""
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((4000, 2))
    n = int(batches_needed(noise, np.array([0.0, 0.2533])))
    assert n == pytest.approx((5.73 / 2 / 0.1) ** 2, rel=0.1)
    found = [direct_differentiation.c28(steps(errors, -0.5, [0.6], n, rng)).verdict for _ in range(100)]
    assert found.count("supported") >= 98
    wrong = [direct_differentiation.c28(steps(errors, -0.5, [0.4], n, rng)).verdict for _ in range(100)]
    assert wrong.count("refuted") >= 90  # at 0.001 over six, 3.76 instead of 2.64: in 97 of 100 seeds
