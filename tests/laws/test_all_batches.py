"""Expectations without sampling: every batch that can happen, with its probability.

Two or three trajectories are a batch, so E ĝ and Var ĝ of a batch are sums over pairs or triples of outcomes. A
right estimator agrees with the oracle to rounding, and a bias shows however small it is.

The Gaussian problems are taken at three nodes for each normal number: every trajectory's ∇log π times credit is
of degree 4 in each, and three nodes are exact to degree 5, so E ĝ is that of the problem itself. Variances are of
higher degree; there the nodes are a problem of their own, which the formula has to know as well as any other.
"""

from itertools import product
from types import ModuleType

import numpy as np
import pytest
import torch
from laws.test_variances import CASES, bandit_with, chain_with, config_line, known, line_with, parts
from samples import COIN, GRID, sample

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.gradients.estimates import GroupSpec, estimate_batches
from pgpipe.oracles import bandit, chain, coin, grid, grid_outcomes, line
from pgpipe.oracles.batches import all_batches as batches_of
from pgpipe.oracles.batches import table_actions
from pgpipe.oracles.outcomes import normal_nodes
from pgpipe.oracles.variances import exact_variance, is_exact

PROBLEMS: dict[str, tuple[ModuleType, EnvironmentSpec, list[float], int]] = {
    "bandit": (bandit, bandit_with(-0.4), [0.5, 1.3], 2),
    "coin": (coin, COIN | {"gamma": 0.7}, [0.2, -0.5], 2),
    "chain": (chain, chain_with(4, 0.9), [0.3, 0.7], 2),
    "chain, three": (chain, chain_with(3, 1.0), [0.4, 0.1], 3),
    "line, two steps": (line, line_with(2, 0.6, 0.0, 0.8), [-0.7, 0.8], 2),
}
LISTED = ["coin", "chain", "chain, three"]  # whose outcomes are all there are, not a quadrature
LEAVE_ONE_OUT = ("none", "mean", "time_mean", "optimal", "value")


def actions_of(name, outcomes, theta):
    """What was done, from the scores."""
    if name.startswith(("coin", "chain")):
        return table_actions(outcomes, 2)
    if name == "bandit":  # the score of the mean is (a - μ)/σ²
        return torch.from_numpy(theta[0] + theta[1] ** 2 * outcomes.scores[..., :1])
    return torch.from_numpy(np.diff(outcomes.obs, axis=1))  # without noise the line moves by its actions


@pytest.fixture
def three_nodes(monkeypatch):
    for oracle in (bandit, line):
        monkeypatch.setattr(oracle, "normal_nodes", lambda dimensions, nodes: normal_nodes(dimensions, 3))


def all_batches(name, outcomes, theta, n):
    """Every batch of n outcomes, (B, n, T), and its probability (B,): one for all its orders."""
    batches, probabilities, _ = batches_of(outcomes, actions_of(name, outcomes, theta), n)
    return batches, probabilities


def moments(name, lines):
    """{words: (E ĝ, Var ĝ)} of a problem's batches, with its exact gradient."""
    oracle, environment, theta, n = PROBLEMS[name]
    theta = np.array(theta)
    batches, probabilities = all_batches(name, oracle.outcomes(theta, environment), theta, n)
    spec: GroupSpec = {"environment": environment, "group": lines, "module": oracle.__name__}
    estimates = estimate_batches(spec, torch.from_numpy(theta), batches)
    found = {}
    for words, rows in estimates.items():
        mean = probabilities @ rows.numpy()
        found[words] = (mean, probabilities @ (rows.numpy() - mean) ** 2)
    return found, oracle.exact(theta, environment)[1]


def unbiased_lines():
    """Nothing that is said of a trajectory is its own but what it earned, or what its states are worth."""
    for signal, baseline in product(("total_return", "reward_to_go"), LEAVE_ONE_OUT):
        yield f"{signal} {baseline}", config_line(signal, baseline)
    for signal in ("total_return", "reward_to_go"):
        yield f"{signal} exact value", config_line(signal, "value", "exact")
    for signal, baseline in product(("td", "gae"), LEAVE_ONE_OUT):
        yield f"{signal} {baseline}, exact value", config_line(signal, baseline, "exact")
    for baseline in LEAVE_ONE_OUT:  # at λ = 1 the fitted values cancel, as no end is cut off
        yield f"gae {baseline}, λ = 1", config_line("gae", baseline, gae_lambda=1.0)


@pytest.mark.usefixtures("three_nodes")
@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_the_mean_over_all_batches_is_the_exact_gradient(name):
    lines = dict(unbiased_lines())
    found, gradient = moments(name, lines)
    assert len(found) == 27
    for words, (mean, _) in found.items():
        np.testing.assert_allclose(mean, gradient, atol=1e-9, err_msg=words)


