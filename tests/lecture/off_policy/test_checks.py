"""Each check of section 6 that counts as measured fails under a mistake in what it checks."""

import importlib
from dataclasses import replace
from functools import wraps

import pandas as pd
import pytest
import torch
from lecture.off_policy.test_studies import spec_of
from samples import CARTPOLE, GRID, LINE, some_theta

from pgpipe.estimators import scores
from pgpipe.lecture.off_policy.by_hand import ByHand, derivative_of_weighted_returns
from pgpipe.lecture.off_policy.claims.equations import IDENTITIES
from pgpipe.lecture.off_policy.identities import identity_rows
from pgpipe.lecture.off_policy.problem import Problem, collected
from pgpipe.oracles import grid_off_policy, line_off_policy
from pgpipe.policies.categorical import SoftmaxTable
from pgpipe.policies.linear_gaussian import LinearGaussian


def failing(environment, replicates=120, batch_size=32):
    """The equations of which a measured check fails, with the package as it now is."""
    spec = spec_of(environment, batch_size=batch_size, replicates=replicates)
    theta = some_theta(environment)[0].double()
    problem = Problem.from_spec(spec, theta)
    pool = collected(problem, ("off_policy", "checks"), replicates, batch_size).joined()
    noise = torch.linspace(-1, 1, len(theta), dtype=torch.float64)
    chosen = {"gradient": theta + 0.12 * noise, "random 1": theta - 0.12 * noise}
    table = pd.DataFrame(identity_rows(problem, chosen, pool, spec["dynamics"]))
    table = table.assign(environment=environment["name"])
    checks = {name: IDENTITIES.checks(table, name) for name in IDENTITIES.equations}
    return {
        name for name, rows in checks.items() if not all(row.passed for row in rows if row.kind == "measured")
    }


def part(form, change):
    """A form of weights with its log-weights before the score changed."""
    module = importlib.import_module(f"pgpipe.estimators.importance.{form}")
    right = getattr(module, form)

    @wraps(right)
    def wrong(**ratios):
        weights = right(**ratios)
        return weights._replace(on_score=change(weights.on_score, ratios["log_ratios"]))

    return module, form, wrong


def hotter(right):
    """log π of a policy whose logits are halved, or whose σ is twice as wide."""

    def log_prob(self, theta, obs, actions):
        return 0.5 * right(self, theta, obs, actions)

    return log_prob


def upside_down(right):
    """How likely a state was, over how likely it is."""

    def wrong(*arguments):
        return -right(*arguments)

    return wrong


def twice_the_last(weights, log_ratios):
    """The last step's ratio counted twice."""
    return weights + log_ratios[..., -1:]


def wrong_score(right):
    """The derivative with its scale a tenth too large."""

    def factors(self, pieces, tape, actions, credit, bonus=None):
        return right(self, pieces, tape, actions, 1.1 * credit, bonus)

    return factors


MISTAKES = {
    "densities": (
        (LinearGaussian, "log_prob", hotter(LinearGaussian.log_prob)),
        {"E22", "E23", "E24", "E25", "E26", "E28", "E29", "E30"},
        LINE,
    ),
    "densities of a table": (
        (SoftmaxTable, "log_prob", hotter(SoftmaxTable.log_prob)),
        {"E25", "E26", "E28", "E29", "E30"},
        GRID,
    ),
    "scores": (
        (LinearGaussian, "factors", wrong_score(LinearGaussian.factors)),
        {"E26", "E27", "E28", "E29", "E30", "E31"},
        LINE,
    ),
    "trajectory weights": (part("trajectory", twice_the_last), {"E26", "E28"}, LINE),
    "trajectory weights are not one at θ' = θ": (
        part("trajectory", lambda w, r: w + 0.1),
        {"E26", "E27", "E28"},
        LINE,
    ),
    "causal weights": (part("per_decision", lambda w, r: w - r), {"E29"}, LINE),
    "policy iteration's weights": (part("no_future", lambda w, r: w - r), {"E30"}, LINE),
    "state ratios of the grid": (
        (grid_off_policy, "log_state_ratios", upside_down(grid_off_policy.log_state_ratios)),
        {"E33"},
        GRID,
    ),
    "state ratios of the line": (
        (line_off_policy, "log_state_ratios", upside_down(line_off_policy.log_state_ratios)),
        {"E33"},
        LINE,
    ),
    "first-order weights": (part("first_order", lambda w, r: 0 * w), {"E34"}, LINE),
    "marginal weights": (part("marginal", lambda w, r: w - r), {"E32"}, LINE),
}


@pytest.mark.parametrize("environment", [LINE, GRID, CARTPOLE], ids=lambda spec: spec["name"])
def test_the_right_package_passes(environment):
    assert failing(environment, replicates=8 if environment is CARTPOLE else 120) == set()


def test_every_equation_has_a_mistake_that_it_sees():
    seen = set().union(*(expected for _, expected, _ in MISTAKES.values()))
    assert seen == set(IDENTITIES.equations)


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_mistake_fails_its_checks(name, monkeypatch):
    patch, expected, environment = MISTAKES[name]
    monkeypatch.setattr(*patch)
    assert failing(environment) >= expected


def test_a_reward_to_go_that_starts_late_fails_what_credits_by_step(monkeypatch):
    module = importlib.import_module("pgpipe.estimators.signals.reward_to_go")
    right = module.reward_to_go
    monkeypatch.setattr(
        module, "reward_to_go", lambda trajectories, gamma: right(trajectories, gamma) - trajectories.rewards
    )
    assert failing(LINE) >= {"E31"}


def test_an_average_over_steps_instead_of_trajectories_fails_the_sum_over_pairs(monkeypatch):
    right = scores.batch_gradient
    monkeypatch.setattr(
        scores, "batch_gradient", lambda p, t, batch, w: right(p, t, batch, w) / batch.mask.shape[1]
    )
    assert "E31" in failing(LINE)


def test_by_hand_and_by_derivative_are_the_same_formula():
    """The two references agree: scores times weights, and the derivative of what is weighted."""
    for environment in (LINE, GRID, CARTPOLE):
        problem = Problem.from_spec(spec_of(environment), some_theta(environment)[0].double())
        batch = replace(collected(problem, ("by hand",), 1, 4).joined().in_double())
        target = problem.theta + 0.03
        hand = ByHand.of(problem, target, batch).three_products()
        torch.testing.assert_close(
            hand, derivative_of_weighted_returns(problem, target, batch), rtol=1e-9, atol=1e-9
        )
