"""Rollouts are whole episodes, sampled fairly, with every end told for what it is."""

import gymnasium
import numpy as np
import pytest
import torch
from samples import ACROBOT, CARTPOLE, ENVIRONMENTS, GRID, LINE, PENDULUM, sample, some_theta

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories


def test_every_episode_is_one_run_to_its_end(environment):
    batch = sample(environment, some_theta(environment, 2), 5)
    ended = batch.terminated | batch.truncated
    assert ended.all()
    assert not (batch.terminated & batch.truncated).any()
    lengths = batch.mask.sum(-1)
    steps = torch.arange(batch.mask.shape[-1])
    assert torch.equal(batch.mask, steps < lengths[..., None])  # no gap, no step after the end


def test_padding_is_zero(environment):
    batch = sample(environment, some_theta(environment), 5)
    for name in ("obs", "actions", "rewards"):
        assert (getattr(batch, name)[~batch.mask] == 0).all()


def test_what_a_step_leads_to_is_where_the_next_one_starts():
    """Without noise s' = s + a, and the last step leads to final_obs."""
    still = LINE | {"kwargs": {**LINE["kwargs"], "noise_std": 0.0}}
    batch = sample(still, some_theta(still), 4)
    places = torch.cat([batch.obs, batch.final_obs[:, :, None]], dim=2)
    torch.testing.assert_close(places[:, :, 1:], batch.obs + batch.actions)


def test_the_final_observation_is_that_after_the_last_step():
    """A pole that fell has passed its angle or its place only after the last step."""
    batch = sample(CARTPOLE, some_theta(CARTPOLE), 20)
    fallen = (batch.final_obs[..., 2].abs() > 12 * torch.pi / 180) | (batch.final_obs[..., 0].abs() > 2.4)
    assert torch.equal(fallen, batch.terminated)
    assert (batch.obs[..., 2].abs() <= 12 * torch.pi / 180).all()


def test_line_reward_is_that_of_its_observation_and_action():
    batch = sample(LINE, some_theta(LINE), 4)
    expected = -(batch.obs[..., 0] ** 2) - batch.actions[..., 0] ** 2
    torch.testing.assert_close(batch.rewards, expected * batch.mask)
    assert batch.terminated.all()


def test_cartpole_counts_its_steps_and_tells_its_ends_apart():
    """A reward of one a step; an episode of full length is truncated, a shorter one terminated."""
    batch = sample(CARTPOLE, some_theta(CARTPOLE), 200)
    lengths = batch.mask.sum(-1)
    assert torch.equal(batch.returns, lengths.float())
    assert torch.equal(batch.terminated, lengths < 60)
    assert (lengths < 60).any()


def test_time_limit_is_truncation():
    batch = sample(CARTPOLE | {"max_episode_steps": 5}, some_theta(CARTPOLE), 10)
    assert batch.truncated.all()
    assert (batch.mask.sum(-1) == 5).all()


def test_any_other_gymnasium_id_works():
    """MountainCar has no batched form: it is stepped one by one, and truncated at its limit."""
    car = ACROBOT | {"id": "MountainCar-v0"}
    batch = sample(car, some_theta(car), 3)
    assert batch.obs.shape == (1, 3, 15, 2)
    assert batch.truncated.all()
    assert torch.equal(batch.rewards, torch.full((1, 3, 15), -1.0))


def test_any_other_id_with_real_actions_works():
    """Its reward is -0.1 a², of the action as the policy sampled it."""
    car = PENDULUM | {"id": "MountainCarContinuous-v0"}
    batch = sample(car, some_theta(car), 3)
    assert batch.actions.shape == (1, 3, 15, 1)
    torch.testing.assert_close(batch.rewards, -0.1 * batch.actions[..., 0] ** 2)


def test_actions_may_have_several_numbers():
    """A plane whose reward is a_1 + 10 a_2: each number reaches the environment in its place."""

    class Plane(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(-1, 1, (3,))
        action_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,))

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return self.np_random.uniform(-1, 1, 3).astype(np.float32), {}

        def step(self, action):
            return np.zeros(3, np.float32), float(action[0] + 10 * action[1]), False, False, {}

    gymnasium.register("pgpipe-test/Plane-v0", lambda **kwargs: Plane(**kwargs))
    plane = PENDULUM | {"id": "pgpipe-test/Plane-v0", "max_episode_steps": 4}
    batch = sample(plane, some_theta(plane, 2), 3)
    assert batch.actions.shape == (2, 3, 4, 2)
    torch.testing.assert_close(batch.rewards, batch.actions[..., 0] + 10 * batch.actions[..., 1])


