"""Checks and claims of section 3 follow their tables."""

import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.what_the_gradient_does import claims as what_the_gradient_does


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
