"""Laws of importance weights: what they are, what they compose with, and what their mean is."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from laws.test_all_batches import LEAVE_ONE_OUT, PROBLEMS, all_batches
from samples import CARTPOLE, CREDITS, GRID, LINE, UNGROUPED, estimator_spec, sample, some_theta

from pgpipe.estimators import pseudo_loss, scores
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.importance import first_order, no_future, per_decision, trajectory
from pgpipe.estimators.parts import part_names
from pgpipe.estimators.ratios import LogWeights, log_probs, self_normalized
from pgpipe.rollout import policy_for

FORMS = [form for form in part_names("importance") if form != "marginal"]
WEIGHTED = [form for form in FORMS if form != "none"]
CLIPPED = ("clipped", "v_trace")
UNBIASED = ("trajectory", "per_decision")
COMPOSITIONS = [
    estimator_spec(s, b, importance=i, self_normalize=n)
    for s, b, i, n in product(CREDITS, UNGROUPED, WEIGHTED, (False, True))
    if not (s == "total_return" and i in ("per_decision", "v_trace"))
    and not (n and i in CLIPPED)
    and not (i == "clipped" and "optimal" in b)
]
CASES = {"line": LINE, "grid": GRID, "cartpole": CARTPOLE}


def off_policy_case(environment, n=6, apart=0.1):
    """A policy, one near it, a batch of the first and the ratios of the second."""
    policy, theta = policy_for(environment), some_theta(environment)[0]
    noise = torch.as_tensor(np.random.default_rng(3).standard_normal(len(theta)), dtype=theta.dtype)
    target = theta + apart * noise / (1 if environment["name"] == "grid" else 3)
    batch = sample(environment, theta[None], n).split()[0]
    ratios = {"log_ratios": log_probs(policy, target, batch) - log_probs(policy, theta, batch)}
    return policy, theta, target, batch, ratios


@pytest.mark.parametrize("name", sorted(CASES))
def test_at_the_same_policy_every_weight_is_one(name):
    """Whatever is composed, the estimate is the on-policy one; E26's to the last bit (E27)."""
    environment = CASES[name]
    policy, theta, _, batch, _ = off_policy_case(environment)
    ratios = {"log_ratios": log_probs(policy, theta, batch) - log_probs(policy, theta, batch)}
    for spec in COMPOSITIONS:
        estimator = Estimator.from_spec(spec, environment["gamma"])
        weighted = scores.estimate(policy, theta, batch, estimator, ratios)
        torch.testing.assert_close(
            weighted, scores.estimate(policy, theta, batch, estimator), rtol=1e-4, atol=1e-5
        )
    plain = Estimator.from_spec(estimator_spec("total_return", importance="trajectory"), 0.9)
    assert torch.equal(
        scores.estimate(policy, theta, batch, plain, ratios), scores.estimate(policy, theta, batch, plain)
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", sorted(CASES))
def test_weights_are_constants_to_the_gradient(name, form):
    """θ' stands in the weights too: by automatic differentiation, with the weights stopped."""
    environment = CASES[name]
    policy, theta, target, batch, ratios = off_policy_case(environment)
    spec = estimator_spec("reward_to_go", "mean", importance=form)
    estimator = Estimator.from_spec(spec, environment["gamma"])
    ours = scores.estimate(policy, target, batch, estimator, ratios)
    defined = pseudo_loss.off_policy_gradient(policy, target, theta, batch, estimator)
    torch.testing.assert_close(ours, defined, rtol=1e-4, atol=1e-5)
    assert not defined.requires_grad


def all_off_policy_batches(name):
    """Every batch of a problem, its probability under θ, the oracle, θ' and each batch's ratios."""
    oracle, environment, behaviour, n = PROBLEMS[name]
    behaviour = np.array(behaviour)
    target = torch.from_numpy(behaviour + np.array([0.3, -0.4]))
    batches, probabilities = all_batches(name, oracle.outcomes(behaviour, environment), behaviour, n)
    each, policy = batches.split(), policy_for(environment)
    old = torch.from_numpy(behaviour)
    ratios = [{"log_ratios": log_probs(policy, target, b) - log_probs(policy, old, b)} for b in each]
    return oracle, environment, policy, target, each, ratios, torch.from_numpy(probabilities)


def expectation(case, spec):
    """E ĝ over all batches, without sampling."""
    _, environment, policy, target, each, ratios, probabilities = case
    estimator = Estimator.from_spec(spec, environment["gamma"])
    rows = [scores.estimate(policy, target, b, estimator, r) for b, r in zip(each, ratios, strict=True)]
    return (probabilities @ torch.stack(rows)).numpy()


@pytest.mark.parametrize("name", ["coin", "chain"])
def test_the_mean_over_all_batches_is_the_exact_gradient_of_the_target(name):
    """Trajectory and per-decision weights, with every baseline that leaves the own trajectory out: to rounding."""
    case = all_off_policy_batches(name)
    oracle, environment, target = case[0], case[1], case[3]
    gradient = oracle.exact(target.numpy(), environment)[1]
    checked = 0
    for signal, baseline, form in product(("total_return", "reward_to_go"), LEAVE_ONE_OUT, UNBIASED):
        if (signal, form) != ("total_return", "per_decision"):
            spec = estimator_spec(signal, baseline, importance=form)
            np.testing.assert_allclose(expectation(case, spec), gradient, atol=1e-9, err_msg=str(spec))
            checked += 1
    for form in UNBIASED:  # at λ = 1 the fitted values cancel, on average
        spec = estimator_spec("gae", "value", gae_lambda=1.0, importance=form)
        np.testing.assert_allclose(expectation(case, spec), gradient, atol=1e-9)
    assert checked == 15


@pytest.mark.parametrize("form", ["none", "no_future", "first_order"])
def test_what_leaves_weights_out_is_biased(form):
    case = all_off_policy_batches("chain")
    gradient = case[0].exact(case[3].numpy(), case[1])[1]
    spec = estimator_spec("reward_to_go", importance=form)
    assert np.abs(expectation(case, spec) - gradient).max() > 0.01


@pytest.mark.parametrize("form", sorted(set(WEIGHTED) - set(CLIPPED)))
def test_a_constant_baseline_costs_no_bias_under_any_weights(form):
    """E[w_t ∇log π'] = 0: the mean of the others changes nothing of the expectation. Without weights it does."""
    case = all_off_policy_batches("coin")
    bare, mean = (expectation(case, estimator_spec(baseline=b, importance=form)) for b in ("none", "mean"))
    np.testing.assert_allclose(mean, bare, atol=1e-9)
    unweighted = [expectation(case, estimator_spec(baseline=b)) for b in ("none", "mean")]
    assert np.abs(unweighted[1] - unweighted[0]).max() > 1e-3


def there_and_back(T=200):
    """Ratios whose product leaves double precision on the way and comes back to one."""
    away = torch.full((1, T // 2), -10.0, dtype=torch.float64)
    return torch.cat([away, -away], 1)


def test_a_product_that_leaves_double_precision_comes_back():
    assert trajectory.trajectory(there_and_back()).on_score.exp().item() == 1.0
    for form in (per_decision.per_decision, no_future.no_future):
        assert form(there_and_back()).on_score[0, -1].exp().item() == 1.0


def test_self_normalised_weights_have_mean_one_at_any_size():
    """Of logarithms in the thousands, where no weight could be written down."""
    log_ratios = 400 * torch.as_tensor(np.random.default_rng(0).standard_normal((5, 30)))
    forms = (trajectory.trajectory, per_decision.per_decision, no_future.no_future, first_order.first_order)
    for form in forms:
        weights = self_normalized(form(log_ratios)).on_score.exp()
        assert torch.isfinite(weights).all()
        torch.testing.assert_close(weights.mean(0), torch.ones_like(weights[0]))


def test_per_decision_ratios_between_score_and_reward_are_those_of_the_normalised_weights():
    """From the score's weight at t to that at t', also once both are divided by their means."""
    log_ratios = torch.as_tensor(np.random.default_rng(1).standard_normal((4, 6)))
    score, future = self_normalized(per_decision.per_decision(log_ratios))
    assert future is not None
    torch.testing.assert_close(score[:, 1:] - score[:, :-1], future[:, 1:])


def test_causal_weights_by_hand():
    """Three steps, ratios 2, 3 and 5: what stands before the score, and before each reward after it."""
    log_ratios = torch.tensor([[2.0, 3.0, 5.0]], dtype=torch.float64).log()
    batch = sample(LINE, some_theta(LINE), 1).split()[0]
    rewards = torch.tensor([[1.0, 10.0, 100.0]], dtype=torch.float64)
    batch = replace(batch, rewards=rewards, mask=torch.ones(1, 3, dtype=torch.bool))
    expected = {
        "none": [111, 110, 100],
        "trajectory": [30 * 111, 30 * 110, 30 * 100],
        "per_decision": [2 * (1 + 3 * 10 + 15 * 100), 6 * (10 + 5 * 100), 30 * 100],
        "no_future": [2 * 111, 6 * 110, 30 * 100],
        "first_order": [2 * 111, 3 * 110, 5 * 100],
    }
    for form, weights in expected.items():
        estimator = Estimator.from_spec(estimator_spec("reward_to_go", importance=form), 1.0)
        found = estimator.weighted_advantages(batch, {"log_ratios": log_ratios})
        torch.testing.assert_close(found, torch.tensor([weights], dtype=torch.float64))


@pytest.mark.parametrize("form", WEIGHTED)
def test_padding_says_nothing_of_weights(form):
    """More padding, with garbage in it, changes no estimate, whatever the lengths of the episodes."""
    policy, theta, target, batch, _ = off_policy_case(CARTPOLE)
    longer = replace(
        batch,
        obs=torch.cat([batch.obs, batch.obs + 3], 1),
        actions=torch.cat([batch.actions, batch.actions], 1),
        rewards=torch.cat([batch.rewards, 0 * batch.rewards], 1),
        mask=torch.cat([batch.mask, torch.zeros_like(batch.mask)], 1),
    )
    spec = estimator_spec("reward_to_go", "mean", importance=form, self_normalize=form not in CLIPPED)
    estimator = Estimator.from_spec(spec, 0.9)
    both = []
    for padded in (batch, longer):
        ratios = {"log_ratios": log_probs(policy, target, padded) - log_probs(policy, theta, padded)}
        both.append(scores.estimate(policy, target, padded, estimator, ratios))
    torch.testing.assert_close(*both, rtol=1e-4, atol=1e-6)


def test_a_form_is_a_pair_of_logarithms():
    for form in (
        per_decision.per_decision,
        no_future.no_future,
        first_order.first_order,
        trajectory.trajectory,
    ):
        assert isinstance(form(torch.zeros(2, 3)), LogWeights)
