"""Every unbiased estimator agrees with the exact gradient; the known biased one does not."""

import pytest
import torch
from samples import GRID, LINE, estimator_spec, sample, some_theta

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.oracles import grid, line
from pgpipe.rollout import policy_for
from pgpipe.seeding import stream

ORACLES = {"line": line, "grid": grid}
REPLICATES = 1_500


def line_with(k: float, sigma: float, gamma: float = 0.9, **kwargs: float) -> EnvironmentSpec:
    policy = LINE["policy"] | {"k": k, "sigma": sigma}
    return LINE | {"kwargs": {**LINE["kwargs"], **kwargs}, "gamma": gamma, "policy": policy}


CASES: dict[str, EnvironmentSpec] = {
    "line as drawn": line_with(-0.3, 0.5, horizon=10, start_std=1.0, noise_std=0.0, gamma=0.95),
    "line, one step": line_with(0.2, 1.3, horizon=1, start_std=0.5),
    "line, no start spread": line_with(-1.2, 0.4, horizon=6, start_std=0.0, noise_std=0.5),
    "line, undiscounted": line_with(-0.9, 0.3, horizon=12, gamma=1.0),
    "line, unstable": line_with(0.3, 0.6, horizon=5),
    "line, wide": line_with(-0.6, 3.0, horizon=4, start_std=2.0),
    "grid": GRID,
    "grid, undiscounted": GRID | {"gamma": 1.0},
}


def z_scores(environment, spec, batch_size=4):
    """(mean - exact) / standard error for every parameter that has any variance."""
    policy = policy_for(environment)
    theta = policy.initial(stream(0)) if environment["name"] == "line" else some_theta(environment)[0]
    estimator = Estimator.from_spec(spec, environment["gamma"])
    copies = theta.expand(REPLICATES, -1)
    estimates = estimate_each(policy, copies, sample(environment, copies, batch_size), estimator)
    exact = ORACLES[environment["name"]].exact(theta.numpy(), environment)[1]
    error = estimates.std(0) / REPLICATES**0.5
    moving = error > 0
    assert torch.allclose(estimates.mean(0)[~moving], torch.from_numpy(exact)[~moving])
    return ((estimates.mean(0) - torch.from_numpy(exact)) / error)[moving]


@pytest.mark.parametrize("baseline", ["none", "mean", "time_mean"])
@pytest.mark.parametrize("signal", ["total_return", "reward_to_go"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_unbiased(name, signal, baseline):
    """|z| < 4.5 for each parameter: once in 150,000 for a right estimator."""
    assert z_scores(CASES[name], estimator_spec(signal, baseline)).abs().max() < 4.5


@pytest.mark.parametrize("name", ["line as drawn", "grid"])
def test_the_batchs_own_mean_shrinks_every_estimate(name):
    """r_i - mean = (1 - 1/N)(r_i - mean of the others), so at N = 4 each batch's estimate is ¾ of the other."""
    environment = CASES[name]
    policy, theta = policy_for(environment), some_theta(environment, agents=5)
    batches = sample(environment, theta, 4)
    own, others = (
        estimate_each(
            policy,
            theta,
            batches,
            Estimator.from_spec(estimator_spec("total_return", baseline), 0.9),
        )
        for baseline in ("batch_mean", "mean")
    )
    torch.testing.assert_close(own, 0.75 * others)
    assert not torch.allclose(own, others)


def test_without_the_discount_in_front_of_the_score_it_is_another_gradient():
    """math.md: at k=-0.3, σ=0.5, T=10, γ=0.95 the expectation is (-9.95962, -25.75042), not ∇J."""
    environment = CASES["line as drawn"]
    spec = estimator_spec("reward_to_go", "mean", score_discount=False)
    policy = policy_for(environment)
    theta = policy.initial(stream(0))
    copies = theta.expand(REPLICATES, -1)
    estimator = Estimator.from_spec(spec, 0.95)
    estimates = estimate_each(policy, copies, sample(environment, copies, 8), estimator)
    error = estimates.std(0) / REPLICATES**0.5
    other = torch.tensor([-9.95962, -25.75042], dtype=torch.float64)
    assert ((estimates.mean(0) - other) / error).abs().max() < 4
    assert z_scores(environment, spec, batch_size=32).abs().max() > 8


def test_variance_of_one_step_is_the_derived_one():
    """With T = 1, k = 0, σ = 1 and every start at 0 the line is a bandit with r = -ε².

    ĝ_σ = (ε² - 1) r, so Var ĝ_σ = E[(ε²-1)²ε⁴] - E[(ε²-1)ε²]² = (105 - 2·15 + 3) - (3 - 1)² = 74.
    """
    environment = line_with(0.0, 1.0, horizon=1, start_std=0.0, noise_std=0.0, gamma=1.0)
    policy = policy_for(environment)
    copies = policy.initial(stream(0)).expand(1_500, -1)
    estimator = Estimator.from_spec(estimator_spec("reward_to_go", "none"), 1.0)
    estimates = estimate_each(policy, copies, sample(environment, copies, 40), estimator)
    assert 40 * estimates[:, 1].var().item() == pytest.approx(74, rel=0.15)
