"""Equal variance, different learning: what ±δ does to the variance, and to where runs end (math.md)."""

import numpy as np
import pytest

from pgpipe.oracles.three_arms import ARMS, best_constant, final_arms, probabilities, variance

PI = probabilities(np.array([[0.0, 0.0, 0.0], [1.0, -0.5, 0.3]]))
R = np.array(ARMS)


def test_the_variance_is_least_at_the_constant_and_the_same_on_either_side():
    b = best_constant(PI, R)
    for delta in (0.5, 1.0):
        np.testing.assert_allclose(variance(PI, R, b + delta), variance(PI, R, b - delta))
        assert (variance(PI, R, b + delta) > variance(PI, R, b)).all()


def test_the_variance_is_that_of_the_update():
    """Σ_a Var(x_a), x_a = (r_a - b)/π_a where a is drawn, else 0."""
    b = np.array([0.2, 0.9])
    for pi, constant, known in zip(PI, b, variance(PI, R, b), strict=True):
        x = np.diag((R - constant) / pi)  # by what is drawn
        assert known == pytest.approx(sum(pi @ x[:, a] ** 2 - (pi @ x[:, a]) ** 2 for a in range(3)))


@pytest.mark.parametrize(("delta", "low", "high"), [(-1.0, 0.76, 0.80), (-0.5, 0.85, 0.90), (0.5, 0.97, 0.97), (1.0, 0.99, 1.0)])  # fmt: skip
def test_where_runs_end_is_not_the_same(delta, low, high):
    """600 runs, within 4 standard errors of math.md's range, whose own are of 1,000."""
    share = (final_arms(np.random.default_rng(1), delta, 600, 700) == 0).mean()
    slack = 4 * (low * (1 - low) * (1 / 600 + 1 / 1_000)) ** 0.5
    assert low - slack < share < high + slack


def test_a_run_depends_on_its_generator_alone():
    one, again = (final_arms(np.random.default_rng(5), 0.0, 20, 50) for _ in range(2))
    assert (one == again).all()
