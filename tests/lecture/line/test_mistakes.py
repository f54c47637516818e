"""A mistake in what an equation says is seen by its check: without it all pass, with it one fails."""

import math

import pytest
from samples import LINE

from pgpipe.envs.line import LineVectorEnv
from pgpipe.lecture.line import walks
from pgpipe.lecture.line.claims import optimum
from pgpipe.policies.linear_gaussian import LinearGaussian

log_prob, right_move = LinearGaussian.log_prob, LineVectorEnv.move


def passes(equation):
    """Whether all checks of an equation pass on rollouts made now."""
    tables = walks.walk_line(
        {"environment": LINE, "seed": 0, "start_stds": [1.0], "episodes": 1_000, "walks": 5}
    )
    return all(check.passed for check in optimum.IDENTITIES.checks(tables["line_identities"], equation))


def actions_are_free(monkeypatch):
    """r = -s²."""

    def move(self, actions):
        rewards, over = right_move(self, actions)
        return rewards + actions[:, 0] ** 2, over

    monkeypatch.setattr(LineVectorEnv, "move", move)


def the_constant_is_left_out(monkeypatch):
    """log π without -log √(2π)."""
    constant = math.log(2 * math.pi) / 2
    monkeypatch.setattr(LinearGaussian, "log_prob", lambda self, *of: log_prob(self, *of) + constant)


def the_logarithm_is_left_out(monkeypatch):
    """log π without -log σ, as the lecture shows it."""
    monkeypatch.setattr(
        LinearGaussian,
        "log_prob",
        lambda self, theta, *of: log_prob(self, theta, *of) + self.spread(theta)[..., 0].log(),
    )


@pytest.mark.parametrize(
    ("equation", "mistake"),
    [("E38", actions_are_free), ("E39", the_constant_is_left_out), ("E39", the_logarithm_is_left_out)],
)
def test_a_mistake_fails_its_check(equation, mistake, monkeypatch):
    assert passes(equation)
    mistake(monkeypatch)
    assert not passes(equation)


def test_the_term_that_the_lecture_hides_is_seen_by_the_derivative(monkeypatch):
    """Its own row fails, not only that of the density."""
    the_logarithm_is_left_out(monkeypatch)
    tables = walks.walk_line(
        {"environment": LINE, "seed": 0, "start_stds": [1.0], "episodes": 100, "walks": 5}
    )
    row = tables["line_identities"].query("what.str.contains('derivative|∂/∂σ')")
    assert float(row["value"].iloc[0]) == pytest.approx(1.0)