@pytest.mark.usefixtures("three_nodes")
@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_the_variance_over_all_batches_is_the_exact_one(name):
    oracle, environment, theta, n = PROBLEMS[name]
    outcomes = oracle.outcomes(np.array(theta), environment)
    values = oracle.values(np.array(theta), environment, outcomes.obs)
    lines = {words: spec for words, spec in parts() if is_exact(outcomes, spec)}
    known = {w: exact_variance(outcomes, spec, environment["gamma"], n, values) for w, spec in lines.items()}
    known = {words: variance for words, variance in known.items() if variance is not None}
    found, _ = moments(name, {words: lines[words] for words in known})
    assert len(known) >= 10
    for words, variance in known.items():
        np.testing.assert_allclose(n * found[words][1], variance, rtol=1e-7, atol=1e-9, err_msg=words)


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("signal", ["total_return", "reward_to_go"])
def test_the_optimal_constant_of_the_own_batch_is_a_bias(name, signal):
    found, gradient = moments(name, {"own": config_line(signal, "batch_optimal")})
    assert np.abs(found["own"][0] - gradient).max() > 0.02 * np.abs(gradient).max()


@pytest.mark.usefixtures("three_nodes")
@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_the_mean_of_the_own_batch_shrinks_the_expectation_by_one_over_n(name):
    found, gradient = moments(name, {"own": config_line("total_return", "batch_mean")})
    np.testing.assert_allclose(found["own"][0], (1 - 1 / PROBLEMS[name][-1]) * gradient, atol=1e-9)


@pytest.mark.parametrize("name", ["chain", "chain, three"])
@pytest.mark.parametrize("signal", ["td", "gae"])
def test_a_bootstrap_from_a_fitted_value_is_a_bias(name, signal):
    """The chain's value decides how much going on is worth, and a critic of few trajectories misses it."""
    found, gradient = moments(name, {"fitted": config_line(signal, "none")})
    assert np.abs(found["fitted"][0] - gradient).max() > 1e-3 * np.abs(gradient).max()


@pytest.mark.parametrize("name", ["bandit", "bandit at its target", "line, two steps", "line, three steps"])
def test_twice_as_many_nodes_change_no_variance(name, monkeypatch):
    """A quadrature that was too coarse would move."""
    oracle, environment, theta = CASES[name]
    coarse = known(oracle, environment, np.array(theta), 6)
    right = oracle.normal_nodes
    monkeypatch.setattr(oracle, "normal_nodes", lambda dimensions, nodes: right(dimensions, 2 * nodes))
    fine = known(oracle, environment, np.array(theta), 6)
    assert coarse.keys() == fine.keys()
    for words, (_, variance) in coarse.items():
        np.testing.assert_allclose(fine[words][1], variance, rtol=1e-8, err_msg=words)


@pytest.mark.parametrize("name", ["chain"])
def test_an_estimators_batches_do_not_depend_on_the_other_estimators(name):
    """Also where some of the batches are a single step long, in which every credit is one number."""
    oracle, environment, theta, n = PROBLEMS[name]
    theta = np.array(theta)
    batches, _ = all_batches(name, oracle.outcomes(theta, environment), theta, n)
    lines = dict(unbiased_lines())
    spec: GroupSpec = {"environment": environment, "group": lines, "module": oracle.__name__}
    together = estimate_batches(spec, torch.from_numpy(theta), batches)
    for words, config in lines.items():
        alone = estimate_batches(spec | {"group": {words: config}}, torch.from_numpy(theta), batches)
        torch.testing.assert_close(together[words], alone[words])


@pytest.mark.parametrize("name", LISTED)
def test_sampled_batches_have_the_moments_of_all_batches(name):
    """Every composition, those without a formula too: a whole batch's constant, normalised advantages, two fits."""
    _, environment, theta, n = PROBLEMS[name]
    lines = dict(parts())
    lines |= {
        f"{signal} {baseline}, normalised": config_line(signal, baseline) | {"normalize": True}
        for signal, baseline in product(
            ("total_return", "reward_to_go", "gae"), ("none", "mean", "batch_mean")
        )
    }
    exact, _ = moments(name, lines)
    R, copies = 1_500, torch.tensor(theta, dtype=torch.float64)
    spec: GroupSpec = {"environment": environment, "group": lines, "module": PROBLEMS[name][0].__name__}
    measured = estimate_batches(spec, copies, sample(environment, copies.expand(R, -1), n))
    assert len(measured) == len(list(parts())) + 9
    for words, (mean, variance) in exact.items():
        rows = measured[words].numpy()
        squares = (rows - mean) ** 2
        for values, expected in ((rows, mean), (squares, variance)):
            error = values.std(0) / R**0.5
            assert (np.abs(values.mean(0) - expected) <= 5 * error + 1e-9).all(), (words, expected)


def test_walks_through_a_room_have_the_gradient_of_dynamic_programming():
    """E[r Σ_t ∇log π] over all walks is ∇J, and V_0 their mean return."""
    theta = 0.5 * np.sin(np.arange(1, 17))
    environment = GRID | {"kwargs": {"size": 2, "slip": 0.0, "horizon": 2}}
    outcomes = grid_outcomes.outcomes(theta, environment)
    J, gradient = grid.exact(theta, environment)
    returns = outcomes.rewards @ 0.9 ** np.arange(2)
    assert outcomes.mean(np.ones(len(returns))) == pytest.approx(1)
    assert outcomes.mean(returns) == pytest.approx(J)
    np.testing.assert_allclose(outcomes.mean(returns[:, None] * outcomes.scores.sum(1)), gradient, atol=1e-12)


def test_walks_in_which_one_slips_are_not_listed():
    with pytest.raises(ValueError, match=r"^kwargs.slip: found 0\.2; allowed: 0, as walks are listed$"):
        grid_outcomes.outcomes(np.zeros(36), GRID)
