"""What is exact off-policy: math.md's numbers, lists of all trajectories, and rollouts at settings of their own."""

import numpy as np
import pytest
import torch
from laws.test_variances import bandit_with
from samples import GRID, estimator_spec, sample

from pgpipe.dynamics.density import TrajectoryDensity
from pgpipe.dynamics.grid import dynamics_of
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import log_probs
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.oracles import bandit_off_policy, grid_off_policy, line, line_off_policy
from pgpipe.rollout import policy_for

FORMS = ("none", "trajectory", "per_decision", "no_future", "marginal", "first_order")


def line_of(
    horizon: int, start_std: float = 0.5, noise_std: float = 0.0, gamma: float = 0.95
) -> LinearEnvironmentSpec:
    return {
        "name": "line",
        "id": "pgpipe/Line-v0",
        "kwargs": {"horizon": horizon, "start_std": start_std, "noise_std": noise_std},
        "max_episode_steps": None,
        "gamma": gamma,
        "policy": {"kind": "linear_gaussian", "k": -0.4, "sigma": 0.5, "parameterization": "sigma"},
    }


BEHAVIOUR = np.array([-0.4, 0.5])


def shifted(delta):
    return BEHAVIOUR + np.array([delta, 0.0])


def test_the_second_moments_of_math_md():
    """k_q=-0.4, σ=0.5, m₀=0.25: 1.5445 at δ=-0.2, T=10, and the horizons from which on it is infinite."""
    moments = line_off_policy.weight_moments(BEHAVIOUR, shifted(-0.2), line_of(10))
    assert moments[-1] == pytest.approx(1.5445, abs=5e-5)
    for delta, first in ((-0.5, 4), (-0.6, 2), (0.2, 6)):
        infinite = np.isinf(line_off_policy.weight_moments(BEHAVIOUR, shifted(delta), line_of(10)))
        assert infinite.argmax() + 1 == first
        assert infinite[first - 1 :].all()
    assert np.isfinite(line_off_policy.weight_moments(BEHAVIOUR, shifted(-0.2), line_of(1000))).all()


def test_the_expectations_of_math_md():
    """The closed forms of the first-order form, of E30 and of old samples, k_p=-0.5, T=5, γ=0.95."""
    environment, target, gamma = line_of(5), shifted(-0.1), 0.95
    found = line_off_policy.expectations(BEHAVIOUR, target, environment)
    (k_q, sigma), (k_p, _) = BEHAVIOUR, target
    m_q, m_p = (line_off_policy.state_moments(theta, environment) for theta in (BEHAVIOUR, target))
    P, c = np.zeros((2, 6))
    for t in reversed(range(5)):
        P[t] = 1 + k_q**2 + gamma * (1 + k_q) ** 2 * P[t + 1]
        c[t] = sigma**2 * (1 + gamma * P[t + 1]) + gamma * c[t + 1]
    discount = gamma ** np.arange(5)
    slope = 2 * k_p + 2 * gamma * P[1:] * (1 + k_p)
    by_sigma = -discount @ (2 * sigma * (1 + gamma * P[1:]))
    np.testing.assert_allclose(found["first_order"], [-discount @ (slope * m_q), by_sigma])
    np.testing.assert_allclose(found["no_future"], [-discount @ (slope * m_p), by_sigma])
    old = -(2 * k_q + 2 * gamma * P[1:] * (1 + k_q)) * m_q
    old += (k_p - k_q) / sigma**2 * (3 * P[:-1] * m_q**2 + c[:-1] * m_q)
    assert found["none"][0] == pytest.approx(discount @ old)
    assert found["per_decision"][0] == pytest.approx(-0.219, abs=5e-4)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("target", [[-0.45, 0.5], [-0.3, 0.45], [-0.5, 0.55]])