def test_the_kept_action_is_the_sampled_one_not_the_clipped_one():
    """Pendulum clips to ±2; the log-probability is that of what the policy drew."""
    batch = sample(PENDULUM, some_theta(PENDULUM), 20)
    assert batch.actions.abs().max() > 2


def test_discrete_observations_become_one_hot():
    lake = GRID | {"id": "FrozenLake-v1", "kwargs": {}, "max_episode_steps": 4}
    batch = sample(lake, torch.zeros(1, 64, dtype=torch.float64), 3)
    assert batch.obs.shape[-1] == 16
    assert torch.equal(batch.obs.sum(-1), batch.mask.double())


def test_actions_are_sampled_from_the_policy():
    """Frequencies of the grid's first actions within 5 standard errors of the softmax."""
    theta = some_theta(GRID)
    batch = sample(GRID, theta, 30_000)
    policy = policy_for(GRID)
    first_obs, first = batch.obs[:, :, 0], batch.actions[:, :, 0]
    for action in range(4):
        p = policy.log_prob(theta, first_obs, torch.full_like(first, action)).exp()
        error = (p * (1 - p)).sum().sqrt()
        assert abs((first == action).sum() - p.sum()) < 5 * error


def test_batches_are_fair_samples_of_short_and_long_episodes():
    """Each environment runs its quota: the mean length is that of the policy, not of who finishes first."""
    theta = some_theta(CARTPOLE)
    small = torch.cat([b.returns.flatten() for b in sample_batches(CARTPOLE, theta[0], 0, ("a",), 200, 4)])
    large = sample(CARTPOLE, theta, 4_000, seed=3).returns.flatten()
    error = (small.var() / len(small) + large.var() / len(large)).sqrt()
    assert abs(small.mean() - large.mean()) < 4 * error


def test_batches_do_not_depend_on_how_they_are_grouped(monkeypatch):
    theta = some_theta(CARTPOLE)[0]
    together = list(sample_batches(CARTPOLE, theta, 0, ("a",), 5, 3))
    monkeypatch.setattr("pgpipe.sampling.EPISODES_AT_A_TIME", 6)
    apart = list(sample_batches(CARTPOLE, theta, 0, ("a",), 5, 3))
    assert (len(together), len(apart)) == (1, 3)
    joined = Trajectories.concatenate(apart)
    assert torch.equal(joined.rewards, together[0].rewards)
    assert torch.equal(joined.obs, together[0].obs)


def test_packing_and_unpacking_gives_the_same_batch(environment):
    batch = sample(environment, some_theta(environment, 2), 3)
    tensors = batch.tensors("x.")
    assert len(tensors["x.rewards"]) == batch.mask.sum()
    back = Trajectories.from_tensors(tensors, "x.")
    assert all(torch.equal(value, getattr(back, name)) for name, value in batch.fields.items())


def test_split_cuts_each_batch_to_its_longest_episode():
    batches = sample(CARTPOLE, some_theta(CARTPOLE, 3), 4)
    for agent, batch in enumerate(batches.split()):
        assert batch.mask.shape == (4, batches.mask[agent].sum(-1).max())
        assert torch.equal(batch.returns, batches.returns[agent])


def test_discounted_return_by_hand():
    """γ = ½ and rewards 1, 2, 4: 1 + 1 + 1 = 3."""
    batch = sample(ENVIRONMENTS["line"], some_theta(LINE), 1)
    three = Trajectories(**{**vars(batch), "rewards": torch.tensor([[[1.0, 2.0, 4.0]]])})
    assert three.discounted_returns(0.5).item() == 3


def test_policy_that_does_not_fit_is_refused():
    with pytest.raises(
        ValueError, match=r"^linear_gaussian needs one observation and one action, got \(4,\)"
    ):
        policy_for(CARTPOLE | {"policy": LINE["policy"]})


def test_rows_of_an_environment_are_those_of_its_agents():
    episodes = ParallelEpisodes(LINE, 2, 3)
    obs = episodes.reset([np.random.default_rng(0), np.random.default_rng(1)])
    alone = ParallelEpisodes(LINE, 1, 3).reset([np.random.default_rng(1)])
    assert (obs[3:] == alone).all()
