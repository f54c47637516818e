"""Error and gain of sampled gradients, on a J whose every step is known."""

import numpy as np
import pytest
from samples import LINE, some_theta

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import batch_gradient
from pgpipe.estimators.spec import E11
from pgpipe.lecture.direct_differentiation.convergence import (
    ConvergenceSpec,
    batches_needed,
    convergence,
    follow_gradient,
    sampled_gradients,
)
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches

THETA = np.array([3.0, 4.0])


def bowl(theta):
    """J = -½‖θ‖², ∇J = -θ."""
    return -0.5 * float(theta @ theta), -theta


def measured(estimates, step=0.1):
    return convergence(np.array(estimates), THETA, bowl, step, 200, np.random.default_rng(0))


def test_the_gradient_itself_has_no_error_and_gains_most():
    """Straight to the middle from a distance of 5: ½(5² - 4.9²)."""
    row = measured([-THETA] * 10)
    assert row["rmse"] == row["rmse_low"] == row["rmse_high"] == 0
    assert row["raised"] == 1
    assert row["gain"] == pytest.approx(0.5 * (25 - 4.9**2))
    assert row["first_order"] == pytest.approx(0.1 * 5)
    assert row["gradient_norm"] == 5


def test_only_the_direction_counts_for_the_step():
    assert measured([-7 * THETA] * 10)["gain"] == pytest.approx(measured([-THETA] * 10)["gain"])


def test_half_up_and_half_down():
    """The interval is the exact binomial one, 0.1871 to 0.8129 for 5 of 10."""
    row = measured([-THETA] * 5 + [THETA] * 5)
    assert row["rmse"] == pytest.approx(10 / 2**0.5)  # an error of 10 in half of the batches
    assert row["raised"] == 0.5
    assert [row["raised_low"], row["raised_high"]] == pytest.approx([0.1871, 0.8129], abs=1e-4)
    assert row["gain_low"] < row["gain"] < row["gain_high"]


def test_across_the_slope_nothing_is_gained_to_first_order():
    row = measured([[4.0, -3.0]] * 10)
    assert row["first_order"] == pytest.approx(0)
    assert row["raised"] == 0  # the bowl curves down


def test_no_estimate_no_step():
    row = measured([[0.0, 0.0]] * 10)
    assert row["raised"] == row["gain"] == row["first_order"] == 0


def study() -> ConvergenceSpec:
    return {
        "environment": LINE, "seed": 3, "module": "pgpipe.oracles.line", "estimator": E11, "replicates": 4,
        "most_replicates": 9, "sizes": [5, 6], "step": 0.1, "resamples": 10,
    }  # fmt: skip


def test_the_largest_size_has_as_many_batches_as_are_needed():
    """A few trajectories far from the optimum: more than four batches; no more than the config allows."""
    (theta,) = some_theta(LINE)
    table = follow_gradient(study(), {"untrained": theta})
    assert list(table["n_trajectories"]) == [5, 6]
    assert np.isnan(table["needed"][0])
    assert table["needed"][1] > 9
    assert list(table["replicates"]) == [4, 9]


def test_no_noise_needs_the_fewest_and_no_gradient_the_most_batches():
    """((2.64 + 3.09) / 2 / ½)² = 33 where every step goes up."""
    assert batches_needed(np.zeros((5, 2)), THETA) == 33
    assert batches_needed(np.random.default_rng(0).standard_normal((50, 2)), 0 * THETA) == np.inf


def test_estimates_are_e11_of_independent_batches():
    (theta,) = some_theta(LINE)
    spec = study()
    estimates = sampled_gradients(theta, spec, "trained", 5, 4)
    words = ("convergence", "trained", "5")
    (batches,) = sample_batches(LINE, theta, 3, words, 4, 5)
    estimator = Estimator.from_spec(E11, LINE["gamma"])
    for row, batch in zip(estimates, batches.split(), strict=True):
        expected = batch_gradient(policy_for(LINE), theta, batch, estimator.weighted_advantages(batch))
        assert np.array_equal(row, expected)
    assert len({float(x) for x in estimates[:, 0]}) == 4
    other = sampled_gradients(theta, spec, "trained", 6, 4)
    assert not set(other[:, 0].tolist()) & set(estimates[:, 0].tolist())
