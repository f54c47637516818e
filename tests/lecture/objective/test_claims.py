"""Checks and claims of section 1 follow their tables."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from claim_texts import assert_readable
from samples import LINE

from pgpipe.lecture.line.vector_field import FieldSpec, map_field
from pgpipe.lecture.objective import claims as objective
from pgpipe.lecture.objective.sample_mean import ObjectiveSpec, measure_objective, objective_error
from pgpipe.oracles import line, line_field
from pgpipe.trajectories import Trajectories


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


@pytest.mark.calibration
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
    optimum = pd.DataFrame([{"start_std": 1.0, "gradient_norm": norm, "objective": -3.0, "unique": True}])
    field = pd.DataFrame([{"start_std": 1.0, "objective": -3.0 + lead}])
    assert all(check.passed for check in objective.e1(optimum, field)) == passed


QUIET: Any = LINE | {"gamma": 0.95, "kwargs": {"horizon": 10, "noise_std": 0.0}}
FIELD: FieldSpec = {
    "environment": QUIET,
    "start_stds": [1.0, 0.0],
    "k": [-1.6, 0.4],
    "sigma": [0.025, 1.0],
    "points": 9,
}


def measured_e1():
    """The checks of E1 that are no identities, from the tables as the study makes them."""
    tables = map_field(FIELD)
    checks = objective.e1(tables["optimum"], tables["vector_field"])
    assert [check.kind == "measured" for check in checks] == [False, True, False, False]
    return [check.passed for check in checks if check.kind == "measured"]


def test_e1_fails_with_a_wrong_derivative(monkeypatch):
    """A derivative that holds the states fixed has its root where no action is taken."""
    assert measured_e1() == [True]
    right = line.exact_by_sigma

    def states_held(k, sigma, environment):
        J, gradient = right(k, sigma, environment)
        return J, np.array([-2 * k, gradient[1]])

    monkeypatch.setattr(line_field, "exact_by_sigma", states_held)
    assert measured_e1() == [False]


def objective_table():
    """The study itself, on a short line."""
    theta = torch.tensor([-0.3, 0.5], dtype=torch.float64)
    spec: ObjectiveSpec = {
        "environment": SHORT,
        "seed": 0,
        "sizes": [1, 64],
        "replicates": 100,
        "resamples": 50,
    }
    reference = {"trained.returns": torch.tensor([line.exact(theta.numpy(), SHORT)[0]])}
    return measure_objective(spec, {"trained": theta}, reference)


SHORT: Any = LINE | {"gamma": 0.5, "kwargs": {"horizon": 5}}


def test_e2_and_c1_see_a_discount_that_is_left_out(monkeypatch):
    assert all(check.passed for check in objective.e2(objective_table()))
    right = Trajectories.discounted_returns
    monkeypatch.setattr(Trajectories, "discounted_returns", lambda self, gamma: right(self, 1.0))
    wrong = objective_table()
    assert not any(check.passed for check in objective.e2(wrong))
    assert objective.c1(wrong).verdict == "refuted"


def test_returns_that_never_differ_decide_nothing(errors):
    """Rewards that were never met: no error, no slope, no bias."""
    table = errors().assign(rmse=0.0, rmse_low=0.0, rmse_high=0.0, mean_error=1e-17, standard_error=0.0)
    claim = objective.c1(table)
    assert claim.verdict == "undecided"
    assert_readable(claim)


def test_errors_that_are_all_of_one_size_do_not_hide_the_slope(errors):
    """One toss of a fair coin is off by a half each time: that row has no interval, and no infinite weight."""
    table = errors()
    table.loc[0, ["rmse_low", "rmse_high"]] = table.loc[0, "rmse"]
    assert objective.c1(table).interval.estimate == pytest.approx(-0.5)
