"""Tables, and groups: what the compiled code gives is what the plain code gives."""

import numpy as np
import pytest
import torch
from samples import CARTPOLE, GRID, PROMPTS, recorded, some_theta, two_kinds

from pgpipe import compiler
from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.ratios import log_probs
from pgpipe.estimators.scores import batch_gradient
from pgpipe.recording import Recording
from pgpipe.rollout import policy_for, recording_of

if not compiler.COMPILES:
    pytest.skip("numba is not installed", allow_module_level=True)

from pgpipe.fused.batch import FusedBatch

WRITERS: EnvironmentSpec = PROMPTS | {"policy": {"kind": "categorical_mlp", "hidden": [8]}}
SURE: EnvironmentSpec = GRID | {"kwargs": {"size": 4, "slip": 0.0, "horizon": 9}}
TABLES = {"grid": GRID, "sure": SURE}


@pytest.mark.parametrize("which", [0, 1], ids=["episodes", "steps"])
@pytest.mark.parametrize("name", sorted(TABLES))
def test_rollouts_by_a_table_are_those_of_the_plain_code_bit_for_bit(name, which):
    """Nothing is rounded on the way but the probabilities, and those are computed by the same functions."""
    table = TABLES[name]
    theta = some_theta(table, 3)
    theta[2, 1] = torch.nan  # a policy that diverged, too
    ours = recorded(recording_of, table, theta, two_kinds(table, 3)[which])
    theirs = recorded(Recording, table, theta, two_kinds(table, 3)[which])
    assert isinstance(ours[0], FusedBatch)
    for one, other in zip(ours, theirs, strict=True):
        for field, value in one.trajectories.fields.items():
            assert value.dtype == other.trajectories.fields[field].dtype
            assert torch.equal(value, other.trajectories.fields[field]), field


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_tables_gradients_are_those_of_the_plain_code(name):
    """Sums of 150 terms below 4 in double precision, in another order."""
    table = TABLES[name]
    theta, policy = some_theta(table, 2), policy_for(table)
    ours, theirs = (
        recorded(make, table, theta[:1], ParallelSteps(table, 1, 150))[0]
        for make in (recording_of, Recording)
    )
    weights = (theirs.trajectories.rewards + 1) * theirs.trajectories.mask
    for entropy in (0.0, 0.3):
        by_hand = theirs.scores(theta[0], weights, entropy)
        np.testing.assert_allclose(ours.scores(theta[0], weights, entropy), by_hand, rtol=0, atol=1e-13)
    n = theirs.trajectories.n_trajectories
    elsewhere = batch_gradient(policy, theta[1], theirs.trajectories, weights)
    np.testing.assert_allclose(ours.scores_elsewhere(theta[1], weights) / n, elsewhere, rtol=0, atol=1e-13)
    there = log_probs(policy, theta[1], theirs.trajectories)
    torch.testing.assert_close(ours.log_probs(theta[1]), there, rtol=0, atol=1e-14)


@pytest.mark.parametrize("odd", [np.inf, np.nan])
def test_a_weight_that_is_no_number_spreads_as_in_the_plain_code(odd):
    theta = some_theta(GRID, 1)
    ours, theirs = (
        recorded(make, GRID, theta, ParallelEpisodes(GRID, 1, 20))[0] for make in (recording_of, Recording)
    )
    weights = torch.zeros_like(theirs.trajectories.rewards)
    weights[0, 0] = odd
    with np.errstate(invalid="ignore"):
        by_hand, compiled = (of.scores(theta[0], weights, 0.0) for of in (theirs, ours))
    assert not np.isfinite(by_hand).any()
    assert not np.isfinite(compiled).any()


@pytest.mark.parametrize("environment", [CARTPOLE, WRITERS, GRID], ids=lambda spec: spec["policy"]["kind"])
def test_groups_begin_where_those_of_the_plain_code_begin(environment):
    grouped = environment | {"group": 3}
    theta = some_theta(grouped, 2)
    ours, theirs = (
        recorded(make, grouped, theta, ParallelEpisodes(grouped, 2, 6)) for make in (recording_of, Recording)
    )
    for one, other in zip(ours, theirs, strict=True):
        assert isinstance(one, FusedBatch)
        assert torch.equal(one.trajectories.fields["group"], other.trajectories.fields["group"])
        assert torch.equal(one.trajectories.obs[:, 0], other.trajectories.obs[:, 0])
        assert torch.equal(one.trajectories.mask, other.trajectories.mask)