def test_moments_of_a_line_by_quadrature(target, n):
    """One step from a spread of starts, with noise, which moves no weight of one step: two integrals."""
    environment, target = line_of(1, start_std=0.7, noise_std=0.3), np.array(target)
    s, a = np.meshgrid(*[np.linspace(-9, 9, 3001)] * 2, indexing="ij")

    def density(x, mean, std):
        return np.exp(-0.5 * ((x - mean) / std) ** 2) / std / np.sqrt(2 * np.pi)

    q, p = (density(a, theta[0] * s, theta[1]) for theta in (BEHAVIOUR, target))
    start = density(s, 0, 0.7)
    with np.errstate(divide="ignore", invalid="ignore"):
        integrand = np.where(q > 1e-290, start * p * (p / q) ** (n - 1), 0.0)
    exact = line_off_policy.weight_moments(BEHAVIOUR, target, environment, n)[0]
    assert integrand.sum() * (s[1, 0] - s[0, 0]) ** 2 == pytest.approx(exact, rel=1e-5)


def test_the_moment_of_one_step_of_math_md():
    """E[w²] = σ_q²/(σ_p √(2σ_q²-σ_p²)) exp(Δ²/(2σ_q²-σ_p²)); on the line without a state it is that to the T."""
    (mu, sigma), (mu_new, sigma_new) = (0.3, 0.9), (0.7, 1.1)
    d = 2 * sigma**2 - sigma_new**2
    known = sigma**2 / (sigma_new * d**0.5) * np.exp((mu_new - mu) ** 2 / d)
    pair = (np.array([mu, sigma]), np.array([mu_new, sigma_new]))
    assert bandit_off_policy.weight_moments(*pair, bandit_with(0.0))[0] == pytest.approx(known)
    wide = np.array([0.3, 1.3])
    assert np.isinf(bandit_off_policy.weight_moments(pair[0], wide, bandit_with(0.0))).all()
    spread = sigma**2 / (sigma_new * d**0.5)
    flat = line_off_policy.weight_moments(np.array([-0.4, sigma]), np.array([-0.4, sigma_new]), line_of(6))
    np.testing.assert_allclose(flat, spread ** np.arange(1, 7))


def test_the_grid_against_a_list_of_all_its_trajectories():
    """Divergence, moments, expectations of every form and state ratios, to rounding."""
    environment = GRID | {"kwargs": {"size": 2, "slip": 0.2, "horizon": 3}}
    rng = np.random.default_rng(0)
    behaviour, target = (rng.standard_normal(16) for _ in range(2))
    policy, q, p = policy_for(environment), torch.from_numpy(behaviour), torch.from_numpy(target)
    density = TrajectoryDensity(policy, dynamics_of(environment))
    batch = density.dynamics.list_trajectories(policy, q).trajectories
    probability = density.prob(q, batch)
    log_ratios = log_probs(policy, p, batch) - log_probs(policy, q, batch)
    exact = -(probability @ log_ratios.sum(1)).item()
    assert grid_off_policy.kl(behaviour, target, environment) == pytest.approx(exact)
    for n in (1, 2, 3):
        by_list = probability @ (n * log_ratios.cumsum(1)).exp()
        found = grid_off_policy.weight_moments(behaviour, target, environment, n)
        np.testing.assert_allclose(found, by_list.numpy())
    states = grid_off_policy.log_state_ratios(behaviour, target, environment, batch.obs.numpy())
    ratios = {"log_ratios": log_ratios, "log_state_ratios": torch.from_numpy(states)}
    expected = grid_off_policy.expectations(behaviour, target, environment)
    for form in FORMS:
        spec = estimator_spec(importance=form)
        rows = trajectory_estimates(policy, p, batch, Estimator.from_spec(spec, environment["gamma"]), ratios)
        np.testing.assert_allclose((probability @ rows).numpy(), expected[form], atol=1e-12, err_msg=form)


