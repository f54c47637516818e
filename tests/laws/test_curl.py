"""Without γᵗ in front of the score the expected estimate is no gradient: its field has a curl.  Nota & Thomas 2020."""

import numpy as np
import pytest
import torch
from laws.test_variances import line_with
from samples import estimator_spec, sample

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.oracles.line import objective_and_gradient
from pgpipe.oracles.line_curl import curl, expected_direction
from pgpipe.rollout import policy_for

T, K, SIGMA = 10, -0.3, 0.5


def line_at(gamma, noise_std=0.0):
    return line_with(T, 1.0, noise_std, gamma)


def field(k, sigma, gamma, score_discount):
    """The oracle's expected direction, on the line of the numbers below."""
    return np.real(expected_direction(k, sigma, line_at(gamma), score_discount))


def test_with_the_discount_the_field_is_the_gradient():
    _, gradient = objective_and_gradient(K, SIGMA, gamma=0.95, horizon=T, start_std=1.0, noise_std=0.0)
    assert field(K, SIGMA, 0.95, True) == pytest.approx(gradient)
    assert field(K, SIGMA, 0.95, False) == pytest.approx((-9.95962, -25.75042), abs=1e-5)


@pytest.mark.parametrize(("gamma", "expected"), [(0.95, 1.87009), (0.8, 4.61183), (1.0, 0.0)])
def test_only_without_the_discount_it_has_a_curl(gamma, expected):
    """The numbers that section 5's text names."""
    assert curl(K, SIGMA, line_at(gamma), False) == pytest.approx(expected, abs=5e-6)
    assert curl(K, SIGMA, line_at(gamma), True) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("score_discount", [True, False])
def test_elsewhere_it_is_that_of_finite_differences(score_discount):
    k, sigma, h, environment = -0.8, 0.3, 1e-5, line_at(0.7, noise_std=0.4)

    def at(k, sigma):
        return np.real(expected_direction(k, sigma, environment, score_discount))

    by_k, by_sigma = (at(k + h, sigma) - at(k - h, sigma)), (at(k, sigma + h) - at(k, sigma - h))
    expected = (by_k[1] - by_sigma[0]) / (2 * h)
    assert curl(k, sigma, environment, score_discount) == pytest.approx(expected, abs=1e-7)
    assert (abs(expected) < 1e-7) == score_discount


@pytest.mark.parametrize("score_discount", [True, False])
def test_it_is_the_mean_of_the_estimator(score_discount):
    environment = line_at(0.8)
    theta = torch.tensor([K, SIGMA], dtype=torch.float64).expand(200, -1)
    spec = estimator_spec("reward_to_go", "mean", score_discount=score_discount)
    batches = sample(environment, theta, 32)
    rows = estimate_each(policy_for(environment), theta, batches, Estimator.from_spec(spec, 0.8))
    off = rows.mean(0) - torch.tensor(field(K, SIGMA, 0.8, score_discount), dtype=rows.dtype)
    assert (off.abs() < 4 * rows.std(0) / 200**0.5).all()
