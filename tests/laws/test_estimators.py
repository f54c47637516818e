"""Laws that every estimator obeys on every environment, whatever parts it is composed of."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from samples import (
    CARTPOLE,
    CREDITS,
    ENVIRONMENTS,
    LINE,
    UNGROUPED,
    estimator_spec,
    grouped,
    sample,
    some_theta,
    suited,
)

from pgpipe.estimators.baselines.time_mean import time_mean
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.laws.binding import broken_laws
from pgpipe.estimators.laws.case import Case, padded
from pgpipe.estimators.parts import part_names
from pgpipe.estimators.scores import (
    batch_gradient,
    estimate_each,
    trajectory_estimates,
    trajectory_gradients,
)
from pgpipe.lecture.gradients.estimates import estimate_batches
from pgpipe.rollout import policy_for

IN_GROUPS = sorted(set(part_names("baselines")) - set(UNGROUPED))
# every signal with every baseline, and the options once each
ESTIMATORS = [
    *(estimator_spec(s, b) for s, b in product(CREDITS, UNGROUPED)),
    *(estimator_spec(s, b) for s, b in product(("total_return", "reward_to_go"), IN_GROUPS)),
    *(estimator_spec(s, "mean", score_discount=False) for s in CREDITS),
    estimator_spec("reward_to_go", "mean", normalize=True),
    estimator_spec("gae", "value", gae_lambda=0.5, normalize=True),
    estimator_spec("gae", "value", gae_lambda=1.0),
    estimator_spec("total_return", "mean", aggregate="steps"),
    estimator_spec("reward_to_go", "optimal", aggregate="each"),
    estimator_spec("total_return", "group_batch_mean", aggregate="constant", longest=60),
    estimator_spec("total_return", normalize="group", aggregate="each"),
    estimator_spec("reward_to_go", "group_mean", normalize="group"),
]
ONE_IS_ENOUGH = (
    "none",
    "batch_mean",
    "batch_optimal",
    "group_mean",
    "group_batch_mean",
)  # baselines that a batch of one does not refuse


def name_of(spec):
    """Its signal and baseline, and the options that are not as by default."""
    default = dict(estimator_spec(signal="", baseline=""))
    return "-".join(str(value) for name, value in spec.items() if value != default.get(name))


@pytest.fixture(params=ESTIMATORS, ids=name_of)
def estimator_line(request):
    return request.param


@pytest.fixture
def case(environment, estimator_line):
    """An estimator with a batch of two agents on an environment."""
    theta = some_theta(environment, agents=2)
    batch = sample(suited(environment, estimator_line), theta, 6)
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
    batches = sample(grouped(environment), theta.expand(3, -1), 6)
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


def test_it_keeps_the_laws_that_bind_it(case):
    """Those that a certificate asks: padding, order, scale, what is subtracted, what its parts say of themselves."""
    environment, estimator, theta, batch = case
    one = Case(estimator, policy_for(environment), theta[0], batch.split()[0])
    assert {law.__name__: found for law, found in broken_laws(one).items() if found} == {}


@pytest.mark.parametrize("signal", ["gae", "td", "reward_to_go"])
def test_what_a_time_limit_cuts_off_is_padded_like_the_rest(signal):
    """An episode that is cut off before the longest one ends: the value of its end is on no step."""
    environment = CARTPOLE | {"max_episode_steps": 14}
    theta = some_theta(environment)[0]
    long, short = (sample(environment | {"max_episode_steps": most}, theta[None], 6) for most in (14, 9))
    batch = type(long).concatenate([long, short]).joined()
    assert (batch.truncated & (batch.lengths < batch.lengths.max())).any()
    estimator = Estimator.from_spec(estimator_spec(signal, "value"), 0.9)
    alone = estimator.weighted_advantages(replace(batch, mask=batch.mask))
    longer = estimator.weighted_advantages(padded(batch))
    torch.testing.assert_close(longer[:, : alone.shape[1]], alone, rtol=1e-4, atol=1e-5)


def test_total_return_less_a_value_can_be_normalised():
    """One credit, but an advantage for each step, which are what has mean zero and spread one."""
    batch = sample(LINE, some_theta(LINE), 8).split()[0]
    spec = estimator_spec("total_return", "value", normalize=True, score_discount=False)
    weights = Estimator.from_spec(spec, 0.9).weighted_advantages(batch)[batch.mask]
    assert weights.mean() == pytest.approx(0, abs=1e-9)
    assert weights.std(correction=0) == pytest.approx(1)


def test_zero_rewards_give_a_zero_gradient(case):
    environment, estimator, theta, batch = case
    nothing = replace(batch, rewards=torch.zeros_like(batch.rewards))
    assert (gradient_of((environment, estimator, theta, nothing)) == 0).all()


def test_an_agents_gradient_ignores_the_other_agents(case):
    environment, estimator, theta, batch = case
    second = type(batch)(**{name: value[1:] for name, value in batch.fields.items()})
    alone = gradient_of((environment, estimator, theta[1:], second))
    assert torch.equal(alone, gradient_of(case)[1:])


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
