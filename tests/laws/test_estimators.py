"""Laws that every estimator obeys on every environment, whatever parts it is composed of."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from samples import ENVIRONMENTS, estimator_spec, sample, some_theta

from pgpipe.estimators.baselines.time_mean import time_mean
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.parts import part_names
from pgpipe.estimators.scores import (
    batch_gradient,
    estimate_each,
    trajectory_estimates,
    trajectory_gradients,
)
from pgpipe.lecture.gradients.estimates import estimate_batches
from pgpipe.rollout import policy_for

# every signal with every baseline, and the options once each
ESTIMATORS = [
    *(estimator_spec(s, b) for s, b in product(part_names("signals"), part_names("baselines"))),
    *(estimator_spec(s, "mean", score_discount=False) for s in part_names("signals")),
    estimator_spec("reward_to_go", "mean", normalize=True),
    estimator_spec("gae", "value", gae_lambda=0.5, normalize=True),
    estimator_spec("gae", "value", gae_lambda=1.0),
]
ONE_IS_ENOUGH = ("none", "batch_mean", "batch_optimal")  # baselines that a batch of one does not refuse


def name_of(spec):
    """Its signal and baseline, and the options that are not as by default."""
    default = dict(estimator_spec(signal="", baseline=""))
    return "-".join(str(value) for name, value in spec.items() if value != default[name])


@pytest.fixture(params=ESTIMATORS, ids=name_of)
def estimator_line(request):
    return request.param


@pytest.fixture
def case(environment, estimator_line):
    """An estimator with a batch of two agents on an environment."""
    theta = some_theta(environment, agents=2)
    batch = sample(environment, theta, 6)
    return environment, Estimator.from_spec(estimator_line, environment["gamma"]), theta, batch


def gradient_of(case):
    environment, estimator, theta, batch = case
    return estimate_each(policy_for(environment), theta, batch, estimator)


def test_gradient_is_the_mean_of_the_trajectories_gradients(case):
    """The rows that a study may keep and the one backward pass of training are one estimator."""
    environment, estimator, theta, batches = case
    rows = [
        trajectory_estimates(policy_for(environment), row, batch, estimator).mean(0)
        for row, batch in zip(theta, batches.split(), strict=True)
    ]
    torch.testing.assert_close(gradient_of(case), torch.stack(rows), rtol=1e-4, atol=1e-5)


def test_trajectory_gradients_are_those_of_one_trajectory_after_the_other(environment):
    theta = some_theta(environment)
    batch = sample(environment, theta, 5).split()[0]
    policy, weights = policy_for(environment), batch.rewards + batch.mask
    rows = trajectory_gradients(policy, theta[0], batch, weights)
    for i, row in enumerate(rows):
        parameters = theta[0].clone().requires_grad_()
        steps = batch.mask[i]
        log_probs = policy.log_prob(parameters, batch.obs[i, steps], batch.actions[i, steps])
        (weights[i, steps] @ log_probs).backward()
        torch.testing.assert_close(row, parameters.grad, rtol=1e-4, atol=1e-5)


def test_a_study_gives_what_each_estimator_gives_alone(environment):
    """However it shares forward passes and rows, or takes all batches at once."""
    theta = some_theta(environment)
    batches = sample(environment, theta.expand(3, -1), 6)
    lines = {name_of(spec): spec for spec in ESTIMATORS}
    together = estimate_batches(
        {"environment": environment, "group": lines, "module": None}, theta[0], batches
    )
    for name, line in lines.items():
        estimator = Estimator.from_spec(line, environment["gamma"])
        alone = estimate_each(policy_for(environment), theta.expand(3, -1), batches, estimator)
        torch.testing.assert_close(together[name], alone, rtol=1e-4, atol=1e-5)


def test_weights_have_the_shape_of_the_steps_and_are_zero_on_padding(case):
    _, estimator, _, batches = case
    for batch in batches.split():
        weights = estimator.weighted_advantages(batch)
        assert weights.shape == batch.rewards.shape
        assert (weights[~batch.mask] == 0).all()


def test_padding_says_nothing(case):
    """More padding, with garbage in it, changes no gradient."""
    environment, estimator, theta, batch = case
    pad = torch.zeros_like(batch.mask)
    longer = replace(
        batch,
        obs=torch.cat([batch.obs, batch.obs + 3], 2),
        actions=torch.cat([batch.actions, batch.actions], 2),
        rewards=torch.cat([batch.rewards, torch.zeros_like(batch.rewards)], 2),
        mask=torch.cat([batch.mask, pad], 2),
    )
    torch.testing.assert_close(
        gradient_of((environment, estimator, theta, longer)), gradient_of(case), rtol=1e-4, atol=1e-5
    )


def test_zero_rewards_give_a_zero_gradient(case):
    environment, estimator, theta, batch = case
    nothing = replace(batch, rewards=torch.zeros_like(batch.rewards))
    assert (gradient_of((environment, estimator, theta, nothing)) == 0).all()


def test_gradient_is_linear_in_the_rewards(case):
    environment, estimator, theta, batch = case
    if estimator.normalize:
        pytest.skip("normalised advantages do not grow with the rewards")
    doubled = replace(batch, rewards=2 * batch.rewards)
    torch.testing.assert_close(
        gradient_of((environment, estimator, theta, doubled)), 2 * gradient_of(case), rtol=1e-4, atol=1e-5
    )


def test_an_agents_gradient_ignores_the_other_agents(case):
    environment, estimator, theta, batch = case
    second = type(batch)(**{name: value[1:] for name, value in vars(batch).items()})
    alone = gradient_of((environment, estimator, theta[1:], second))
    assert torch.equal(alone, gradient_of(case)[1:])


def test_order_of_the_trajectories_does_not_matter(case):
    environment, estimator, theta, batch = case
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    shuffled = type(batch)(**{name: value[:, order] for name, value in vars(batch).items()})
    gradient = gradient_of(case)
    rounding = 1e-5 * max(1.0, float(gradient.abs().max()))
    torch.testing.assert_close(
        gradient_of((environment, estimator, theta, shuffled)), gradient, rtol=1e-4, atol=rounding
    )


def test_batch_is_left_as_it_was(case):
    batch = case[3]
    before = {name: value.clone() for name, value in vars(batch).items()}
    gradient_of(case)
    assert all(torch.equal(before[name], value) for name, value in vars(batch).items())


def test_no_gradient_flows_through_the_credit(case):
    """The weights are constants: a graph behind them changes nothing."""
    environment, estimator, theta, batches = case
    batch = batches.split()[0]
    weights = estimator.weighted_advantages(batch)
    attached = weights * torch.ones(1, dtype=weights.dtype, requires_grad=True)
    for gradient in (batch_gradient, trajectory_gradients):
        plain = gradient(policy_for(environment), theta[0], batch, weights)
        assert torch.equal(gradient(policy_for(environment), theta[0], batch, attached), plain)
        assert not plain.requires_grad


@pytest.mark.parametrize("baseline", sorted(set(part_names("baselines")) - set(ONE_IS_ENOUGH)))
def test_a_single_trajectory_is_refused_where_others_are_needed(baseline):
    environment = ENVIRONMENTS["grid"]
    theta = some_theta(environment)
    batch = sample(environment, theta, 1)
    estimator = Estimator.from_spec(estimator_spec("reward_to_go", baseline), 0.9)
    with pytest.raises(ValueError, match=r"needs at least 2 trajectories in a batch, got 1$"):
        estimate_each(policy_for(environment), theta, batch, estimator)


def test_time_mean_by_hand():
    """Three trajectories, the last one step long: the mean of the others that still run, or nothing."""
    credit = torch.tensor([[6.0, 4.0], [2.0, 8.0], [1.0, 0.0]])
    mask = torch.tensor([[True, True], [True, True], [True, False]])
    expected = torch.tensor([[1.5, 8.0], [3.5, 4.0], [4.0, 6.0]])
    assert torch.equal(time_mean(credit, mask), expected)
    assert time_mean(credit[:, 1:], mask[:, 1:] & torch.tensor([[True], [False], [False]]))[0] == 0


def test_with_the_mean_baseline_a_constant_added_to_every_return_changes_nothing():
    """C32: the mean takes the constant up again, exactly."""
    environment = ENVIRONMENTS["grid"]
    theta = some_theta(environment)
    batch = sample(environment, theta, 8)
    first_step = torch.zeros_like(batch.rewards)
    first_step[..., 0] = 5.0
    raised = replace(batch, rewards=batch.rewards + first_step)
    estimator = Estimator.from_spec(estimator_spec("total_return", "mean"), 0.9)
    torch.testing.assert_close(
        gradient_of((environment, estimator, theta, raised)),
        gradient_of((environment, estimator, theta, batch)),
    )
