"""What trajectories add to an estimate has the mean ∇J and the exact variance that the oracles know."""

import numpy as np
import pytest
import torch
from samples import estimator_spec

from pgpipe.lecture.variance_reduction.contributions import CREDITS, list_contributions
from pgpipe.oracles import chain, coin
from pgpipe.oracles.variances import exact_variance

GAMMA = 0.9
TABLE = {"kind": "softmax_table", "logits": None}
THETA = torch.tensor([0.2, 0.9])
COIN = {"name": "coin", "id": "pgpipe/Coin-v0", "kwargs": {}, "gamma": GAMMA, "policy": TABLE}
LEVER = {**COIN, "name": "lever", "id": "pgpipe/Chain-v0", "kwargs": {"horizon": 1}}
ORACLES = {"coin": (coin, COIN), "lever": (chain, LEVER)}


def listed(environment, module):
    return list_contributions({"environment": environment, "module": module.__name__}, {"untrained": THETA})


@pytest.mark.parametrize("name", ORACLES)
def test_every_credit_has_the_gradient_as_its_mean(name):
    module, environment = ORACLES[name]
    table = listed(environment, module)
    _, gradient = module.exact(THETA.double().numpy(), environment)
    for credit in CREDITS:
        assert (table["probability"] * table[credit]).sum() == pytest.approx(gradient[1], abs=1e-6)
    once = table.drop_duplicates("trajectory")
    assert once["probability"].sum() == pytest.approx(1)


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("signal", ["total_return", "reward_to_go"])
def test_the_variance_is_the_exact_one(name, signal):
    module, environment = ORACLES[name]
    table = listed(environment, module)
    each = table.groupby("trajectory").agg(p=("probability", "first"), x=(signal, "sum"))
    variance = (each["p"] * each["x"] ** 2).sum() - (each["p"] * each["x"]).sum() ** 2
    outcomes = module.outcomes(THETA.numpy(), environment)
    values = module.values(THETA.numpy(), environment, outcomes.obs)
    known = exact_variance(outcomes, estimator_spec(signal=signal, baseline="none"), GAMMA, 32, values)
    assert known is not None
    assert variance == pytest.approx(known[1], rel=1e-5)


def test_the_tree_knows_actions_and_ends_with_the_episode():
    table = listed(LEVER, chain)
    assert table[["action", "reward"]].to_numpy().tolist() == [[0, 0.0], [1, 1.0]]
    assert np.sign(table["score"]).tolist() == [-1, 1]


def test_more_trajectories_than_a_page_holds_have_no_rows():
    long = {**LEVER, "kwargs": {"horizon": 20}}
    assert listed(long, chain).empty
    assert list(listed(long, chain)) == list(listed(LEVER, chain))
