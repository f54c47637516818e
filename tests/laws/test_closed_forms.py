"""Measured variances of the estimators agree with the closed forms of math.md."""

import numpy as np
import pytest
import torch
from laws.test_variances import bandit_with
from samples import CHAIN, estimator_spec, sample

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.oracles import bandit, chain
from pgpipe.rollout import policy_for

R = 1_500


def estimates(environment, theta, n, signal, baseline="none"):
    """R estimates from batches of n, (R, P) as numpy."""
    theta = torch.tensor(theta, dtype=torch.float64).expand(R, -1)
    estimator = Estimator.from_spec(estimator_spec(signal, baseline), environment["gamma"])
    return estimate_each(policy_for(environment), theta, sample(environment, theta, n), estimator).numpy()


def agrees(measured, variance, n):
    """n Var within 5 of its own standard errors, taken from the estimates' fourth moment."""
    centred = (measured - measured.mean(0)) ** 2
    error = centred.std(0) / len(measured) ** 0.5
    return (np.abs(n * centred.mean(0) - variance) < 5 * n * error).all()


@pytest.mark.parametrize(("d", "sigma"), [(1.0, 1.0), (0.0, 0.5), (-2.0, 0.7)])
@pytest.mark.parametrize("n", [4, 32])
def test_bandit(d, sigma, n):
    """No baseline, and the mean of the others, which at N = 4, d = σ = 1 gives 21.33 and not 18."""
    environment = bandit_with(target=1.5)
    theta = [1.5 + d, sigma]
    plain = estimates(environment, theta, n, "total_return")
    assert agrees(plain, bandit.variance(d, sigma), n)
    others = estimates(environment, theta, n, "total_return", "mean")
    assert agrees(others, bandit.variance_with_mean(d, sigma, n), n)
    for measured in (plain, others):
        error = measured.std(0) / R**0.5
        assert (np.abs(measured.mean(0) - bandit.exact(np.array(theta), environment)[1]) < 5 * error).all()


def test_the_derived_number_of_math_md():
    assert bandit.variance_with_mean(1.0, 1.0, 4)[0] == pytest.approx(21 + 1 / 3)
    assert bandit.variance(1.0, 1.0)[0] == 30


@pytest.mark.parametrize("p", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("signal", ["total_return", "reward_to_go"])
def test_chain(p, signal):
    """The closed forms are by p; by the logit of going on they carry (p (1-p))²."""
    theta = [0.0, float(np.log(p / (1 - p)))]
    measured = estimates(CHAIN, theta, 8, signal)
    known = getattr(chain, f"variance_{signal}")(p) * (p * (1 - p)) ** 2
    assert agrees(measured, known, 8)
    J, gradient = chain.exact(np.array(theta), CHAIN)
    error = measured.std(0) / R**0.5
    assert (np.abs(measured.mean(0) - gradient) < 5 * error).all()
    assert pytest.approx(p / (1 - p)) == J  # out of the horizon's reach
    assert gradient[1] == pytest.approx(p * (1 - p) / (1 - p) ** 2)


@pytest.mark.parametrize("kwargs", [{}, {"horizon": 3}])
def test_discounted_chain_against_differences(kwargs):
    theta, environment = np.array([0.2, 0.9]), CHAIN | {"gamma": 0.8, "kwargs": kwargs}
    _, gradient = chain.exact(theta, environment)
    for i, move in enumerate(np.eye(2) * 1e-6):
        ahead, behind = chain.exact(theta + move, environment)[0], chain.exact(theta - move, environment)[0]
        assert gradient[i] == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


def test_sixteen_episodes_of_the_chain_are_a_fair_sample():
    """θ = 0.9: the mean return is J = 9; the first 16 to finish of 16 restarting environments give 3.34."""
    theta = torch.tensor([[0.0, float(np.log(9))]], dtype=torch.float64).expand(500, -1)
    returns = sample(CHAIN, theta, 16).returns.flatten()
    error = returns.std() / len(returns) ** 0.5
    assert abs(returns.mean() - 9) < 4 * error
    assert error < 0.15
