"""Laws of single parts: what a baseline may know, where a value ends, what normalisation is, a score's mean."""

from dataclasses import replace

import pytest
import torch
from samples import CARTPOLE, CHAIN, COIN, GRID, LINE, PENDULUM, estimator_spec, sample, some_theta

from pgpipe.critics import linear_critic
from pgpipe.estimators import scores
from pgpipe.estimators.composition import Estimator
from pgpipe.rollout import policy_for
from pgpipe.trajectories import Trajectories

LEAVE_ONE_OUT = ("mean", "time_mean", "optimal", "value")


@pytest.mark.parametrize("baseline", LEAVE_ONE_OUT)
@pytest.mark.parametrize("signal", ["total_return", "reward_to_go"])
def test_a_baseline_does_not_know_the_trajectory_it_corrects(baseline, signal):
    """Whatever trajectory 0 earns, what is subtracted from it stays the same."""
    theta = some_theta(LINE)[0]
    batch = sample(LINE, theta[None], 6).split()[0]
    other = replace(batch, rewards=batch.rewards.clone())
    other.rewards[0] += torch.linspace(1, 3, batch.rewards.shape[1]) * batch.mask[0]
    policy = policy_for(LINE)

    def subtracted(batch, baseline):
        plain, ours = (
            scores.trajectory_estimates(policy, theta, batch, Estimator.from_spec(spec, 0.9))[0]
            for spec in (estimator_spec(signal, b) for b in ("none", baseline))
        )
        return plain - ours

    torch.testing.assert_close(subtracted(batch, baseline), subtracted(other, baseline))
    assert subtracted(batch, baseline).norm() > 1e-3


def two_short_episodes():
    """One reward each and the same states; the first episode terminated, the second was cut off."""
    return Trajectories(
        obs=torch.tensor([[[1.0], [2.0]], [[1.0], [2.0]]]),
        actions=torch.zeros(2, 2, dtype=torch.int64),
        rewards=torch.ones(2, 2),
        mask=torch.ones(2, 2, dtype=torch.bool),
        terminated=torch.tensor([True, False]),
        truncated=torch.tensor([False, True]),
        final_obs=torch.tensor([[5.0], [5.0]]),
    )


def test_a_time_limit_is_not_the_end_of_the_world():
    """V(s) = s: the cut-off episode's last step is worth r + γ V(s_T), the terminated one's just r."""
    batch = two_short_episodes()

    def value(batch, gamma):
        return batch.all_obs[..., 0] * batch.has_value

    td = Estimator.from_spec(estimator_spec("td"), 0.5)
    weights = replace(td, value=value, score_discount=False).weighted_advantages(batch)
    assert weights.tolist() == [[2.0, 1.0], [2.0, 3.5]]


def test_a_critic_gives_a_value_to_a_cut_off_end_and_none_to_a_terminal_one():
    environment = CARTPOLE | {"max_episode_steps": 12}
    batch = sample(environment, some_theta(environment), 20).split()[0]
    assert batch.truncated.any()
    assert batch.terminated.any()
    values = linear_critic(batch, 0.9)
    last = values.gather(1, batch.lengths[:, None])[:, 0]
    assert (last[batch.terminated] == 0).all()
    assert (last[batch.truncated].abs() > 1e-3).all()


def test_a_critic_is_the_same_however_many_matrices_there_is_room_for(monkeypatch):
    """A matrix for each of 20 trajectories in 4,000 observed numbers took 10 GB, and all at once the machine's."""
    batch = sample(LINE, some_theta(LINE), 7).split()[0]
    together = linear_critic(batch, 0.9)
    for room in (1, 3 * 4**2):
        monkeypatch.setattr("pgpipe.critics.NUMBERS", room)
        torch.testing.assert_close(linear_critic(batch, 0.9), together)


def test_a_critic_is_the_ridge_regression_on_all_others():
    """By numpy's solver, one trajectory after the other, on features and targets written down again."""
    import numpy as np

    batch = sample(LINE, some_theta(LINE), 7).split()[0]
    s, gamma = batch.all_obs[..., 0].numpy(), 0.9
    t = np.broadcast_to(np.arange(s.shape[1]) / 100, s.shape)
    phi = np.stack([s, s**2, np.ones_like(s), t], axis=-1)
    r = batch.rewards.numpy()
    to_go = np.array(
        [[sum(gamma ** (k - t) * row[k] for k in range(t, len(row))) for t in range(len(row))] for row in r]
    )
    for i, ours in enumerate(linear_critic(batch, gamma).numpy()):
        others = np.arange(7) != i
        X, y = phi[others, :-1].reshape(-1, 4), to_go[others].ravel()
        root = np.diag(np.sqrt(1e-4 * (X**2).sum(0)))
        w = np.linalg.lstsq(np.vstack([X, root]), np.concatenate([y, np.zeros(4)]), rcond=None)[0]
        np.testing.assert_allclose(ours[:-1], phi[i, :-1] @ w, atol=1e-8)


@pytest.mark.parametrize("signal", ["total_return", "reward_to_go"])
def test_normalised_advantages_have_spread_one_and_no_scale(signal):
    spec = estimator_spec(signal, "mean", normalize=True, score_discount=False)
    batch = sample(LINE, some_theta(LINE), 8).split()[0]
    estimator = Estimator.from_spec(spec, 0.9)
    weights = estimator.weighted_advantages(batch)
    assert weights[batch.mask].std(correction=0) == pytest.approx(1)
    assert weights[batch.mask].mean() == pytest.approx(0, abs=1e-9)
    doubled = estimator.weighted_advantages(replace(batch, rewards=2 * batch.rewards))
    torch.testing.assert_close(doubled, weights)


def test_normalised_advantages_of_a_batch_of_one_are_numbers():
    batch = sample(LINE, some_theta(LINE), 1).split()[0]
    spec = estimator_spec("total_return", normalize=True)
    assert (Estimator.from_spec(spec, 0.9).weighted_advantages(batch) == 0).all()


@pytest.mark.parametrize("environment", [LINE, GRID, COIN, PENDULUM], ids=lambda spec: spec["name"])
def test_the_mean_of_a_score_is_zero(environment):
    """|z| < 5 for every parameter, over rollouts: actions and their log-probabilities belong together."""
    theta = some_theta(environment)[0]
    batch = sample(environment, theta[None], 600).split()[0]
    rows = scores.trajectory_gradients(policy_for(environment), theta, batch, batch.mask.to(theta.dtype))
    error = rows.std(0) / len(rows) ** 0.5
    assert ((rows.mean(0).abs() < 5 * error) | (error == 0)).all()


def test_an_episode_ends_with_the_step_that_ends_it():
    """Of a walk along the chain the last step is the stop: one more than what was earned."""
    batch = sample(CHAIN, torch.tensor([[0.0, 1.0]], dtype=torch.float64), 50).split()[0]
    assert (batch.lengths == batch.returns + 1).all()
    assert (batch.actions.gather(1, batch.lengths[:, None] - 1) == 0).all()
