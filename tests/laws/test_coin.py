"""The coin of math.md: the reward to go is unbiased, and has the higher variance all the same."""

from itertools import product

import numpy as np
import pytest
import torch
from samples import COIN, estimator_spec, sample

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.oracles import coin
from pgpipe.rollout import policy_for

N = 40_000


def outcomes(p):
    """All 8 outcomes: probabilities (8,), scores (8, 2) by the logit of action 1, rewards (8, 2)."""
    X, a_1, a_2 = np.array(list(product((-1, 1), (0, 1), (0, 1)))).T
    probability = 0.5 * np.prod([np.where(a == 1, p, 1 - p) for a in (a_1, a_2)], axis=0)
    return probability, np.stack([a_1 - p, a_2 - p], 1), np.stack([X, a_2 - X], 1)


def enumerated(p, signal, baseline=0.0):
    """Mean and variance of Σ_t g_t (Q̂_t - b), γ = 1."""
    probability, scores, rewards = outcomes(p)
    to_go = np.cumsum(rewards[:, ::-1], axis=1)[:, ::-1]
    credit = {"total_return": rewards.sum(1, keepdims=True), "reward_to_go": to_go}[signal]
    estimates = (scores * (credit - baseline)).sum(1)
    mean = probability @ estimates
    return mean, probability @ estimates**2 - mean**2


def measured(p, signal, baseline=0.0):
    """One estimate from each of N sampled trajectories, by the logit of action 1.  (N,)."""
    theta = torch.tensor([[0.0, np.log(p / (1 - p))]], dtype=torch.float64)
    batch = sample(COIN, theta, N).split()[0]
    weights = Estimator.from_spec(estimator_spec(signal), 1.0).weighted_advantages(batch) - baseline
    return trajectory_gradients(policy_for(COIN), theta[0], batch, weights)[:, 1].numpy()


@pytest.mark.parametrize(
    ("signal", "baseline", "variance"),
    [("total_return", 0, 3 / 16), ("reward_to_go", 0, 7 / 16), ("total_return", 0.5, 1 / 16), ("reward_to_go", 0.5, 5 / 16)],
)  # fmt: skip
def test_enumeration_gives_the_numbers_of_math_md(signal, baseline, variance):
    assert enumerated(0.5, signal, baseline) == pytest.approx((1 / 4, variance))


@pytest.mark.parametrize("p", [0.5, 0.8])
@pytest.mark.parametrize("baseline", [0, 0.5])
@pytest.mark.parametrize("signal", ["total_return", "reward_to_go"])
def test_sampled_estimates_have_the_enumerated_mean_and_variance(signal, baseline, p):
    """Both within 5 of their own standard errors."""
    estimates = measured(p, signal, baseline)
    mean, variance = enumerated(p, signal, baseline)
    assert abs(estimates.mean() - mean) < 5 * estimates.std() / N**0.5
    squares = (estimates - mean) ** 2
    assert abs(squares.mean() - variance) < 5 * squares.std() / N**0.5 + 1e-12  # in one case all are equal


@pytest.mark.parametrize("gamma", [1.0, 0.7])
@pytest.mark.parametrize("p", [0.5, 0.8])
def test_exact_objective_and_gradient_are_the_enumerated_ones(p, gamma):
    """J = E[r_1 + γ r_2] over the 8 outcomes, and its slope by differences of p(1 - p) times ∂J/∂p."""
    probability, _, rewards = outcomes(p)
    environment = COIN | {"gamma": gamma}
    theta = np.array([0.3, 0.3 + np.log(p / (1 - p))])
    J, gradient = coin.exact(theta, environment)
    assert pytest.approx(probability @ (rewards @ [1, gamma])) == J
    for i, move in enumerate(np.eye(2) * 1e-6):
        ahead, behind = coin.exact(theta + move, environment)[0], coin.exact(theta - move, environment)[0]
        assert gradient[i] == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


def test_the_coin_is_hidden_and_fair():
    batch = sample(COIN, torch.zeros(1, 2, dtype=torch.float64), N)
    assert (batch.obs == 1).all()
    assert batch.terminated.all()
    X = batch.rewards[..., 0]
    assert torch.equal(X.abs(), torch.ones_like(X))
    assert abs(X.mean()) < 5 / N**0.5
    assert torch.equal(batch.rewards[..., 1], batch.actions[..., 1] - X)
