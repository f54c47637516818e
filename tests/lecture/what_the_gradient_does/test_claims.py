"""Checks and claims of section 3 follow their tables."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable

from pgpipe.lecture.what_the_gradient_does import claims as what_the_gradient_does


def step_batches(excess=0.2, difference=1e-14, share=0.5, change=1e-4, rng=None):
    """A table of two batches of 16 policies; excess is that of the returns without a baseline, 0.3 with one.

    With a generator the policies differ by chance, by 0.1 or so.
    """
    rows = []
    for environment in ("cartpole", "line"):
        for weighting, over in (("likelihood", 0.0), ("total_return", excess), ("return_minus_mean", 0.3)):
            noise = np.linspace(-0.01, 0.01, 16) if rng is None else 0.1 * rng.standard_normal(16)
            rows += [
                {"environment": environment, "weighting": weighting, "seed": i, "batch": batch}
                | {"correlation": 0.1 + over + noise[i], "permuted": 0.1, "likelihood_difference": difference}
                | {"share_raised": share + noise[i] / 100, "mean_change": change * (1 + noise[i])}
                for i in range(16)
                for batch in range(2)
            ]
    return pd.DataFrame(rows)


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
    claim = what_the_gradient_does.c5(step_batches(**changes))
    assert claim.verdict == expected
    assert_readable(claim)


def test_one_of_several_series_just_below_zero_refutes_nothing():
    """Its own 95 % interval ends below 0; at 0.001 over all four together it reaches above."""
    claim = what_the_gradient_does.c5(step_batches(excess=-0.0035))
    assert claim.interval.high < 0
    assert claim.verdict == "undecided"


@pytest.mark.calibration
def test_c5_is_calibrated():
    """Where the order is what chance gives, it promises to refute once in a thousand seeds: in 300, never.

    An excess of 0.15 is found, and so is one of -0.15.
    """
    rng = np.random.default_rng(0)

    def verdicts(excess, n):
        return [what_the_gradient_does.c5(step_batches(excess, rng=rng)).verdict for _ in range(n)]

    null = verdicts(0.0, 300)
    assert null.count("refuted") == 0
    assert null.count("supported") <= 15
    assert verdicts(0.15, 50).count("supported") >= 48
    assert verdicts(-0.15, 50).count("refuted") >= 40


def test_without_batches_steps_decide_nothing():
    nothing = step_batches().head(0)
    for claim in (what_the_gradient_does.c5(nothing), what_the_gradient_does.c29(nothing)):
        assert claim.verdict == "undecided"
        assert claim.because == "undecided: the step study has no batch"


def test_c5_reports_its_weakest_series():
    """n counts policies: batches of one policy are no replicates."""
    claim = what_the_gradient_does.c5(step_batches(excess=0.1))
    assert claim.interval.estimate == pytest.approx(0.1)
    assert claim.interval.low < 0.1 < claim.interval.high
    assert (claim.interval.n, claim.n_counts) == (16, "policies in each environment")
    assert "no baseline)" in claim.found
    assert claim.reason.startswith("The order is a tendency, not a strict one")


def test_the_lowest_is_the_lowest_value_not_the_lowest_bound():
    """One environment's share is lower, the other's interval wider: so wide that it begins below."""
    table = step_batches(share=0.6)
    line = (table["environment"] == "line") & (table["weighting"] == "likelihood")
    table.loc[line, "share_raised"] = np.where(table.loc[line, "seed"] % 2, 0.2, 1.1)
    claim = what_the_gradient_does.c29(table)
    assert claim.interval.estimate == pytest.approx(0.6)
    assert claim.found.startswith("As few as 0.60")
    assert "(cartpole)" in claim.found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "refuted"),
        ({"share": 0.999}, "supported"),
        ({"share": 0.999, "change": -1e-4}, "refuted"),
        ({"share": 0.99}, "undecided"),
        ({"share": 0.999, "change": 0.0}, "undecided"),
    ],
)
def test_c29_asks_for_all_actions(changes, expected):
    claim = what_the_gradient_does.c29(step_batches(**changes))
    assert claim.verdict == expected
    assert claim.interval.estimate == pytest.approx(changes.get("share", 0.5))
    assert_readable(claim)


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
