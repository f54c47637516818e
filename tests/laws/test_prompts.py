"""The prompts: what is listed is what happens, and what the oracle says of it."""

import numpy as np
import pytest
import torch
from samples import PROMPTS, recipe, sample

from pgpipe.envs.prompts import PromptsVectorEnv
from pgpipe.envs.spec import EnvironmentSpec, alone
from pgpipe.oracles import prompts
from pgpipe.rollout import policy_for
from pgpipe.training.loop import train

CASES: dict[str, EnvironmentSpec] = {
    "small": PROMPTS,
    "discounted": PROMPTS | {"kwargs": {"targets": [1, 2, 4], "vocabulary": 1, "limit": 4}, "gamma": 0.7},
    "partial": PROMPTS
    | {"kwargs": {"targets": [2, 3, 5, 6], "vocabulary": 2, "limit": 3, "partial": True}, "gamma": 0.9},
}


def theta_of(environment):
    n = policy_for(environment).n_parameters
    return 0.7 * np.sin(1.3 * np.arange(n))


@pytest.fixture(params=sorted(CASES))
def case(request):
    """An environment, parameters, and its outcomes there."""
    environment = CASES[request.param]
    theta = theta_of(environment)
    return environment, theta, prompts.outcomes(theta, environment)


def test_the_responses_are_all_there_are(case):
    environment, _, outcomes = case
    env = PromptsVectorEnv(**environment["kwargs"])
    V, L = env.vocabulary, env.horizon
    assert len(outcomes.rewards) == env.prompts * sum(V**length for length in range(L + 1))
    assert outcomes.probabilities.sum() == pytest.approx(1)


def test_objective_and_gradient_are_those_of_all_responses(case):
    environment, theta, outcomes = case
    returns = outcomes.rewards @ environment["gamma"] ** np.arange(outcomes.rewards.shape[1])
    J, gradient = prompts.exact(theta, environment)
    assert outcomes.mean(returns) == pytest.approx(J)
    np.testing.assert_allclose(outcomes.mean(outcomes.scores.sum(1) * returns[:, None]), gradient, atol=1e-12)


def test_the_gradient_is_the_slope_of_the_objective(case):
    environment, theta, _ = case
    steps = 1e-6 * np.eye(len(theta))
    slopes = [
        (prompts.exact(theta + h, environment)[0] - prompts.exact(theta - h, environment)[0]) / 2e-6
        for h in steps
    ]
    np.testing.assert_allclose(prompts.exact(theta, environment)[1], slopes, atol=1e-8)


def test_values_are_the_mean_of_what_follows(case):
    environment, theta, outcomes = case
    values = prompts.values(theta, environment, outcomes.obs)
    to_go = np.zeros(len(outcomes.rewards))
    for t in reversed(range(outcomes.rewards.shape[1])):
        to_go = outcomes.rewards[:, t] + environment["gamma"] * to_go
        gap = (to_go - values[:, t]) * outcomes.mask[:, t]
        by_state = outcomes.mean(gap[:, None] * outcomes.obs[:, t])
        np.testing.assert_allclose(by_state, 0, atol=1e-12)


def test_rollouts_are_the_listed_responses_as_often_as_it_says(case):
    """6,000 episodes: each response within 5 standard errors of its probability, with its reward."""
    environment, theta, outcomes = case
    batch = sample(alone(environment), torch.from_numpy(theta)[None], 6_000).split()[0]

    def key(obs, rewards, mask):
        return tuple(obs.argmax(-1).tolist()), tuple(rewards.tolist()), int(mask.sum())

    names = [
        key(o[:-1] * m[:, None], r, m)
        for o, r, m in zip(outcomes.obs, outcomes.rewards, outcomes.mask, strict=True)
    ]
    ends = [
        (*name, int(o[m.sum()].argmax()))
        for name, o, m in zip(names, outcomes.obs, outcomes.mask, strict=True)
    ]
    counts = dict.fromkeys(ends, 0)
    for o, r, m, last in zip(batch.obs, batch.rewards, batch.mask, batch.final_obs, strict=True):
        T = outcomes.mask.shape[1] - len(m)
        o, r = torch.nn.functional.pad(o, (0, 0, 0, T)), torch.nn.functional.pad(r, (0, T))
        counts[(*key(o, r, m), int(last.argmax()))] += 1  # a response that is not listed has no entry
    merged: dict[tuple[object, ...], float] = {}
    for name, p in zip(ends, outcomes.probabilities, strict=True):
        merged[name] = merged.get(name, 0.0) + p
    for name, p in merged.items():
        assert abs(counts[name] - 6_000 * p) < 5 * (6_000 * p * (1 - p)) ** 0.5 + 1


def test_who_writes_at_random_is_right_as_often_as_the_docstring_says():
    """2: stop after 2, or after 1 1, which the limit alone does not end; 5 and 6 fill all three steps."""
    environment = PROMPTS | {"kwargs": {}}
    found = prompts.success(np.zeros(policy_for(environment).n_parameters), environment)
    np.testing.assert_allclose(found, np.array([4, 3, 1]) / 27)


def test_a_network_learns_a_larger_one():
    """From one response in twenty-five right to four in five, in 60 updates of 64 responses."""
    environment: EnvironmentSpec = {
        **PROMPTS,
        "kwargs": {"targets": [3, 5, 8], "vocabulary": 3, "limit": 5},
        "policy": {"kind": "categorical_mlp", "hidden": [32]},
        "group": 8,
    }
    spec = recipe(environment, episodes=64, updates=60, learning_rate=0.02)
    *_, last = (progress.mean_return for progress in train(spec, [0, 1]))
    assert (last > 0.8).all()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"limit": 0}, "vocabulary and limit must be whole numbers of at least 1, got vocabulary=2, limit=0"),
        ({"targets": [2, 7]}, "targets: found [2, 7]; allowed: whole numbers from 1 to 6, limit × vocabulary"),
    ],
)  # fmt: skip
def test_impossible_arguments_are_refused(kwargs, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011  the whole message is compared
        PromptsVectorEnv(**kwargs)
    assert str(error.value) == message
