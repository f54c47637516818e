"""Pathwise and expected gradients: exact over all that can happen, with the variances of the oracles."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from laws.test_all_batches import actions_of
from laws.test_variances import bandit_with, chain_with, config_line, formula, line_with
from samples import CARTPOLE, COIN, GRID, LINE, PROMPTS, estimator_spec, sample, some_theta

from pgpipe.critics import linear_action_critic
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.laws.case import padded
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.oracles import bandit, chain, coin, grid, grid_outcomes, line, line_moments, prompts
from pgpipe.oracles.batches import all_batches, table_actions
from pgpipe.oracles.values import exact_value
from pgpipe.rollout import policy_for

SMALL_ROOM = GRID | {"kwargs": {"size": 2, "slip": 0.0, "horizon": 2}}
LINE_CASES = {
    "two steps, noisy": (line_with(2, 0.6, 0.3, 0.8), [-0.7, 0.8]),
    "three steps": (line_with(3, 1.2, 0.0, 0.9), [-0.4, 0.5]),
    "one step": (line_with(1, 0.5, 0.2, 1.0), [0.2, 1.1]),
}


def rows_of(signal, oracle, environment, theta, outcomes, actions):
    """Every outcome's own gradient, (M, P)."""
    theta = torch.from_numpy(np.array(theta))
    batch = all_batches(outcomes, actions, 1)[0].joined()
    spec = estimator_spec(signal, value="exact")
    value = exact_value(oracle.__name__, theta, environment)
    estimator = Estimator.from_spec(spec, environment["gamma"], value)
    return trajectory_estimates(policy_for(environment), theta, batch, estimator).numpy()


