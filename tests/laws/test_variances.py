"""Measured variances agree with the exact ones, for every estimator that has one, at settings of their own."""

from collections.abc import Iterator
from types import ModuleType
from typing import Literal

import numpy as np
import pytest
import torch
from samples import COIN, CREDITS, LINE, UNGROUPED, estimator_spec, sample

from pgpipe.envs.spec import EnvironmentSpec, LinearEnvironmentSpec
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.lecture.gradients.estimates import GroupSpec, estimate_batches
from pgpipe.oracles import bandit, chain, coin, line
from pgpipe.oracles.variances import exact_variance

R, N = 250, 24


def chain_with(horizon: int, gamma: float) -> EnvironmentSpec:
    return {
        "name": "chain",
        "id": "pgpipe/Chain-v0",
        "kwargs": {"horizon": horizon},
        "max_episode_steps": None,
        "gamma": gamma,
        "policy": {"kind": "softmax_table", "logits": None},
    }


def bandit_with(target: float) -> LinearEnvironmentSpec:
    return {
        "name": "bandit",
        "id": "pgpipe/Bandit-v0",
        "kwargs": {"target": target},
        "max_episode_steps": None,
        "gamma": 1.0,
        "policy": {"kind": "linear_gaussian", "k": 0.0, "sigma": 1.0, "parameterization": "sigma"},
    }


def line_with(horizon: int, start_std: float, noise_std: float, gamma: float) -> LinearEnvironmentSpec:
    kwargs = {"horizon": horizon, "start_std": start_std, "noise_std": noise_std}
    return LINE | {"kwargs": kwargs, "gamma": gamma}


CASES: dict[str, tuple[ModuleType, EnvironmentSpec, list[float]]] = {
    "bandit": (bandit, bandit_with(1.5), [2.3, 0.8]),
    "bandit at its target": (bandit, bandit_with(-1.0), [-1.0, 1.7]),
    "coin": (coin, COIN, [0.0, 0.9]),
    "discounted coin": (coin, COIN | {"gamma": 0.6}, [0.3, -0.8]),
    "chain": (chain, chain_with(20, 1.0), [0.1, 0.5]),
    "discounted chain": (chain, chain_with(12, 0.8), [0.0, 1.1]),
    "line, two steps": (line, line_with(2, 0.7, 0.4, 0.9), [-0.4, 0.7]),
    "line, three steps": (line, line_with(3, 1.2, 0.0, 0.8), [-0.9, 0.5]),
    "line, one step": (line, line_with(1, 0.5, 0.2, 1.0), [0.2, 1.1]),
}


def config_line(
    signal: str, baseline: str, value: Literal["critic", "exact"] = "critic", gae_lambda: float = 0.7
) -> EstimatorSpec:
    return estimator_spec(signal, baseline, value=value, gae_lambda=gae_lambda)


def parts() -> Iterator[tuple[str, EstimatorSpec]]:
    """Every composition of a signal, a baseline and a value function, by its words."""
    for signal in CREDITS:
        for baseline in UNGROUPED:
            for value in ("critic", "exact"):
                asks = signal in ("td", "gae") or baseline == "value"
                if value == "critic" or asks:
                    yield f"{signal} {baseline} {value}", config_line(signal, baseline, value)


def formula(outcomes, spec, gamma, n, values, group=1):
    """The exact variance of what has one."""
    found = exact_variance(outcomes, spec, gamma, n, values, group)
    assert found is not None
    return found


def known(oracle, environment, theta, n):
    """{words: (config line, N Var ĝ)} of every estimator whose variance is known."""
    outcomes = oracle.outcomes(theta, environment)
    values = oracle.values(theta, environment, outcomes.obs)
    found = {
        words: (spec, exact_variance(outcomes, spec, environment["gamma"], n, values))
        for words, spec in parts()
    }
    return {words: pair for words, pair in found.items() if pair[1] is not None}


@pytest.mark.parametrize("name", sorted(CASES))
def test_measured_variance_is_the_exact_one(name):
    """Within 5 of its own standard errors, from the estimates' fourth moment; the optimal one apart."""
    oracle, environment, theta = CASES[name]
    theta = np.array(theta)
    exact = {
        words: pair for words, pair in known(oracle, environment, theta, N).items() if "optimal" not in words
    }
    assert len(exact) >= 20
    copies = torch.tensor(theta).expand(R, -1)
    spec: GroupSpec = {
        "environment": environment,
        "group": {words: line for words, (line, _) in exact.items()},
        "module": oracle.__name__,
    }
    measured = estimate_batches(spec, copies[0], sample(environment, copies, N))
    for words, (line_spec, variance) in exact.items():
        estimates = measured[words].numpy()
        squares = (estimates - estimates.mean(0)) ** 2
        error = squares.std(0) / R**0.5
        # a fitted baseline is known up to O(1/N²), a ratio of lengths and a critic more roughly than a mean
        rough = 0.15 if line_spec["value"] == "critic" and ("critic" in words) else 0.05
        off = np.abs(squares.mean(0) - variance / N)
        assert (off <= 5 * error + rough * variance / N).all(), (words, N * squares.mean(0), variance)


