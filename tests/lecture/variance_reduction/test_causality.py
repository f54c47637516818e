"""What an action cannot change: the rows of the causality study hold, and see what breaks them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from samples import COIN, GRID, LINE, estimator_spec, sample, some_theta

from pgpipe.discounting import tail_sums
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.variance_reduction import causality
from pgpipe.lecture.variance_reduction.causality import (
    constant_baseline_rows,
    constant_rows,
    discounted,
    per_step_scores,
    sum_rows,
    visit_rows,
)
from pgpipe.lecture.variance_reduction.causality_effects import (
    dropped_projections,
    q_slopes,
    shift_changes,
)
from pgpipe.oracles import coin, grid, line
from pgpipe.rollout import policy_for

N = 12_000
ORACLES = {"line": line, "grid": grid, "coin": coin}


def estimator(gamma, signal="total_return", baseline="none", **options):
    return Estimator.from_spec(estimator_spec(signal, baseline, **options), gamma)


def case_of(environment):
    """Environment, policy, parameters and one batch of many trajectories."""
    theta = some_theta(environment)
    return environment, policy_for(environment), theta[0], sample(environment, theta, N).split()[0]


@pytest.fixture(scope="module", params=[LINE, GRID, COIN], ids=lambda spec: spec["name"])
def case(request):
    return case_of(request.param)


def sums(case, plain=None, to_go=None):
    """Rows of E14 to E17 from what the estimators make of the batch."""
    environment, policy, theta, batch = case
    gamma = environment["gamma"]
    plain, to_go = plain or estimator(gamma), to_go or estimator(gamma, "reward_to_go")
    return sum_rows(policy, theta, batch, gamma, plain, to_go)


def constants(case, change=lambda scores, returns, J: (scores, returns, J)):
    """Rows of E20, where scores, returns and the constant are changed."""
    environment, policy, theta, batch = case
    scores = per_step_scores(policy, theta, batch).sum(1)
    returns = discounted(batch, environment["gamma"]).sum(1)
    J, gradient = ORACLES[environment["name"]].exact(theta.numpy(), environment)
    scores, returns, J = change(scores, returns, J)
    return constant_baseline_rows(scores, returns, J, gradient)


def failed(rows):
    """The equations of the checks that do not pass, and what they say."""
    table = pd.DataFrame(rows).assign(environment="here")
    checks = {e: identity_checks(table, e) for e in table["equation"].unique()}
    assert checks
    return [(e, check.what) for e, found in checks.items() for check in found if not check.passed]


def test_both_sides_agree(case):
    assert failed(sums(case)) == []
    assert failed(constants(case)) == []


def test_a_reward_that_comes_a_step_early_is_seen():
    """Then the past of step t holds what action t earned, and its mean with the score is not zero."""
    *start, batch = case_of(LINE)
    early = replace(batch, rewards=torch.roll(batch.rewards, -1, dims=1))
    found = failed(sums((*start, early)))
    assert ("E16", "largest mean of what E16 drops, in standard errors, here") in found
    assert ("E16", "largest mean of ∇log π(a_t') r_t, t < t', in standard errors, here") in found


def equations(rows):
    return {equation for equation, _ in failed(rows)}


def test_a_baseline_in_e14_is_seen(case):
    assert "E14" in equations(sums(case, plain=estimator(case[0]["gamma"], baseline="mean")))


@pytest.mark.parametrize(
    "options", [{"score_discount": False}, {"baseline": "mean"}, {"signal": "total_return"}]
)
def test_another_estimator_than_e18_is_seen_in_e16(options):
    to_go = estimator(LINE["gamma"], **{"signal": "reward_to_go", **options})
    assert equations(sums(case_of(LINE), to_go=to_go)) == {"E16"}


def test_a_step_whose_score_is_left_out_is_seen(case, monkeypatch):
    right = trajectory_gradients

    def without_the_first(policy, theta, batch, weights):
        return right(policy, theta, batch, weights * (torch.arange(weights.shape[1]) > 0))

    monkeypatch.setattr(causality, "trajectory_gradients", without_the_first)
    assert {"E15", "E16"} <= equations(sums(case))


def test_a_reward_to_go_without_discount_is_seen(monkeypatch):
    right = tail_sums
    monkeypatch.setattr(causality, "tail_sums", lambda rewards, gamma: right(rewards, 1.0))
    assert "E17" in equations(sums(case_of(LINE)))


@pytest.mark.parametrize(
    "change",
    [
        lambda scores, returns, J: (scores + 0.1 * scores.std(0), returns, J),  # no score
        lambda scores, returns, J: (scores, returns, 0.5 * (returns + J)),  # b depends on the action
        lambda scores, returns, J: (scores, returns, returns),
        lambda scores, returns, J: (scores, returns.roll(1), J),  # another trajectory's return
    ],
    ids=["scores off", "b half the own return", "b the own return", "shuffled returns"],
)
@pytest.mark.parametrize("environment", [COIN, GRID], ids=lambda spec: spec["name"])
def test_what_breaks_e20_is_seen(environment, change):
    assert equations(constants(case_of(environment), change)) == {"E20"}


def test_scores_are_derivatives_and_zero_on_padding(case):
    _, policy, theta, batch = case
    scores = per_step_scores(policy, theta, batch.first(5))
    assert (scores[~batch.first(5).mask] == 0).all()
    h = 1e-6
    for p in range(min(3, len(theta))):
        step = torch.zeros_like(theta)
        step[p] = h
        ahead, behind = (
            policy.log_prob(theta + sign * step, batch.obs[0], batch.actions[0]) for sign in (1, -1)
        )
        slope = (ahead - behind) / (2 * h) * batch.mask[0]
        torch.testing.assert_close(scores[0, :, p], slope, rtol=1e-5, atol=1e-7)


def test_reward_to_go_estimates_q_and_no_other_table():
    theta = some_theta(GRID)
    batch = sample(GRID, theta, N).split()[0]
    Q = grid.exact_action_values(theta[0].numpy(), GRID)
    assert failed(visit_rows(Q, batch, GRID["gamma"])) == []
    assert failed(visit_rows(0.9 * Q, batch, GRID["gamma"]))
    shuffled = Q[..., [1, 0, 2, 3]]
    assert failed(visit_rows(shuffled, batch, GRID["gamma"]))


def test_slope_of_the_reward_to_go_over_q_is_one():
    theta = some_theta(GRID).expand(150, -1)
    batches = sample(GRID, theta, 16).split()
    Q = grid.exact_action_values(theta[0].numpy(), GRID)
    slopes = q_slopes(Q, batches, GRID["gamma"])
    assert abs(slopes.mean() - 1) < 4 * slopes.std() / len(slopes) ** 0.5
    twice = q_slopes(2 * Q, batches, GRID["gamma"])
    assert abs(twice.mean() - 0.5) < 0.05


def test_the_optimal_constant_is_the_listed_one():
    theta = some_theta(COIN)
    batch = sample(COIN, theta, N).split()[0]
    scores = per_step_scores(policy_for(COIN), theta[0], batch).sum(1)
    listed = coin.outcomes(theta[0].numpy(), COIN)
    assert failed(constant_rows(listed, scores, batch.returns)) == []
    assert failed(constant_rows(replace(listed, rewards=listed.rewards + 0.2), scores, batch.returns))


def test_what_is_dropped_has_no_part_in_the_gradient():
    theta = some_theta(LINE).expand(300, -1)
    batches = sample(LINE, theta, 16).split()
    gradient = line.exact(theta[0].numpy(), LINE)[1]
    along = dropped_projections(policy_for(LINE), theta[0], batches, LINE["gamma"], gradient)
    assert abs(along.mean()) < 4 * along.std() / len(along) ** 0.5
    assert along.std() > 0.01  # it is noise, not nothing


@pytest.mark.parametrize("environment", [LINE, GRID], ids=lambda spec: spec["name"])
def test_only_with_the_mean_a_constant_changes_nothing(environment):
    theta = some_theta(environment).expand(10, -1)
    policy, batches = policy_for(environment), sample(environment, theta, 8).split()
    gamma = environment["gamma"]
    steady = shift_changes(policy, theta[0], batches, estimator(gamma, baseline="mean"))
    assert np.nanmax(steady) < 1e-9
    assert np.nanmin(shift_changes(policy, theta[0], batches, estimator(gamma))) > 0.1
