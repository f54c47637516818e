"""Policies of torch modules and functions, and of several choices at once, keep the laws of the others."""

from typing import Any

import numpy as np
import own_envs  # noqa: F401  registers them
import pytest
import torch
from laws.test_estimators import (  # noqa: F401  the same laws, on the environments below
    test_trajectory_gradients_are_those_of_one_trajectory_after_the_other,
)
from laws.test_natural import (  # noqa: F401
    SOLVER,
    in_double,
    kls_of_a_step,
    test_kl_is_the_mean_of_the_log_ratios,
    test_many_vectors_at_once_are_each_by_itself,
)
from laws.test_recordings import (  # noqa: F401
    close,
    test_a_batch_of_steps_is_the_agents_own,
    test_a_recording_gives_the_gradient_of_its_trajectories,
    test_dropping_rows_changes_nothing,
)
from laws.test_seeds import (  # noqa: F401
    test_rollouts_do_not_depend_on_which_agents_run_beside,
    test_training_does_not_depend_on_the_block,
)
from samples import CARTPOLE, LINE, estimator_spec, recipe, sample, some_theta
from torch.distributions import Categorical

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.pseudo_loss import differentiated
from pgpipe.estimators.scores import batch_gradient, estimate, trajectory_estimates
from pgpipe.lecture.common.maximum_likelihood import likelihood_gradient
from pgpipe.lecture.off_policy.by_hand import action_log_prob
from pgpipe.lecture.off_policy.problem import Problem
from pgpipe.natural.fisher import Fisher, dense_fisher, fisher_product, score_variances
from pgpipe.oracles.line import exact
from pgpipe.policies.distributions import family_of, numbers_of
from pgpipe.policies.policy import summed
from pgpipe.policies.spec import PolicySpec, TorchSpec
from pgpipe.rollout import parameter_names, policy_for
from pgpipe.training.loop import train

CHOICES: PolicySpec = {"kind": "categorical_mlp", "hidden": [4]}
GAUSSIAN: PolicySpec = {"kind": "gaussian_mlp", "hidden": [4], "sigma": 0.8}


def own(name: str, **kwargs: Any) -> TorchSpec:
    return {"kind": "torch", "module": f"own_nets:{name}", "kwargs": kwargs}


def mirror(seen: str, acted: str, policy: PolicySpec) -> EnvironmentSpec:
    return {
        "name": f"{seen}_{acted}_{policy['kind']}",
        "id": "Own/Mirror-v0",
        "kwargs": {"seen": seen, "acted": acted},
        "max_episode_steps": None,
        "gamma": 0.9,
        "policy": policy,
    }


WALKS: EnvironmentSpec = {**LINE, "policy": own("walks") | {"initial": [-0.4, 0.7]}}
OWN: dict[str, EnvironmentSpec] = {
    "chooses": CARTPOLE | {"policy": own("Chooses", width=6), "max_episode_steps": 20},
    "spreads": mirror("dict", "matrix", own("Spreads")),
    "correlates": mirror("box", "box", own("Correlates")),
    "switches": mirror("tuple", "multi_binary", own("Switches")),
    "heads": mirror("box", "multi_discrete", own("Heads")),
    "walks": WALKS,
    "choices": mirror("dict", "multi_discrete", CHOICES),
    "binary": mirror("tuple", "binary_matrix", CHOICES),
    "matrix": mirror("box", "matrix", GAUSSIAN),
}


@pytest.fixture(params=sorted(OWN))
def environment(request):
    return OWN[request.param]


def test_log_probabilities_are_those_of_torch_and_so_are_their_gradients(environment):
    """Its own densities and losses: for a step (off-policy), for a batch (maximum likelihood, E36)."""
    policy, theta = policy_for(environment), some_theta(environment)[0]
    (batch,) = sample(environment, theta[None], 4).split()
    obs, actions = batch.obs[batch.mask], batch.actions[batch.mask]
    problem = Problem(environment, policy, theta, 0, None, None)
    by_torch = torch.func.vmap(lambda s, a: action_log_prob(problem, theta, s, a))(obs, actions)
    torch.testing.assert_close(policy.log_prob(theta, obs, actions), by_torch)
    ones = batch.mask.to(batch.rewards.dtype)
    close(batch_gradient(policy, theta, batch, ones), likelihood_gradient(policy, theta, batch))


@pytest.mark.parametrize("baseline", ["none", "mean", "optimal"])
def test_the_gradient_is_that_of_the_pseudo_loss(environment, baseline):
    """Scores against autograd."""
    theta, policy = some_theta(environment)[0], policy_for(environment)
    (batch,) = sample(environment, theta[None], 6).split()
    estimator = Estimator.from_spec(estimator_spec("reward_to_go", baseline), environment["gamma"])
    close(estimate(policy, theta, batch, estimator), differentiated(policy, theta, batch, estimator))


