"""What an action cannot change: the rows of the causality study hold, and see what breaks them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from samples import COIN, GRID, LINE, estimator_spec, sample, some_theta

from pgpipe.estimators.composition import Estimator
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.variance_reduction.causality import (
    constant_rows,
    dropped_projections,
    identity_rows,
    per_step_scores,
    q_slopes,
    shift_changes,
    visit_rows,
)
from pgpipe.oracles import coin, grid, line
from pgpipe.rollout import policy_for

N = 3_000


def total_return(baseline, gamma):
    return Estimator.from_spec(estimator_spec("total_return", baseline), gamma)


@pytest.fixture(scope="module", params=[LINE, GRID, COIN], ids=lambda spec: spec["name"])
def case(request):
    """Policy, parameters and one batch of many trajectories."""
    theta = some_theta(request.param)
    gamma, batch = request.param["gamma"], sample(request.param, theta, N).split()[0]
    return policy_for(request.param), theta[0], batch, gamma, total_return("none", gamma)


def failed(rows):
    """What of the rows' checks does not pass."""
    table = pd.DataFrame(rows).assign(environment="here")
    checks = [check for equation in table["equation"].unique() for check in identity_checks(table, equation)]
    assert checks
    return [check.what for check in checks if not check.passed]


def test_both_sides_agree(case):
    assert failed(identity_rows(*case)) == []


def test_a_reward_that_comes_a_step_early_is_seen():
    """Then the past of step t holds what action t earned, and its mean with the score is not zero."""
    theta = some_theta(LINE)
    batch = sample(LINE, theta, N).split()[0]
    early = replace(batch, rewards=torch.roll(batch.rewards, -1, dims=1))
    found = failed(
        identity_rows(policy_for(LINE), theta[0], early, LINE["gamma"], total_return("none", LINE["gamma"]))
    )
    assert "largest mean of what E16 drops, in standard errors, here" in found
    assert "largest mean of ∇log π(a_t') r_t, t < t', here" in found


def test_scores_are_derivatives_and_zero_on_padding(case):
    policy, theta, batch, _, _ = case
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
    steady = shift_changes(policy, theta[0], batches, total_return("mean", gamma))
    assert np.nanmax(steady) < 1e-9
    assert np.nanmin(shift_changes(policy, theta[0], batches, total_return("none", gamma))) > 0.1
