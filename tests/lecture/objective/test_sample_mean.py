"""The error of the mean return."""

import numpy as np
import pytest

from pgpipe.lecture.objective.sample_mean import objective_error


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_objective_error_is_that_of_the_mean(rng):
    """Normal returns with σ = 3 and a mean of 1: the error for N is 3/√N, and there is no bias."""
    table = objective_error(rng.normal(1, 3, size=(3_000, 1 + 9)), 1.0, [1, 9], 300, rng)
    assert list(table["rmse"]) == pytest.approx([3, 1], rel=0.05)
    assert (table["mean_error"].abs() < 4 * table["standard_error"]).all()
    assert ((table["rmse_low"] < table["rmse"]) & (table["rmse"] < table["rmse_high"])).all()
