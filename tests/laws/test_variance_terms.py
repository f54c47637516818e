"""State, action and trajectory terms: they add up, and each is what a sum over all outcomes says."""

import numpy as np
import pytest
from laws.test_variances import config_line, formula, line_with
from samples import GRID

from pgpipe.oracles import grid, grid_outcomes, grid_terms, line, line_terms

LINES = {
    "three steps": (line_with(3, 0.8, 0.0, 0.9), [-0.4, 0.7]),
    "two steps, noisy": (line_with(2, 0.8, 0.3, 0.6), [-0.9, 0.5]),
}
ROOMS = {
    horizon: GRID | {"kwargs": {"size": 2, "slip": 0.0, "horizon": horizon}, "gamma": 0.8}
    for horizon in (2, 3)
}


def spec_of(less_value):
    return config_line("reward_to_go", "value" if less_value else "none", "exact")


@pytest.mark.parametrize("less_value", [False, True])
@pytest.mark.parametrize("name", LINES)
def test_on_the_line_they_add_up_to_the_variance(name, less_value):
    environment, given = LINES[name]
    theta = np.array(given)
    outcomes = line.outcomes(theta, environment)
    assert outcomes is not None
    values = line.values(theta, environment, outcomes.obs)
    exact = formula(outcomes, spec_of(less_value), environment["gamma"], 1, values)
    np.testing.assert_allclose(line_terms.terms(theta, environment, less_value).total, exact)


def theta_of_room():
    return 0.9 * np.sin(1.9 * np.arange(16))


@pytest.mark.parametrize("less_value", [False, True])
@pytest.mark.parametrize("horizon", ROOMS)
def test_in_the_room_they_add_up_to_the_variance(horizon, less_value):
    environment, theta = ROOMS[horizon], theta_of_room()
    outcomes = grid_outcomes.outcomes(theta, environment)
    values = grid.values(theta, environment, outcomes.obs)
    exact = formula(outcomes, spec_of(less_value), 0.8, 1, values)
    np.testing.assert_allclose(grid_terms.terms(theta, environment, less_value).total, exact, atol=1e-12)


def given(outcomes, x, *conditions):
    """E[x | conditions] of every outcome, by sums over those that share them; zero terms count.  (M, P)."""
    keys = np.concatenate([np.asarray(c).reshape(len(x), -1) for c in conditions], axis=1)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.reshape(-1)
    chances = np.bincount(group, outcomes.probabilities)
    sums = np.stack([np.bincount(group, outcomes.probabilities * column) for column in x.T], axis=1)
    return (sums / chances[:, None])[group]


@pytest.mark.parametrize("less_value", [False, True])
def test_each_term_is_that_of_all_walks(less_value):
    """Var E[x|s], E Var(E[x|s,a]|s) and E Var(x|s,a), step by step, by conditioning on what was listed."""
    environment, theta, gamma = ROOMS[3], theta_of_room(), 0.8
    outcomes = grid_outcomes.outcomes(theta, environment)
    values = grid.values(theta, environment, outcomes.obs)
    to_go = np.array(outcomes.rewards)
    for t in reversed(range(to_go.shape[1] - 1)):
        to_go[:, t] += gamma * to_go[:, t + 1]
    state, action, trajectory = np.zeros((3, 16))
    for t in range(to_go.shape[1]):
        b = values[:, t] if less_value else 0.0
        x = gamma**t * outcomes.scores[:, t] * (to_go[:, t] - b)[:, None]
        s = outcomes.obs[:, t] * outcomes.mask[:, t, None]
        by_s, by_sa = given(outcomes, x, s), given(outcomes, x, s, outcomes.scores[:, t])
        state += outcomes.covariance(by_s, by_s)
        action += outcomes.mean((by_sa - by_s) ** 2)
        trajectory += outcomes.mean((x - by_sa) ** 2)
    found = grid_terms.terms(theta, environment, less_value)
    for ours, theirs in zip(found, (state, action, trajectory), strict=False):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("name", ["line", "grid"])
def test_a_value_takes_from_the_action_term_alone(name):
    bare, less_value = (longer(name, x) for x in (False, True))
    for term in ("state", "trajectory"):
        np.testing.assert_allclose(getattr(less_value, term), getattr(bare, term), atol=1e-12)
    assert less_value.action.sum() < bare.action.sum()
    assert min(getattr(less_value, term).min() for term in ("state", "action", "trajectory")) > -1e-12


def longer(name, less_value):
    """What nobody lists: ten noisy steps, and a larger room in which one slips."""
    if name == "grid":
        return grid_terms.terms(0.9 * np.sin(1.9 * np.arange(36)), GRID, less_value)
    return line_terms.terms(np.array([-0.3, 0.5]), line_with(10, 1.0, 0.3, 0.95), less_value)
