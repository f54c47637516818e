"""Fisher products and KL divergences of the compiled code are those of the definition."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from pgpipe import compiler
from pgpipe.natural.fisher import Fisher, fisher_of, mean_kl
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.policies.gaussian_mlp import GaussianMLP

if not compiler.COMPILES:
    pytest.skip("numba is not installed", allow_module_level=True)

from pgpipe.fused.fisher import FusedFisher

EPS = float(np.finfo(np.float32).eps)
NETWORKS = [
    *(CategoricalMLP(widths) for widths in ((4, 2), (4, 8, 3), (5, 33, 7, 65, 2))),
    *(GaussianMLP(widths) for widths in ((3, 16, 1), (3, 5, 20, 2))),
]


@pytest.mark.parametrize("states", [3, 1_100])
@pytest.mark.parametrize("policy", NETWORKS, ids=lambda policy: f"{type(policy).__name__}{policy.widths}")
def test_fisher_products_and_kl_are_those_of_the_definition(policy, states):
    """In double precision. Into a state's part of F v go some 200 roundings of numbers up to the largest; into
    its log-probabilities, of which KL is a mean difference, 20 of numbers below 4."""
    rng = np.random.default_rng(0)
    theta = policy.initial(rng)
    other = theta + torch.from_numpy(0.1 * rng.normal(size=len(theta)).astype("f4"))
    obs, v = (
        torch.from_numpy(rng.normal(size=(states, policy.widths[0])).astype("f4")),
        rng.normal(size=len(theta)),
    )
    ours, exact = fisher_of(policy, theta, obs), replace(policy, dtype=torch.float64)
    assert isinstance(ours, FusedFisher)
    product = Fisher(exact, theta.double(), obs.double())(v)
    np.testing.assert_allclose(ours(v), product, rtol=1e-4, atol=200 * EPS / 2 * np.abs(product).max())
    kl = float(mean_kl(exact, theta.double(), other.double(), obs.double()))
    assert ours.kl(other) == pytest.approx(kl, rel=1e-4, abs=20 * 4 * EPS)
    assert abs(ours.kl(theta)) <= 20 * 4 * EPS
    assert np.isnan(ours.kl(torch.full_like(theta, torch.nan)))


def test_two_batches_fisher_matrices_do_not_disturb_each_other():
    policy, rng = NETWORKS[1], np.random.default_rng(0)
    thetas = [policy.initial(rng) for _ in range(2)]
    obs, v = torch.from_numpy(rng.normal(size=(70, 4)).astype("f4")), rng.normal(size=len(thetas[0]))
    first = fisher_of(policy, thetas[0], obs)
    before = first(v), first.kl(thetas[1])
    second = fisher_of(policy, thetas[1], obs[:9])
    second(v)
    assert (first(v) == before[0]).all()
    assert first.kl(thetas[1]) == before[1]
    assert (fisher_of(policy, thetas[1], obs[:9])(v) == second(v)).all()


def test_what_has_another_shape_is_refused():
    """Compiled code would read whatever lies behind it."""
    policy = CategoricalMLP((4, 8, 3))
    theta, obs = torch.zeros(policy.n_parameters), torch.zeros(5, 4)
    with pytest.raises(ValueError, match="theta: found shape"):
        FusedFisher(policy, theta[1:], obs)
    with pytest.raises(ValueError, match="obs: found shape"):
        FusedFisher(policy, theta, obs[:, 1:])
    with pytest.raises(ValueError, match="vector: found shape"):
        FusedFisher(policy, theta, obs)(np.zeros(policy.n_parameters - 1))
    with pytest.raises(ValueError, match="theta: found shape"):
        FusedFisher(policy, theta, obs).kl(theta[1:])