def rows_of(environment, behaviour, target, n):
    """Ratios of n trajectories, and every form's rows."""
    policy, q, p = policy_for(environment), torch.from_numpy(behaviour), torch.from_numpy(target)
    batches = sample(environment, q.expand(20, -1), n // 20)
    batch = batches.joined()
    oracle = {"line": line_off_policy, "bandit": bandit_off_policy}[environment["name"]]
    states = oracle.log_state_ratios(behaviour, target, environment, batch.obs.numpy())
    log_ratios = log_probs(policy, p, batch) - log_probs(policy, q, batch)
    ratios = {"log_ratios": log_ratios, "log_state_ratios": torch.from_numpy(states)}
    specs = {form: estimator_spec(importance=form) for form in FORMS}
    estimators = {form: Estimator.from_spec(spec, environment["gamma"]) for form, spec in specs.items()}
    return oracle, log_ratios, {
        form: trajectory_estimates(policy, p, batch, estimator, ratios).numpy()
        for form, estimator in estimators.items()
    }  # fmt: skip


MEASURED = {
    "math.md": (line_of(5), BEHAVIOUR, shifted(-0.1)),
    "noisy": (
        line_of(7, start_std=0.3, noise_std=0.4, gamma=0.9),
        np.array([-0.7, 0.6]),
        np.array([-0.65, 0.58]),
    ),
    "undiscounted": (line_of(4, start_std=1.2, gamma=1.0), np.array([-0.9, 0.8]), np.array([-0.85, 0.75])),
    "bandit": (bandit_with(1.5), np.array([0.5, 0.7]), np.array([0.6, 0.75])),
}


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_rollouts_agree_with_the_closed_forms(name):
    """E[w²], all gradients and the first-order bias within 4.5 standard errors, at settings of no config."""
    environment, behaviour, target = MEASURED[name]
    oracle, log_ratios, rows = rows_of(environment, behaviour, target, 20_000)
    assert np.isfinite(oracle.weight_moments(behaviour, target, environment, 4)).all()
    squares = (2 * log_ratios.cumsum(1)).exp().numpy()
    exact = oracle.weight_moments(behaviour, target, environment)
    error = squares.std(0) / len(squares) ** 0.5
    assert (np.abs(squares.mean(0) - exact) < 4.5 * error).all()
    expected = oracle.expectations(behaviour, target, environment)
    for form, found in rows.items():
        error = found.std(0) / len(found) ** 0.5
        assert (np.abs(found.mean(0) - expected[form]) < 4.5 * error).all(), form
    bias = rows["first_order"] - rows["per_decision"]
    error = bias.std(0) / len(bias) ** 0.5 + 1e-12
    assert (np.abs(bias.mean(0) - expected["first_order"] + expected["per_decision"]) < 4.5 * error).all()


def test_an_infinite_moment_is_measured_by_no_sample_and_known_all_the_same():
    """δ=-0.5 at T=6: the sample's moment is a number, the exact one is not."""
    environment, target = line_of(6), shifted(-0.5)
    oracle, log_ratios, _ = rows_of(environment, BEHAVIOUR, target, 2_000)
    assert (2 * log_ratios.sum(1)).exp().mean().isfinite()
    assert np.isinf(oracle.weight_moments(BEHAVIOUR, target, environment)[-1])


def test_the_kl_is_the_mean_of_minus_the_log_weight():
    for environment, behaviour, target in MEASURED.values():
        oracle, log_ratios, _ = rows_of(environment, behaviour, target, 4_000)
        off = -log_ratios.sum(1).numpy()
        error = off.std() / len(off) ** 0.5
        assert abs(off.mean() - oracle.kl(behaviour, target, environment)) < 4.5 * error


def test_at_the_same_policy_every_expectation_is_the_gradient():
    for form, expected in line_off_policy.expectations(BEHAVIOUR, BEHAVIOUR, line_of(5)).items():
        np.testing.assert_allclose(expected, line.exact(BEHAVIOUR, line_of(5))[1], err_msg=form)
