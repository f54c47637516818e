"""Checks and claims of section 1 follow their tables."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable

from pgpipe.lecture.objective import claims as objective
from pgpipe.lecture.objective.sample_mean import objective_error


@pytest.mark.parametrize(
    ("slope", "bias", "expected"),
    [
        (-0.5, 0, "supported"),
        (-0.4, 0, "refuted"),
        (-0.7, 0, "refuted"),
        (-0.5, 6, "refuted"),
        (-0.55, 0, "undecided"),
    ],
)
def test_c1_follows_its_table(errors, slope, bias, expected):
    claim = objective.c1(errors(slope, bias))
    assert claim.verdict == expected
    assert_readable(claim)


def test_c1_needs_to_know_the_bias(errors):
    """With two batches for each N no bias is seen, and none could be."""
    claim = objective.c1(errors().assign(replicates=2))
    assert claim.verdict == "undecided"
    assert claim.reason.startswith("The bias is known too coarsely")


def sampled(seed, exact=1.0, returns=lambda rng, size: rng.exponential(size=size)):
    """The study's table where returns are skewed, with mean and spread one."""
    rng, sizes = np.random.default_rng(seed), [1, 16, 64]
    tables = []
    for environment in ("line", "grid"):
        table = objective_error(returns(rng, (400, sum(sizes))), exact, sizes, 100, rng)
        tables.append(table.assign(environment=environment, policy="trained"))
    return pd.concat(tables)


def test_c1_is_calibrated():
    """It promises to refute a true statement once in a thousand seeds at most: in 200, not once."""
    verdicts = [objective.c1(sampled(seed)).verdict for seed in range(200)]
    assert verdicts.count("refuted") == 0
    assert verdicts.count("supported") > 190


@pytest.mark.parametrize("exact", [1.05, -1.0])
def test_c1_finds_a_planted_bias(exact):
    """Off by 5 %, eight standard errors of 400 means of 64; or of the other sign."""
    assert all(objective.c1(sampled(seed, exact)).verdict == "refuted" for seed in range(20))


def test_c1_finds_errors_that_do_not_fall_as_the_root():
    """Returns of a batch that are correlated: their mean keeps an error."""

    def correlated(rng, size):
        return rng.exponential(size=size) + 0.3 * (rng.exponential(size=(size[0], 1)) - 1)

    assert all(objective.c1(sampled(seed, returns=correlated)).verdict == "refuted" for seed in range(20))


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
    claim = objective.c1(table)
    assert claim.verdict == "undecided"
    assert_readable(claim)
