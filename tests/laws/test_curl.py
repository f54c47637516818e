"""Without γᵗ in front of the score the expected estimate is no gradient: its field has a curl.  Nota & Thomas 2020."""

import pytest
import torch
from samples import LINE, estimator_spec, sample

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.oracles.line import objective_and_gradient
from pgpipe.rollout import policy_for

T, K, SIGMA = 10, -0.3, 0.5


def field(k, sigma, gamma, score_discount):
    """Σ_t w_t E[∇log π(a_t|s_t) Q_t(s_t, a_t)] by (k, σ), with w_t = γᵗ or 1, and m₀ = 1.

    By Stein's lemma E[∂_k log π Q] = E[s ∂_a Q] and E[∂_σ log π Q] = σ E[∂²_a Q], where
    Q_t = -s² - a² - γ (P_{t+1} (s + a)² + …) and P_t = 1 + k² + γ (1 + k)² P_{t+1}.
    """
    P = [0.0]
    for _ in range(T - 1):
        P.insert(0, 1 + k**2 + gamma * (1 + k) ** 2 * P[0])  # P_{t+1}, t = T-1, …, 0
    by_k, by_sigma, m = 0.0, 0.0, 1.0
    for t in range(T):
        w = gamma**t if score_discount else 1.0
        by_k -= w * (2 * k + 2 * gamma * P[t] * (1 + k)) * m
        by_sigma -= w * 2 * sigma * (1 + gamma * P[t])
        m = (1 + k) ** 2 * m + sigma**2
    return by_k, by_sigma


def curl(gamma, score_discount, h=1e-5):
    """∂_k g_σ - ∂_σ g_k, by central differences."""
    ahead, behind = (field(K + step, SIGMA, gamma, score_discount)[1] for step in (h, -h))
    above, below = (field(K, SIGMA + step, gamma, score_discount)[0] for step in (h, -h))
    return (ahead - behind - above + below) / (2 * h)


def test_with_the_discount_the_field_is_the_gradient():
    _, gradient = objective_and_gradient(K, SIGMA, gamma=0.95, horizon=T, start_std=1.0, noise_std=0.0)
    assert field(K, SIGMA, 0.95, True) == pytest.approx(gradient)
    assert field(K, SIGMA, 0.95, False) == pytest.approx((-9.95962, -25.75042), abs=1e-5)


@pytest.mark.parametrize(("gamma", "expected"), [(0.95, 1.87009), (0.8, 4.61183), (1.0, 0.0)])
def test_only_without_the_discount_it_has_a_curl(gamma, expected):
    """The numbers that section 5's text names."""
    assert curl(gamma, score_discount=False) == pytest.approx(expected, abs=1e-4)
    assert curl(gamma, score_discount=True) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("score_discount", [True, False])
def test_it_is_the_mean_of_the_estimator(score_discount):
    environment: LinearEnvironmentSpec = {
        **LINE, "kwargs": {"horizon": T, "start_std": 1.0, "noise_std": 0.0}, "gamma": 0.8,
    }  # fmt: skip
    theta = torch.tensor([K, SIGMA], dtype=torch.float64).expand(200, -1)
    spec = estimator_spec("reward_to_go", "mean", score_discount=score_discount)
    batches = sample(environment, theta, 32)
    rows = estimate_each(policy_for(environment), theta, batches, Estimator.from_spec(spec, 0.8))
    off = rows.mean(0) - torch.tensor(field(K, SIGMA, 0.8, score_discount), dtype=rows.dtype)
    assert (off.abs() < 4 * rows.std(0) / 200**0.5).all()
