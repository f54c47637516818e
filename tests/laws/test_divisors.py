"""What a sum of losses is divided by: two decisions, the first of which is how long to go on (math.md)."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from samples import CARTPOLE, CHAIN, estimator_spec, sample, some_theta

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.laws.case import padded
from pgpipe.oracles import two_decisions
from pgpipe.oracles.two_decisions import LOGITS, cosine, expectation

THETA = np.array(LOGITS)
EXPECTED = {
    ("each", 1): (-0.023624, 0.057186),
    ("each", 2): (-0.023624, 0.057186),
    ("each", 4): (-0.023624, 0.057186),
    ("steps", 1): (-0.023624, 0.057186),
    ("steps", 2): (-0.008148, 0.051154),
    ("steps", 4): (0.002681, 0.046933),
}


def by(aggregate, **more):
    return Estimator.from_spec(estimator_spec("total_return", aggregate=aggregate, **more), 1.0)


def test_objective_and_gradient_of_math_md():
    J, gradient = two_decisions.exact(THETA)
    assert pytest.approx(0.431416, abs=5e-7) == J
    np.testing.assert_allclose(gradient, [0.053998, 0.183592], atol=5e-7)


@pytest.mark.parametrize(("aggregate", "n"), EXPECTED)
def test_the_directions_of_math_md(aggregate, n):
    listed = two_decisions.outcomes(THETA)
    np.testing.assert_allclose(expectation(listed, by(aggregate), n), EXPECTED[aggregate, n], atol=5e-7)


def test_the_cosines_of_math_md():
    """With J subtracted, it hardly matters."""
    listed, (J, gradient) = two_decisions.outcomes(THETA), two_decisions.exact(THETA)
    plain = by("steps")
    subtracted = replace(plain, baseline=lambda credit: torch.full_like(credit, J))
    cosines = [[cosine(expectation(listed, e, n), gradient) for n in (1, 2, 4)] for e in (plain, subtracted)]
    np.testing.assert_allclose(cosines[0], [0.7789, 0.9030, 0.9739], atol=1e-4)
    np.testing.assert_allclose(cosines[1], [0.99922, 0.99968, 0.99991], atol=5e-6)


def by_hand(theta, lengths, pays, aggregate, n):
    """The same written out: all n-tuples of the four ways, in order, with divisors from their lengths."""
    q, p = 1 / (1 + np.exp(-theta))
    ways = [
        ((q if long else 1 - q) * (p if right else 1 - p), lengths[0] if long else lengths[1],
         right * (pays["long"] if long else pays["short"]), np.array([long - q, right - p]))
        for long, right in product((1, 0), (1, 0))
    ]  # fmt: skip
    total = np.zeros(2)
    for batch in product(ways, repeat=n):
        chance = np.prod([way[0] for way in batch])
        T = sum(way[1] for way in batch)
        for way in batch:
            divisor = {"each": n * way[1], "steps": T, "trajectories": n, "constant": 9 * n}[aggregate]
            total += chance * way[2] * way[3] / divisor
    return total


def everywhere_else(aggregate):
    """Other logits, lengths and rewards, which stand in no config."""
    theta, lengths, pays = np.array([0.7, -1.1]), (5, 3), {"long": 0.4, "short": 2.0}
    listed = two_decisions.outcomes(theta, lengths, pays)
    more = {"longest": 9} if aggregate == "constant" else {}
    for n in (1, 2, 3):
        found = expectation(listed, by(aggregate, **more), n)
        np.testing.assert_allclose(found, by_hand(theta, lengths, pays, aggregate, n), atol=1e-12)


@pytest.mark.parametrize("aggregate", ["trajectories", "each", "steps", "constant"])
def test_at_other_settings_it_is_what_is_written_out(aggregate):
    everywhere_else(aggregate)


def test_the_number_of_trajectories_gives_the_gradient_and_a_constant_its_direction():
    listed, gradient = two_decisions.outcomes(THETA), two_decisions.exact(THETA)[1]
    np.testing.assert_allclose(expectation(listed, by("trajectories"), 2), gradient, atol=1e-12)
    np.testing.assert_allclose(expectation(listed, by("constant", longest=8), 2), gradient / 8, atol=1e-12)


def padding_says_nothing(aggregate):
    """T_i is the number of steps that happened."""
    batch = sample(CARTPOLE, some_theta(CARTPOLE), 6).split()[0]
    weights, longer = (by(aggregate).weighted_advantages(b) for b in (batch, padded(batch)))
    torch.testing.assert_close(longer[:, : weights.shape[1]], weights)
    assert (batch.lengths < batch.lengths.max()).any()


@pytest.mark.parametrize("aggregate", ["each", "steps"])
def test_padding_counts_for_no_length(aggregate):
    padding_says_nothing(aggregate)


def test_divisors_by_hand():
    """Episodes of one and three steps and reward 1: a half each; 1/4 a step; 1 and 1/3; 1/5."""
    batch = sample(CHAIN, torch.tensor([[0.0, 1.0]], dtype=torch.float64), 200).split()[0]
    chosen = torch.cat([(batch.lengths == n).nonzero()[:1, 0] for n in (1, 3)])
    assert len(chosen) == 2
    two = type(batch)(**{name: value[chosen] for name, value in batch.fields.items()})
    two = replace(two, rewards=torch.where(torch.arange(two.mask.shape[1]) == 0, 1.0, 0.0) * two.mask)
    expected = {"trajectories": (1, 1), "steps": (0.5, 0.5), "each": (1, 1 / 3), "constant": (0.2, 0.2)}
    for aggregate, factors in expected.items():
        more = {"longest": 5} if aggregate == "constant" else {}
        weights = by(aggregate, **more).weighted_advantages(two)
        assert weights[:, 0].tolist() == pytest.approx(factors)
        assert (weights[0, 1:] == 0).all()
