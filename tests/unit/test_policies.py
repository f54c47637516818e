"""Policies are what their formulas say."""

import numpy as np
import pytest
import torch
from samples import some_theta
from scipy.stats import norm

from pgpipe.policies import CategoricalMLP, LinearGaussian, SoftmaxTable
from pgpipe.rollout import policy_for


def test_linear_gaussian_is_the_normal_density():
    """Against scipy, log σ and constants included; a negative σ is the policy of |σ|."""
    policy = LinearGaussian(k=-0.3, sigma=0.5)
    obs = torch.linspace(-2, 2, 5, dtype=torch.float64)[:, None]
    actions = torch.linspace(1, -1, 5, dtype=torch.float64)[:, None]
    expected = norm.logpdf(actions[:, 0], -0.3 * obs[:, 0], 0.5)
    for sigma in (0.5, -0.5):
        theta = torch.tensor([-0.3, sigma], dtype=torch.float64)
        assert policy.log_prob(theta, obs, actions).numpy() == pytest.approx(expected)


def test_linear_gaussian_acts_by_its_noise():
    theta = torch.tensor([[2.0, 0.5]], dtype=torch.float64)
    action = LinearGaussian(0, 1).act(
        theta, torch.tensor([[[3.0]]], dtype=torch.float64), torch.tensor([[-2.0]])
    )
    assert action.item() == pytest.approx(2 * 3 - 0.5 * 2)


def test_softmax_table_reads_the_row_of_its_observation():
    policy = SoftmaxTable(n_obs=2, n_actions=3)
    theta = torch.tensor([0.0, 0, 0, 1, 2, 3], dtype=torch.float64)
    obs = torch.eye(2, dtype=torch.float64)
    log_prob = policy.log_prob(theta, obs, torch.tensor([0, 2]))
    assert log_prob.exp().tolist() == pytest.approx([1 / 3, np.exp(3) / np.exp([1, 2, 3]).sum()])


def test_network_is_its_formula():
    """Against the layers written out with numpy."""
    policy = CategoricalMLP((3, 4, 2))
    theta = policy.initial(np.random.default_rng(0))
    assert theta.shape == (policy.n_parameters,) == (3 * 4 + 4 + 4 * 2 + 2,)
    w1, b1, w2, b2 = np.split(theta.numpy(), np.cumsum([12, 4, 8]))
    obs = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    expected = np.tanh(obs @ w1.reshape(3, 4) + b1) @ w2.reshape(4, 2) + b2
    assert policy.logits(theta, torch.from_numpy(obs)).numpy() == pytest.approx(expected, abs=1e-6)


def test_network_starts_within_its_bounds():
    theta = CategoricalMLP((4, 64, 2)).initial(np.random.default_rng(0))
    assert theta[: 5 * 64].abs().max() <= 1 / 2
    assert theta[5 * 64 :].abs().max() <= 1 / 8


def test_many_agents_act_as_each_alone(environment):
    theta = some_theta(environment, agents=3)
    policy = policy_for(environment)
    rng = np.random.default_rng(0)
    obs = torch.as_tensor(rng.normal(size=(3, 7, _width(environment))), dtype=policy.dtype)
    noise = torch.as_tensor(policy.noise(rng, (3, 7)), dtype=policy.dtype)
    actions = policy.act(theta, obs, noise)
    log_prob = policy.log_prob(theta, obs, actions)
    for agent in range(3):
        assert torch.equal(policy.act(theta[agent], obs[agent], noise[agent]), actions[agent])
        torch.testing.assert_close(policy.log_prob(theta[agent], obs[agent], actions[agent]), log_prob[agent])


def test_categorical_actions_follow_the_cumulated_probabilities():
    """π = (½, ¼, ¼): noise below ½ gives 0, below ¾ gives 1, else 2."""
    policy = SoftmaxTable(1, 3)
    theta = torch.tensor([[0.5, 0.25, 0.25]], dtype=torch.float64).log()
    noise = torch.tensor([[0.0, 0.49, 0.51, 0.74, 0.76, 0.999]], dtype=torch.float64)
    actions = policy.act(theta, torch.ones(1, 6, 1, dtype=torch.float64), noise)
    assert actions.tolist() == [[0, 0, 1, 1, 2, 2]]


def _width(environment):
    return {"line": 1, "grid": 9, "cartpole": 4, "acrobot": 6}[environment["name"]]
