"""What dividing by the batch's own standard deviation does to a gradient (math.md)."""

import numpy as np
import pytest
import torch
from laws.test_variances import bandit_with
from samples import estimator_spec, sample

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.rollout import policy_for
from pgpipe.trajectories import Trajectories


def normalised(actions):
    """ĝ of each batch written out, from actions (R, N) on the bandit with d = σ = 1.  -> (R, 2)."""
    r = -(actions**2)
    A = (r - r.mean(1, keepdims=True)) / r.std(1, keepdims=True)
    z = actions - 1
    return np.stack([(A * z).mean(1), (A * (z**2 - 1)).mean(1)], axis=1)


@pytest.mark.parametrize(
    ("n", "expected", "R"), [(8, 1.39, 100_000), (32, 1.11, 40_000), (256, 1.015, 10_000)]
)
def test_it_turns_the_gradient_of_the_bandit(n, expected, R):
    """The true ratio of the components is 1; within 4 standard errors and the last digit."""
    rows = normalised(1 + np.random.default_rng(n).standard_normal((R, n)))
    mu, sigma = rows.mean(0)
    influence = (rows[:, 0] - mu / sigma * rows[:, 1]) / sigma
    digit = 0.0005 if expected == 1.015 else 0.005
    assert abs(mu / sigma - expected) < 4 * influence.std() / R**0.5 + digit


def test_the_estimator_is_what_is_written_out():
    theta = torch.tensor([1.0, 1.0], dtype=torch.float64).expand(6, -1)
    batches = sample(bandit_with(0.0), theta, 8)
    estimator = Estimator.from_spec(estimator_spec("total_return", normalize=True), 1.0)
    found = estimate_each(policy_for(bandit_with(0.0)), theta, batches, estimator)
    np.testing.assert_allclose(found.numpy(), normalised(batches.actions[..., 0, 0].numpy()))


def episodes_of(rewards):
    """A batch with these rewards (N, T) in two groups, as CartPole's are in single precision."""
    N, T = rewards.shape
    never = torch.zeros(N, dtype=torch.bool)
    return Trajectories(
        obs=torch.zeros(N, T, 1),
        actions=torch.zeros(N, T, dtype=torch.int64),
        rewards=rewards,
        mask=torch.ones(N, T, dtype=torch.bool),
        terminated=never,
        truncated=~never,
        final_obs=torch.zeros(N, 1),
        group=torch.arange(N) // (N // 2),
    )


@pytest.mark.parametrize("n", [4, 6, 14, 50])
@pytest.mark.parametrize("over", [True, "group"])
@pytest.mark.parametrize("baseline", ["none", "mean", "batch_mean", "group_mean", "group_batch_mean"])
def test_returns_that_are_equal_give_no_advantages(baseline, over, n):
    """All episodes as good as can be: rounding, which differs by the place in the batch, is not divided up."""
    spec = estimator_spec("total_return", baseline, normalize=over)
    weights = Estimator.from_spec(spec, 0.99).weighted_advantages(episodes_of(torch.ones(n, 500)))
    assert (weights == 0).all()


@pytest.mark.parametrize("over", [True, "group"])
def test_small_differences_count_beside_large_returns_elsewhere(over):
    """One reward in 500 is another; in groups, whatever the returns of the other group are."""
    rewards = torch.ones(8, 500)
    rewards[0, 0] += 0.01
    if over == "group":
        rewards[4:] *= 1e6
    weights = Estimator.from_spec(estimator_spec("total_return", normalize=over), 1.0).weighted_advantages(
        episodes_of(rewards)
    )
    first = weights[: 4 if over == "group" else 8, 0]
    assert first.std(correction=0) == pytest.approx(1.0, rel=1e-3)
