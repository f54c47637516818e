"""What a constant baseline does to the variance, exactly: math.md's numbers, and no better constant."""

import numpy as np
import pytest
from laws.test_variances import bandit_with
from samples import COIN

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles import bandit, chain, coin
from pgpipe.oracles.constants import best_constants, reduction, variance_with_constant

CHAIN: EnvironmentSpec = {
    "name": "chain", "id": "pgpipe/Chain-v0", "kwargs": {"horizon": 100}, "max_episode_steps": None, "gamma": 1.0,
    "policy": {"kind": "softmax_table", "logits": None},
}  # fmt: skip
LEVER: EnvironmentSpec = {**CHAIN, "name": "lever", "kwargs": {"horizon": 1}}


def listed(name):
    if name == "bandit":
        return bandit.outcomes(np.array([1.0, 1.0]), bandit_with(0.0))
    if name == "coin":
        return coin.outcomes(np.array([0.0, 0.4]), COIN)
    return chain.outcomes(
        np.array([0.0, 2.197 if name == "lever" else 0.0]), LEVER if name == "lever" else CHAIN
    )


def test_the_lever_s_mean_is_worse_than_none():
    """p = 0.9: p(1-p)·(0.01, 0.64, 0) by each of the two logits, so the share is -63; math.md."""
    row = reduction(listed("lever"), 1.0)
    assert row["none"] == pytest.approx(2 * 0.0009, rel=2e-3)
    assert row["mean"] == pytest.approx(2 * 0.0576, rel=2e-3)
    assert (row["optimal"], row["possible"]) == (0, 1)
    assert row["share"] == pytest.approx(-63, rel=2e-3)


def test_the_chain_s_mean_gets_seven_sixteenths():
    """θ = ½: none 24, mean 17, best 8, which is (24 - 17)/(24 - 8)."""
    row = reduction(listed("chain"), 1.0)
    assert [row[name] for name in ("none", "mean", "optimal", "share")] == pytest.approx([24, 17, 8, 7 / 16])


def test_the_bandit_has_its_closed_forms():
    """d = σ = 1: 30 + 136, 18 + 96, 14 + 64."""
    row = reduction(listed("bandit"), 1.0)
    assert [row[name] for name in ("none", "mean", "optimal")] == pytest.approx([166, 114, 78])


@pytest.mark.parametrize("name", ["bandit", "coin", "chain", "lever"])
def test_no_constant_is_better_than_the_best(name):
    outcomes = listed(name)
    best = best_constants(outcomes, 1.0)
    least = variance_with_constant(outcomes, 1.0, best)
    for step in (0.1, -0.1):
        for p in range(len(best)):
            assert variance_with_constant(outcomes, 1.0, best + step * np.eye(len(best))[p]) > least
