"""Policies are what their formulas say."""

from math import log

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete, MultiDiscrete
from samples import CARTPOLE, COIN, GRID, LINE, some_theta
from scipy.stats import norm

from pgpipe.policies.build import make_policy
from pgpipe.policies.categorical import CategoricalMLP, SoftmaxTable
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.rollout import parameter_names, policy_for


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


@pytest.mark.parametrize("shape", [(), (1, 1)])
def test_gaussian_network_is_the_normal_density_around_the_network(shape):
    """Against scipy, two action numbers with a σ each, log σ and constants included."""
    policy = GaussianMLP((3, 4, 2))
    assert policy.n_parameters == 3 * 4 + 4 + 4 * 2 + 2 + 2
    theta = policy.initial(np.random.default_rng(0))
    theta[-2:] = torch.tensor([0.5, 2.0]).log()
    obs, actions = (
        torch.from_numpy(np.random.default_rng(1).normal(size=(5, n)).astype(np.float32)) for n in (3, 2)
    )
    mean = CategoricalMLP((3, 4, 2)).logits(theta[:-2], obs)
    expected = norm.logpdf(actions, mean, [0.5, 2.0]).sum(-1)
    log_prob = policy.log_prob(theta.expand(*shape[1:], -1) if shape else theta, obs, actions)
    assert log_prob.flatten().numpy() == pytest.approx(expected, rel=1e-5)


def test_gaussian_network_acts_by_its_noise():
    """a = f(s) + σ ε, each number by its own σ; without noise the mean."""
    policy = GaussianMLP((1, 2), sigma=1.0)
    theta = torch.tensor([2.0, 3.0, 0.5, -0.5, 0.0, log(2)])  # f(s) = (2s + ½, 3s - ½), σ = (1, 2)
    noise = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    actions = policy.act(theta, torch.tensor([[1.0], [1.0]]), noise)
    assert actions.flatten().tolist() == pytest.approx([2.5, 2.5, 3.5, 4.5])
    assert policy.noise(np.random.default_rng(0), (7, 5)).shape == (7, 5, 2)


def test_score_of_the_gaussian_network_is_the_lectures():
    """E13: ∇f(s)ᵀ Σ⁻¹ (a - f(s)); and by log σ, (a - f)²/σ² - 1."""
    policy = GaussianMLP((2, 3, 1))
    theta = policy.initial(np.random.default_rng(0))
    theta[-1] = np.log(0.7)
    obs, action = torch.tensor([[0.3, -0.8]]), torch.tensor([[1.1]])
    score = torch.func.grad(lambda theta: policy.log_prob(theta, obs, action)[0])(theta)
    mean = CategoricalMLP((2, 3, 1)).logits
    f = mean(theta[:-1], obs).item()
    slope = torch.func.grad(lambda theta: mean(theta, obs)[0, 0])(theta[:-1])
    torch.testing.assert_close(score[:-1], slope * (1.1 - f) / 0.7**2)
    assert score[-1].item() == pytest.approx((1.1 - f) ** 2 / 0.7**2 - 1, rel=1e-5)


def test_untrained_gaussian_network_has_the_configured_spread():
    theta = GaussianMLP((3, 4, 2), sigma=0.3).initial(np.random.default_rng(0))
    assert theta[-2:].exp().tolist() == pytest.approx([0.3, 0.3])
    assert torch.equal(theta[:-2], CategoricalMLP((3, 4, 2)).initial(np.random.default_rng(0)))


def test_table_starts_from_its_logits_in_every_state():
    rng = np.random.default_rng(0)
    assert SoftmaxTable(2, 3).initial(rng).tolist() == [0] * 6
    assert SoftmaxTable(2, 3, (0.0, 1.0, 2.0)).initial(rng).tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_one_agents_actions_have_the_same_bits_whoever_acts_beside(n_outputs):
    """At the sizes of a real study: with one output a plain product of matrices fails this."""
    policy = GaussianMLP((3, 64, 64, n_outputs))
    theta = torch.stack([policy.initial(np.random.default_rng(agent)) for agent in range(5)])
    rng = np.random.default_rng(9)
    obs = torch.as_tensor(rng.normal(size=(5, 32, 3)), dtype=torch.float32)
    noise = torch.as_tensor(policy.noise(rng, (5, 32)), dtype=torch.float32)
    together = policy.act(theta, obs, noise)
    for agents in (slice(0, 1), slice(2, 4), slice(4, 5)):
        assert torch.equal(policy.act(theta[agents], obs[agents], noise[agents]), together[agents])


@pytest.mark.parametrize(
    ("kind", "space", "message"),
    [
        ("gaussian_mlp", Discrete(2), r"^gaussian_mlp needs actions in a Box, got \(3,\), Discrete\(2\)$"),
        ("gaussian_mlp", MultiDiscrete([2, 2]), r"^gaussian_mlp needs actions in a Box, got "),
        ("categorical_mlp", Box(-1, 1, (2,)), r"^categorical_mlp needs discrete actions, got \(3,\), Box"),
    ],
)  # fmt: skip
def test_policy_of_another_action_space_is_refused(kind, space, message):
    with pytest.raises(ValueError, match=message):
        make_policy({"kind": kind, "hidden": [4], "sigma": 1.0}, Box(-1, 1, (3,)), space)


def test_many_agents_act_as_each_alone(environment):
    theta = some_theta(environment, agents=3)
    policy = policy_for(environment)
    rng = np.random.default_rng(0)
    obs = torch.as_tensor(rng.normal(size=(3, 7, _width(environment))), dtype=policy.dtype)
    noise = torch.as_tensor(policy.noise(rng, (3, 7)), dtype=policy.dtype)
    actions = policy.act(theta, obs, noise)
    log_prob = policy.log_prob(theta, obs, actions)
    for agent in range(3):
        alone = slice(agent, agent + 1)
        assert torch.equal(policy.act(theta[alone], obs[alone], noise[alone]), actions[alone])
        torch.testing.assert_close(policy.log_prob(theta[agent], obs[agent], actions[agent]), log_prob[agent])


def test_categorical_actions_follow_the_cumulated_probabilities():
    """π = (½, ¼, ¼): noise below ½ gives 0, below ¾ gives 1, else 2."""
    policy = SoftmaxTable(1, 3)
    theta = torch.tensor([[0.5, 0.25, 0.25]], dtype=torch.float64).log()
    noise = torch.tensor([[0.0, 0.49, 0.51, 0.74, 0.76, 0.999]], dtype=torch.float64)
    actions = policy.act(theta, torch.ones(1, 6, 1, dtype=torch.float64), noise)
    assert actions.tolist() == [[0, 0, 1, 1, 2, 2]]


def _width(environment):
    return {"line": 1, "grid": 9, "cartpole": 4, "acrobot": 6, "pendulum": 3, "coin": 1}[environment["name"]]


@pytest.mark.parametrize(
    ("environment", "first", "last"),
    [
        (LINE, "k", "sigma"),
        ({**LINE, "policy": {**LINE["policy"], "parameterization": "log_sigma"}}, "k", "log_sigma"),
        (GRID, "cell 0 up", "cell 8 left"),
        (COIN, "action 0", "action 1"),
        (CARTPOLE, "0", "57"),
    ],
)
def test_parameters_have_names_where_they_mean_something(environment, first, last):
    names = parameter_names(environment)
    assert (names[0], names[-1]) == (first, last)
    assert len(set(names)) == len(names) == policy_for(environment).n_parameters
