"""What one step does to the batch it came from: the law of small steps, and the correlation that chance gives."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from samples import CARTPOLE, LINE, PENDULUM, recipe, sample, some_theta
from scipy.stats import spearmanr

from pgpipe.envs.quantities import traced
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.scores import batch_gradient, trajectory_gradients
from pgpipe.lecture.common.maximum_likelihood import likelihood_gradient
from pgpipe.lecture.what_the_gradient_does.replicates import StepsSpec, sampled_batches, stage_policies
from pgpipe.lecture.what_the_gradient_does.steps import (
    action_changes,
    batch_rows,
    marks,
    measure_steps,
    rank_correlation,
    step_along,
    trace_rows,
    trajectory_rows,
    weightings,
)
from pgpipe.rollout import policy_for
from pgpipe.training.snapshots import take_snapshots


def case(environment, n=8, seed=0):
    """(policy, theta (P,), batch (n, T)) in double precision."""
    theta = some_theta(environment)
    batch = sample(environment, theta, n, seed).split()[0].in_double()
    return policy_for(environment), theta[0].double(), batch


def agrees_with_supervised_learning(environment):
    policy, theta, batch = case(environment)
    gradient = batch_gradient(policy, theta, batch, batch.mask.double())
    torch.testing.assert_close(likelihood_gradient(policy, theta, batch), gradient, rtol=1e-9, atol=1e-11)


def test_all_weights_one_is_the_gradient_of_supervised_learning(environment):
    agrees_with_supervised_learning(environment)


def test_so_it_is_for_a_network_with_continuous_actions():
    agrees_with_supervised_learning(PENDULUM)


def test_change_is_first_order_in_the_step(environment):
    """What is left of second order falls to a quarter at half the length."""
    policy, theta, batch = case(environment)
    left = []
    for length in (1e-2, 5e-3):
        table = trajectory_rows(policy, theta, batch, environment["gamma"], length)
        left.append((table["change"] - table["first_order"]).abs().max())
    assert left[0] / left[1] == pytest.approx(4, rel=0.1)


def test_a_step_for_one_trajectory_raises_it_by_the_length_of_its_score(environment):
    policy, theta, batch = case(environment)
    scores = trajectory_gradients(policy, theta, batch, batch.mask.double())
    weights = torch.zeros(8, dtype=torch.float64)
    weights[3] = 2.5
    step = step_along(scores, weights, 1e-5)
    assert float(step.norm()) == pytest.approx(1e-5)
    change = action_changes(policy, theta, batch)(step).sum(-1)
    assert float(change[3]) == pytest.approx(1e-5 * float(scores[3].norm()), rel=1e-3)


def test_without_a_gradient_there_is_no_step():
    assert (step_along(torch.ones(4, 3), torch.zeros(4), 0.1) == 0).all()


def test_baseline_is_the_mean_of_the_others():
    _, _, batch = case(LINE)
    weights = weightings(batch, LINE["gamma"])
    r = weights["total_return"]
    others = torch.stack([torch.cat([r[:i], r[i + 1 :]]).mean() for i in range(8)])
    torch.testing.assert_close(weights["return_minus_mean"], r - others)


def test_rank_correlation_is_spearmans_with_ties():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 4, 30), rng.normal(size=30)
    found = rank_correlation(torch.tensor(x), torch.tensor(y))
    assert found == pytest.approx(spearmanr(x, y).statistic)


def test_what_never_differs_has_no_rank():
    assert np.isnan(rank_correlation(torch.ones(5), torch.arange(5)))


def study(environment: EnvironmentSpec = LINE) -> StepsSpec:
    return {
        "seed": 0,
        "environment": environment,
        "training": None,
        "policy": "untrained",
        "policies": 3,
        "episodes": 8,
        "batches": 2,
        "permutations": 2,
        "length": 1e-3,
    }


def trained(stage, policies=3) -> StepsSpec:
    """Trainings of two updates."""
    return study() | {"training": recipe(LINE, updates=2), "policy": stage, "policies": policies}


def test_every_seed_has_a_policy_and_batches_of_its_own():
    tables = measure_steps(trained("trained"))
    batches = tables["step_batches"]
    assert batches.groupby(["seed", "batch"]).size().tolist() == [3] * 6
    assert batches["correlation"].nunique() > 6
    assert tables["step_trajectories"]["trajectory"].nunique() == 8  # of the first batch alone
    thetas = stage_policies(trained("trained"))
    assert len({tuple(theta.tolist()) for theta in thetas}) == 3


def test_the_first_seeds_policy_is_that_of_the_gradient_study():
    """However many seeds train beside it."""
    snapshots = {s.policy: s.theta for s in take_snapshots(recipe(LINE, updates=2))}
    for stage in ("untrained", "half_trained", "trained"):
        torch.testing.assert_close(stage_policies(trained(stage))[0], snapshots[stage])


def test_without_a_training_policies_are_where_seeds_start():
    spec = study(CARTPOLE)
    thetas = stage_policies(spec)
    assert len(thetas) == 3
    assert not torch.equal(thetas[0], thetas[1])
    one, other = (sampled_batches(thetas[0], spec, seed)[0] for seed in (0, 1))
    assert not torch.equal(one.obs[:, 0], other.obs[:, 0])


def test_returns_that_say_nothing_show_no_order_beyond_chance():
    """Rewards drawn apart from the actions: each trajectory pulls itself up, the permuted ones as much.

    Of 40 batches the mean excess lies within 4 standard errors of zero; the correlation itself does not.
    """
    rng, rows = np.random.default_rng(5), []
    for i in range(40):
        policy, theta, batch = case(LINE, seed=i)
        noise = torch.as_tensor(rng.standard_normal(batch.rewards.shape))
        rows += batch_rows(policy, theta, replace(batch, rewards=noise), study(), rng)
    rows = [row for row in rows if row["weighting"] == "return_minus_mean"]
    found = np.array([(row["correlation"], row["correlation"] - row["permuted"]) for row in rows])
    correlation, excess = found.mean(0) / (found.std(0, ddof=1) / 40**0.5)
    assert correlation > 4
    assert abs(excess) < 4


def test_padding_changes_no_row(environment):
    policy, theta, batch = case(environment)
    pad = torch.zeros_like(batch.mask)
    longer = replace(
        batch,
        obs=torch.cat([batch.obs, batch.obs + 3], 1),
        actions=torch.cat([batch.actions, batch.actions], 1),
        rewards=torch.cat([batch.rewards, torch.zeros_like(batch.rewards)], 1),
        mask=torch.cat([batch.mask, pad], 1),
    )
    rows, same = (
        batch_rows(policy, theta, b, study(environment), np.random.default_rng(0)) for b in (batch, longer)
    )
    pd.testing.assert_frame_equal(pd.DataFrame(rows), pd.DataFrame(same), atol=1e-12)


def test_marks_are_thirds_of_the_batch():
    words = marks(torch.tensor([3.0, 9, 1, 7, 5, 8, 2, 6, 4]))
    assert words == ["bad", "good", "bad", "good", "neutral", "good", "bad", "neutral", "neutral"]


def test_traces_follow_each_trajectory_to_its_end(environment):
    _, _, batch = case(environment)
    traces = trace_rows(batch, 1.0, environment["id"])
    assert traces.groupby("trajectory").size().tolist() == batch.mask.sum(-1).tolist()
    last = batch.mask.sum(-1) - 1
    _, values = traced(environment["id"], batch.obs)
    expected = values[torch.arange(8), last]
    assert traces.groupby("trajectory")["value"].last().tolist() == expected.tolist()


def test_a_pendulum_that_turns_over_does_not_jump():
    angle = torch.linspace(0, 9, 50, dtype=torch.float64)
    obs = torch.stack([angle.cos(), angle.sin(), angle], -1)
    torch.testing.assert_close(traced("Pendulum-v1", obs)[1], angle)