TABLES = {
    "coin": (coin, coin, COIN | {"gamma": 0.7}, 2),
    "chain": (chain, chain, chain_with(4, 0.9), 2),
    "room": (grid, grid_outcomes, SMALL_ROOM, 4),
    "prompts": (prompts, prompts, PROMPTS | {"gamma": 0.8}, 3),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_expected_gradient_is_right_in_every_table(name):
    """E over all outcomes is ∇J; of the variance no action's part is left: it is zero where there is one state."""
    oracle, listing, environment, n_actions = TABLES[name]
    theta = 0.7 * np.sin(1.3 * np.arange(policy_for(environment).n_parameters))
    outcomes = listing.outcomes(theta, environment)
    rows = rows_of("all_actions", oracle, environment, theta, outcomes, table_actions(outcomes, n_actions))
    np.testing.assert_allclose(outcomes.mean(rows), oracle.exact(theta, environment)[1], atol=1e-10)
    variance = outcomes.covariance(rows, rows)
    plain = formula(outcomes, config_line("reward_to_go", "none"), environment["gamma"], 1, np.zeros(0))
    assert (variance <= plain + 1e-12).all()
    if name == "coin":
        np.testing.assert_allclose(variance, 0, atol=1e-12)


@pytest.mark.parametrize("signal", ["pathwise", "all_actions"])
@pytest.mark.parametrize("parameterization", ["sigma", "log_sigma", "sigma_squared"])
@pytest.mark.parametrize("name", ["three steps", "one step"])
def test_on_the_line_mean_and_variance_are_those_of_the_oracle(name, signal, parameterization):
    environment, theta = LINE_CASES[name]
    environment = environment | {"policy": {**LINE["policy"], "parameterization": parameterization}}
    theta = np.array(theta)
    outcomes = line.outcomes(theta, environment)
    assert outcomes is not None
    actions = torch.from_numpy(np.diff(outcomes.obs, axis=1))  # without noise the line moves by its actions
    rows = rows_of(signal, line, environment, theta, outcomes, actions)
    mean, variance = line_moments.moments(theta, environment, line_moments.FORMS[signal])
    np.testing.assert_allclose(outcomes.mean(rows), mean, atol=1e-9)
    np.testing.assert_allclose(outcomes.covariance(rows, rows), variance, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(mean, line.exact(theta, environment)[1], atol=1e-9)


@pytest.mark.parametrize(("d", "sigma"), [(1.0, 1.0), (-0.7, 1.9)])
def test_on_the_bandit_pathwise_variances_are_those_of_math_md(d, sigma):
    """4σ² and 4d² + 8σ², against 8d² + 6σ² and 40d² + 24σ² of the score function with the best constants."""
    environment, theta = bandit_with(0.5), np.array([0.5 + d, sigma])
    outcomes = bandit.outcomes(theta, environment)
    actions = actions_of("bandit", outcomes, theta)
    rows = rows_of("pathwise", bandit, environment, theta, outcomes, actions)
    gradient = bandit.exact(theta, environment)[1]
    np.testing.assert_allclose(outcomes.mean(rows), gradient, atol=1e-9)
    np.testing.assert_allclose(outcomes.covariance(rows, rows), [4 * sigma**2, 4 * d**2 + 8 * sigma**2])
    np.testing.assert_allclose(bandit.variance_pathwise(d, sigma), [4 * sigma**2, 4 * d**2 + 8 * sigma**2])
    best = [
        bandit.variance_with_constant(d, sigma, c)[i] for i, c in enumerate(bandit.best_constant(d, sigma))
    ]
    np.testing.assert_allclose(best, [8 * d**2 + 6 * sigma**2, 40 * d**2 + 24 * sigma**2])
    everywhere = rows_of("all_actions", bandit, environment, theta, outcomes, actions)
    np.testing.assert_allclose(everywhere, np.broadcast_to(gradient, everywhere.shape), atol=1e-9)


@pytest.mark.parametrize("signal", ["pathwise", "all_actions"])
def test_samples_agree_on_a_longer_line(signal):
    """Ten steps, which nobody lists: 3,000 walks, mean and variance within 5 standard errors."""
    environment, theta = line_with(10, 1.0, 0.2, 0.95), torch.tensor([-0.3, 0.5], dtype=torch.float64)
    batch = sample(environment, theta[None], 3_000).split()[0]
    value = exact_value("pgpipe.oracles.line", theta, environment)
    estimator = Estimator.from_spec(estimator_spec(signal, value="exact"), 0.95, value)
    rows = trajectory_estimates(policy_for(environment), theta, batch, estimator).numpy()
    mean, variance = line_moments.moments(theta.numpy(), environment, line_moments.FORMS[signal])
    for found, expected in ((rows, mean), ((rows - mean) ** 2, variance)):
        off = np.abs(found.mean(0) - expected)
        assert (off < 5 * found.std(0) / len(rows) ** 0.5 + 1e-9).all()


@pytest.mark.parametrize("name", ["two steps, noisy", "three steps"])
def test_moments_of_the_score_function_are_those_of_all_outcomes(name):
    environment, given = LINE_CASES[name]
    theta, gamma = np.array(given), environment["gamma"]
    outcomes = line.outcomes(theta, environment)
    assert outcomes is not None
    values = line.values(theta, environment, outcomes.obs)
    lines = {
        "score_function": config_line("reward_to_go", "none"),
        "score_function_less_value": config_line("reward_to_go", "value", "exact"),
    }
    for form, spec in lines.items():
        mean, variance = line_moments.moments(theta, environment, line_moments.FORMS[form])
        np.testing.assert_allclose(mean, line.exact(theta, environment)[1])
        np.testing.assert_allclose(variance, formula(outcomes, spec, gamma, 1, values))
    best = formula(outcomes, config_line("reward_to_go", "optimal"), gamma, 10**12, values)
    np.testing.assert_allclose(line_moments.best_constants(theta, environment)[1], best, rtol=1e-6)


def test_the_pathwise_gradient_has_the_lower_variance_at_every_horizon():
    """k = -0.3, σ = 0.5, m₀ = 1, γ = 0.95: 2.7 to 10 times for T = 1 to 20, against the exact value."""
    theta, ratios = np.array([-0.3, 0.5]), []
    for T in (1, 2, 5, 10, 20):
        found = [
            line_moments.moments(theta, line_with(T, 1.0, 0.0, 0.95), line_moments.FORMS[form])[1]
            for form in ("score_function_less_value", "pathwise")
        ]
        ratios.append(found[0] / found[1])
    assert np.min(ratios) > 2.7
    assert np.max(ratios) < 10.1


def test_a_gradient_is_composed_with_nothing():
    expected = {
        "baseline: found mean; allowed: none": {"baseline": "mean"},
        "importance: found first_order; allowed: none": {"importance": "first_order"},
        "normalize: found true; allowed: false": {"normalize": True},
        "score_discount: found false; allowed: true": {"score_discount": False},
    }
    for message, option in expected.items():
        with pytest.raises(ValueError) as error:  # noqa: PT011  the whole message is compared
            Estimator.from_spec({**estimator_spec("pathwise"), **option}, 1.0)  # type: ignore[typeddict-item]
        assert str(error.value) == f"{message}, as signal pathwise is no credit, but a gradient"


def test_who_does_not_know_slopes_says_so():
    theta = some_theta(GRID)[0]
    batch = sample(GRID, theta[None], 2).split()[0]
    value = exact_value("pgpipe.oracles.grid", theta, GRID)
    estimator = Estimator.from_spec(estimator_spec("pathwise", value="exact"), 0.9, value)
    with pytest.raises(ValueError, match=r"^signal pathwise needs policy linear_gaussian, got SoftmaxTable$"):
        trajectory_estimates(policy_for(GRID), theta, batch, estimator)
    with pytest.raises(ValueError, match=r"^pgpipe/Grid-v0: no slopes are known$"):
        value.slopes(batch)


def noisy_line(n):
    environment, theta = line_with(3, 1.0, 0.2, 0.9), torch.tensor([-0.3, 0.5], dtype=torch.float64)
    return environment, theta, sample(environment, theta[None], n).split()[0]


def by_critic():
    return Estimator.from_spec(estimator_spec("all_actions"), 0.9)


def test_a_critic_of_actions_is_fitted_on_the_others():
    """Whatever trajectory 0 earns, its own gradient stays, and the others' change."""
    environment, theta, batch = noisy_line(8)
    other = replace(batch, rewards=batch.rewards.clone())
    other.rewards[0] += 1.0
    before, after = (
        trajectory_estimates(policy_for(environment), theta, b, by_critic()) for b in (batch, other)
    )
    torch.testing.assert_close(after[0], before[0])
    assert ((after[1:] - before[1:]).abs() > 1e-6).all()
    one = sample(environment, theta[None], 1).split()[0]
    with pytest.raises(ValueError, match=r"^a critic needs at least 2 trajectories in a batch, got 1$"):
        trajectory_estimates(policy_for(environment), theta, one, by_critic())


def test_of_many_trajectories_a_critic_learns_what_the_oracle_knows():
    """Of the last step Q = -s² - a², beside one fit for all steps."""
    environment, theta, batch = noisy_line(3_000)
    actions = torch.linspace(-1, 1, 5, dtype=torch.float64).expand(3_000, 3, -1)[..., None]
    ours = linear_action_critic(batch, 0.9, actions)[:, 2]
    exact = exact_value("pgpipe.oracles.line", theta, environment).action_values(batch, 0.9, actions)[:, 2]
    assert np.corrcoef(ours.flatten().numpy(), exact.flatten().numpy())[0, 1] > 0.85


def test_a_critic_of_actions_on_cartpole():
    """Two pushes: an estimate for each trajectory, which padding does not change."""
    theta = some_theta(CARTPOLE)[0]
    batch = sample(CARTPOLE, theta[None], 8).split()[0]
    rows = trajectory_estimates(policy_for(CARTPOLE), theta, batch, by_critic())
    longer = trajectory_estimates(policy_for(CARTPOLE), theta, padded(batch), by_critic())
    torch.testing.assert_close(longer, rows, rtol=1e-4, atol=1e-5)
    assert rows.isfinite().all()
