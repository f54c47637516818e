"""Checks and claims of section 1 follow their tables."""

import pandas as pd
import pytest

from pgpipe.lecture.objective import claims as objective


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


def test_returns_that_never_differ_decide_nothing(errors):
    """Rewards that were never met: no error, no slope, no bias."""
    table = errors().assign(rmse=0.0, rmse_low=0.0, rmse_high=0.0, mean_error=1e-17, standard_error=0.0)
    assert objective.c1(table).verdict == "undecided"