@pytest.mark.parametrize("name", ["coin", "chain", "line, two steps"])
def test_optimal_constant_reaches_its_variance_in_large_batches(name):
    """A ratio of heavy-tailed sums: known to O(1/N²) only, so at N = 1,024."""
    oracle, environment, theta = CASES[name]
    lines = {signal: config_line(signal, "optimal") for signal in ("total_return", "reward_to_go")}
    copies = torch.tensor(theta, dtype=torch.float64).expand(150, -1)
    spec: GroupSpec = {"environment": environment, "group": lines, "module": None}
    measured = estimate_batches(spec, copies[0], sample(environment, copies, 1_024))
    exact = known(oracle, environment, np.array(theta), 1_024)
    for signal in lines:
        estimates = measured[signal].numpy()
        squares = (estimates - estimates.mean(0)) ** 2
        error = squares.std(0) / len(estimates) ** 0.5
        variance = exact[f"{signal} optimal critic"][1]
        assert (np.abs(squares.mean(0) - variance / 1_024) < 5 * error).all()


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_mean_over_all_outcomes_is_the_exact_gradient(name):
    oracle, environment, theta = CASES[name]
    outcomes = oracle.outcomes(np.array(theta), environment)
    discounts = environment["gamma"] ** np.arange(outcomes.rewards.shape[1])
    rows = outcomes.scores.sum(1) * (outcomes.rewards @ discounts)[:, None]
    np.testing.assert_allclose(outcomes.mean(rows), oracle.exact(np.array(theta), environment)[1], atol=1e-9)
    assert outcomes.probabilities.sum() == pytest.approx(1)


@pytest.mark.parametrize(("d", "sigma"), [(1.0, 1.0), (-0.7, 1.9)])
def test_bandit_closed_forms(d, sigma):
    exact = known(bandit, bandit_with(0.5), np.array([0.5 + d, sigma]), 4)
    np.testing.assert_allclose(exact["total_return none critic"][1], bandit.variance(d, sigma))
    np.testing.assert_allclose(exact["total_return mean critic"][1], bandit.variance_with_mean(d, sigma, 4))
    limit = known(bandit, bandit_with(0.5), np.array([0.5 + d, sigma]), 10**9)
    best = [8 * d**2 + 6 * sigma**2, 40 * d**2 + 24 * sigma**2]
    np.testing.assert_allclose(limit["total_return optimal critic"][1], best, rtol=1e-6)


@pytest.mark.parametrize("p", [0.3, 0.7])
def test_chain_closed_forms(p):
    """By p, far from the horizon; by the logit of going on they carry (p (1-p))²."""
    exact = known(chain, chain_with(150, 1.0), np.array([0.0, np.log(p / (1 - p))]), 4)
    by_logit = (p * (1 - p)) ** 2
    forms = {
        "total_return none critic": chain.variance_total_return(p),
        "reward_to_go none critic": chain.variance_reward_to_go(p),
        "reward_to_go value exact": (1 + p) / (p * (1 - p) ** 4),
        "td value exact": 1 / (p * (1 - p) ** 2),
    }
    for words, form in forms.items():
        assert exact[words][1][1] == pytest.approx(form * by_logit)


def test_coin_closed_forms():
    """π = ½: 3/16 and 7/16, with the mean subtracted 1/16 and 5/16."""
    exact = known(coin, COIN, np.zeros(2), 10**9)
    assert exact["total_return none critic"][1][1] == pytest.approx(3 / 16)
    assert exact["reward_to_go none critic"][1][1] == pytest.approx(7 / 16)
    assert exact["total_return mean critic"][1][1] == pytest.approx(1 / 16)
    assert exact["reward_to_go value exact"][1][1] == pytest.approx(5 / 16)


@pytest.mark.parametrize("name", sorted(CASES))
def test_values_are_the_mean_of_what_follows(name):
    """V_t(s_t) along all outcomes: discounted rewards still to come average out to it, step by step."""
    oracle, environment, theta = CASES[name]
    outcomes = oracle.outcomes(np.array(theta), environment)
    values = oracle.values(np.array(theta), environment, outcomes.obs)
    to_go = np.zeros(len(outcomes.rewards))
    for t in reversed(range(outcomes.rewards.shape[1])):
        to_go = outcomes.rewards[:, t] + environment["gamma"] * to_go
        alive = outcomes.mask[:, t]
        gap = (to_go - values[:, t]) * alive
        assert outcomes.mean(gap) == pytest.approx(0, abs=1e-9)
        if outcomes.obs.std() > 0 and name.startswith("line"):  # the state says more than the step
            assert outcomes.mean(gap * outcomes.obs[:, t, 0] ** 2) == pytest.approx(0, abs=1e-9)


def test_fisher_of_the_line_is_the_mean_square_of_the_scores():
    environment, theta = line_with(3, 1.2, 0.0, 0.8), np.array([-0.9, 0.5])
    outcomes = line.outcomes(theta, environment)
    assert outcomes is not None
    products = np.einsum("mtp,mtq->mpq", outcomes.scores, outcomes.scores) / outcomes.rewards.shape[1]
    np.testing.assert_allclose(outcomes.mean(products), line.fisher(theta, environment), atol=1e-9)
