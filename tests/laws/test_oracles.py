"""The exact results agree with math.md, with finite differences, and with each other."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import LINE

from pgpipe.oracles.grid import objective_and_gradient as grid_oracle
from pgpipe.oracles.grid import transition_matrix
from pgpipe.oracles.line import fisher
from pgpipe.oracles.line import objective_and_gradient as line_oracle
from pgpipe.oracles.line_field import find_optimum, gradient_field, with_start


def closed_form(k, sigma, gamma, horizon, m0, nu):
    """J and ∇J of the line as math.md writes them, for q ≠ 1."""
    q, eta = (1 + k) ** 2, sigma**2 + nu**2
    t = np.arange(horizon)
    A, B = (gamma**t).sum(), ((gamma * q) ** t).sum()
    D = (t * gamma**t * q ** (t - 1.0)).sum()
    L = (A - B) / (1 - q)
    S = m0 * B + eta * L
    S_q = m0 * D + eta * ((A - B) / (1 - q) ** 2 - D / (1 - q))
    J = -((1 + k**2) * S + sigma**2 * A)
    J_k = -(2 * k * S + 2 * (1 + k) * (1 + k**2) * S_q)
    J_sigma = -2 * sigma * ((1 + k**2) * L + A)
    return J, J_k, J_sigma


def test_line_example_of_math_md():
    J, gradient = line_oracle(-0.3, 0.5, gamma=0.95, horizon=10, start_std=1.0, noise_std=0.0)
    assert pytest.approx(-7.33346, abs=5e-6) == J
    assert gradient == pytest.approx([-8.66731, -21.18059], abs=5e-6)


@given(
    k=st.floats(-1.9, 0.5).filter(lambda k: abs((1 + k) ** 2 - 1) > 1e-2 and abs(1 + k) > 1e-2),
    sigma=st.floats(0.05, 2),
    gamma=st.floats(0.3, 1),
    horizon=st.integers(1, 15),
    start_std=st.floats(0, 2),
    noise_std=st.floats(0, 1),
)
def test_line_recursion_equals_the_closed_form(k, sigma, gamma, horizon, start_std, noise_std):
    J, gradient = line_oracle(
        k, sigma, gamma=gamma, horizon=horizon, start_std=start_std, noise_std=noise_std
    )
    expected = closed_form(k, sigma, gamma, horizon, start_std**2, noise_std)
    assert [J, *gradient] == pytest.approx(expected, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("k", [0.0, -2.0])
def test_line_at_q_equal_to_one(k):
    """There the closed form is 0/0; finite differences of J stand in."""
    step = 1e-6
    oracle = partial(line_oracle, gamma=0.9, horizon=7, start_std=0.7, noise_std=0.2)
    _, gradient = oracle(k, 0.4)
    for i, move in enumerate(np.eye(2) * step):
        ahead = oracle(k + move[0], 0.4 + move[1])[0]
        behind = oracle(k - move[0], 0.4 - move[1])[0]
        assert gradient[i] == pytest.approx((ahead - behind) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("gamma", [0.7, 1.0])
def test_grid_gradient_is_the_derivative_of_j(gamma):
    rng = np.random.default_rng(3)
    theta = rng.normal(size=9 * 4)
    arguments = {"gamma": gamma, "size": 3, "slip": 0.15, "horizon": 8}
    _, gradient = grid_oracle(theta, **arguments)
    step = 1e-5
    for i, move in enumerate(np.eye(len(theta)) * step):
        difference = grid_oracle(theta + move, **arguments)[0] - grid_oracle(theta - move, **arguments)[0]
        assert gradient[i] == pytest.approx(difference / (2 * step), abs=1e-9)


def test_grid_transitions_are_probabilities_and_nothing_leaves_the_goal():
    P = transition_matrix(4, 0.1)
    assert np.allclose(P.sum(-1), 1)
    assert (P >= 0).all()
    assert np.allclose(P[-1, :, -1], 1)


def test_grid_of_one_certain_step():
    """Size 2, no slip, horizon 1, equal chances: from two of three starts one move in four reaches the goal."""
    J, _ = grid_oracle(np.zeros(16), gamma=0.9, size=2, slip=0.0, horizon=1)
    assert pytest.approx(2 / 3 / 4) == J


def test_best_gain_on_a_long_line_is_the_known_one():
    """math.md: for γ = 0.95 and T → ∞ the best k is -0.603732, at σ = 0."""
    line = LINE | {"kwargs": {"horizon": 400, "start_std": 1.0, "noise_std": 0.0}, "gamma": 0.95}
    best = find_optimum(line, [1.0]).iloc[0]
    assert best["k"] == pytest.approx(-0.603732, abs=1e-5)
    assert best["sigma"] == pytest.approx(0, abs=1e-4)


def test_field_holds_the_oracles_values():
    line = LINE | {"kwargs": {"horizon": 4, "start_std": 1.0, "noise_std": 0.0}, "gamma": 0.9}
    field = gradient_field(line, [0.5], np.array([-0.5, 0.1]), np.array([0.2]))
    J, gradient = line_oracle(0.1, 0.2, gamma=0.9, horizon=4, start_std=0.5, noise_std=0.0)
    assert list(field.iloc[1])[:6] == pytest.approx([0.5, 0.1, 0.2, J, *gradient])
    F = fisher(np.array([0.1, 0.2]), with_start(line, 0.5))
    assert list(field.iloc[1])[6:] == pytest.approx(np.linalg.solve(F, gradient))