def test_three_ways_to_a_fisher_product(environment):
    """From the tape, by automatic differentiation of the KL divergence, and by E40 from all scores."""
    policy, theta, obs, v = in_double(environment)
    by_tape = torch.from_numpy(Fisher(policy, theta, obs)(v.numpy()))
    torch.testing.assert_close(by_tape, fisher_product(policy, theta, obs)(v), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(by_tape, dense_fisher(policy, theta, obs) @ v, rtol=1e-9, atol=1e-9)
    diagonal = score_variances(policy, theta, obs).mean(0)
    torch.testing.assert_close(diagonal, dense_fisher(policy, theta, obs).diagonal(), rtol=1e-9, atol=1e-12)


def test_the_mean_of_a_score_is_zero_and_its_square_the_fisher_matrix(environment):
    """By many draws in one state, along one direction: E[vᵀ∇log π] = 0, E[(vᵀ∇log π)²] = vᵀFv."""
    policy, theta, obs, v = in_double(environment)
    v /= v.norm()
    one = obs[:1].expand(20_000, -1).contiguous()
    actions = policy.act(theta, one, torch.from_numpy(policy.noise(np.random.default_rng(1), (len(one),))))
    rows = torch.func.vmap(
        torch.func.grad(lambda t, s, a: policy.log_prob(t, s[None], a[None])[0]), (None, 0, 0)
    )
    scores = rows(theta, one, actions) @ v
    assert abs(float(scores.mean())) < 4 * float(scores.std()) / len(one) ** 0.5
    curvature = float(v @ torch.from_numpy(Fisher(policy, theta, obs[:1])(v.numpy())))
    error = float((scores**2).std()) / len(one) ** 0.5
    assert float((scores**2).mean()) == pytest.approx(curvature, abs=4 * error)


def test_actions_are_as_frequent_as_their_probability(environment):
    """Choices: each within 4 standard errors; real numbers: mean and spread of log π as its entropy says."""
    policy, theta, obs, _ = in_double(environment)
    n = 20_000
    one = obs[:1].expand(n, -1).contiguous()
    actions = policy.act(theta, one, torch.from_numpy(policy.noise(np.random.default_rng(2), (n,))))
    log_probs = policy.log_prob(theta, one, actions)
    error = float(log_probs.std()) / n**0.5
    assert -float(log_probs.mean()) == pytest.approx(float(policy.entropy(theta, obs[:1])), abs=4 * error)
    if not actions.is_floating_point():
        kinds, counts = actions.unique(dim=0, return_counts=True)
        p = policy.log_prob(theta, obs[:1].expand(len(kinds), -1), kinds).exp()
        assert ((counts - n * p).abs() < 4.5 * (n * p * (1 - p)).sqrt() + 1).all()
        assert float(p.sum()) == pytest.approx(1, abs=1e-3)


def test_an_agents_actions_have_the_same_bits_whoever_acts_beside(environment):
    """Whatever the number of agents; several agents at once are each by itself (A, P)."""
    theta, policy = some_theta(environment, 3), policy_for(environment)
    rng = np.random.default_rng(0)
    D = sample(environment, theta[:1], 1).obs.shape[-1]
    obs = torch.as_tensor(rng.normal(size=(3, 7, D)), dtype=policy.dtype)
    noise = torch.as_tensor(policy.noise(rng, (3, 7)), dtype=policy.dtype)
    actions = policy.act(theta, obs, noise)
    log_prob = policy.log_prob(theta, obs, actions)
    for agent in range(3):
        own = slice(agent, agent + 1)
        assert torch.equal(policy.act(theta[own], obs[own], noise[own]), actions[own])
        torch.testing.assert_close(policy.log_prob(theta[agent], obs[agent], actions[agent]), log_prob[agent])


def test_noise_does_not_depend_on_how_much_is_drawn_at_a_time(environment):
    policy = policy_for(environment)
    together = policy.noise(np.random.default_rng(0), (6, 5))
    rng = np.random.default_rng(0)
    assert (np.concatenate([policy.noise(rng, (n, 5)) for n in (1, 2, 3)]) == together).all()


def test_only_an_agents_own_rows_are_computed():
    """The last bits of a product may depend on how many rows it has, so those that are over are left alone."""
    theta, policy = some_theta(OWN["chooses"], 3), policy_for(OWN["chooses"])
    tape = policy.tape((3, 5), policy.numpy_dtype)
    tape[0][...] = np.random.default_rng(0).normal(size=tape[0].shape)
    policy.forward(policy.unflatten(theta.numpy()), tape, np.array([2, 0, 5]))
    assert (tape[-1] != 0).any(-1).sum(-1).tolist() == [2, 0, 5]


def test_curvature_is_weighted_step_by_step(environment):
    """Σ w_s F_s v is the sum of the states' own products."""
    policy, theta, obs, v = in_double(environment)
    pieces, w = policy.unflatten(theta.numpy()), np.linspace(0.5, 2, len(obs))
    weighted = summed(policy.curvature(pieces, policy.recorded(pieces, obs.numpy()), v.numpy(), w))
    alone = [Fisher(policy, theta, state)(v.numpy()) for state in obs[:, None]]
    np.testing.assert_allclose(weighted, w @ np.stack(alone), rtol=1e-9, atol=1e-12)


def test_a_function_of_the_line_has_the_built_in_policys_rollouts_and_gradient():
    """The same density by somebody's hand: trajectories and estimates are those of `linear_gaussian`."""
    theta = torch.tensor([[-0.3, 0.5]], dtype=torch.float64)
    ours, theirs = sample(WALKS, theta, 50), sample(LINE, theta, 50)
    torch.testing.assert_close(ours.actions, theirs.actions)
    estimator = Estimator.from_spec(estimator_spec(), 0.9)
    found = [
        estimate(policy_for(e), theta[0], batch.split()[0], estimator)
        for e, batch in ((WALKS, ours), (LINE, theirs))
    ]
    torch.testing.assert_close(*found)


def test_the_estimate_of_a_module_is_the_exact_gradient():
    """On the line, where a function of (k, σ) has the oracle's: 4 standard errors of 2,000 trajectories."""
    theta, policy = torch.tensor([-0.3, 0.5], dtype=torch.float64), policy_for(WALKS)
    estimator = Estimator.from_spec(estimator_spec("reward_to_go", "mean"), 0.9)
    (batch,) = sample(WALKS, theta[None], 2_000).split()
    rows = trajectory_estimates(policy, theta, batch, estimator)
    _, gradient = exact(theta.numpy(), LINE)
    assert (np.abs(rows.mean(0).numpy() - gradient) < 4 * rows.std(0).numpy() / 2_000**0.5).all()


def test_a_module_starts_from_its_own_draw_and_leaves_the_global_generator():
    """The same start for the same stream, another for another, and nobody else's draws change."""
    policy, before = policy_for(OWN["chooses"]), torch.get_rng_state()
    starts = [policy.initial(np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert torch.equal(starts[0], starts[1])
    assert not torch.equal(starts[0], starts[2])
    assert torch.equal(before, torch.get_rng_state())


def test_parameters_have_the_modules_names():
    assert parameter_names(OWN["switches"])[::30] == ("head.weight 0", "head.bias 0")
    assert parameter_names(WALKS) == ("0", "1")


@pytest.mark.parametrize("name", ["chooses", "walks", "spreads", "choices"])
def test_it_learns(name):
    """The return of the last batches is above the first ones', in every seed; `choices` sees a Dict."""
    spec = recipe(OWN[name], updates=12, episodes=12, learning_rate=0.05)
    returns = torch.stack([progress.mean_return for progress in train(spec, [0, 1])])
    assert (returns[-3:].mean(0) > returns[:3].mean(0)).all(), returns


def test_a_natural_step_keeps_its_bound():
    natural = estimator_spec("reward_to_go", "mean", direction="natural")
    spec = recipe(OWN["spreads"], estimator=natural, optimizer="sgd", learning_rate=1.0, kl=1e-4, episodes=6)
    moved = kls_of_a_step(spec | {"conjugate_gradient": SOLVER})
    assert all(0.9e-4 < kl <= 1e-4 for kl in moved), moved


def test_an_action_of_no_axes_is_one_number_to_the_policy():
    """What the environment asserts is that it gets its own shape."""
    environment = mirror("box", "number", GAUSSIAN)
    batch = sample(environment, some_theta(environment), 4)
    assert batch.actions.shape == (*batch.rewards.shape, 1)


def test_what_is_masked_out_is_never_chosen():
    """A logit of -∞ leaves entropy and gradients numbers."""
    given = Categorical(logits=torch.tensor([[0.0, -torch.inf, 1.0]] * 3))
    family, y = family_of(given, 3), numbers_of(given)
    torch.testing.assert_close(family.entropy(y), Categorical(probs=given.probs[:, ::2]).entropy())
    slope = family.slope(y, torch.tensor([[0], [2], [2]]), torch.ones(3), torch.ones(3))
    assert slope.isfinite().all()
    assert (family.sample(y.numpy(), np.linspace(0, 0.999, 3)[:, None]) != 1).all()
    assert family.kl(y, y).tolist() == [0, 0, 0]
