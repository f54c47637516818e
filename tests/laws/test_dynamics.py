"""Batched environments are Gymnasium's own, step by step, ends included."""

from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from samples import ACROBOT, some_theta

from pgpipe import compiler
from pgpipe.envs import BATCHED
from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.envs.single import fitted
from pgpipe.envs.spec import EnvironmentSpec, GymnasiumSpec
from pgpipe.policies.spec import PolicySpec
from pgpipe.rollout import policy_for, rollout
from pgpipe.seeding import stream

ROWS = 4


def random(n_actions):
    return lambda obs, rng: rng.integers(0, n_actions, ROWS)


def pump(obs, rng):
    """Torque along the second link's turning: the free end gets there after 67 to 194 steps."""
    return np.where(obs[:, 5] > 0, 2, 0)


def balance(obs, rng):
    return (obs[:, 2] + 0.3 * obs[:, 3] > 0).astype(np.int64)


def strong_torques(obs, rng):
    """Three times as wide as what the motor can do: half of them are clipped."""
    return (3 * rng.standard_normal((ROWS, 1))).astype(np.float32)


def along_the_speed(obs, rng):
    """A motor that pushes where the car moves gets out of the valley, and too strong a wish costs more."""
    return (1.5 * np.sign(obs[:, 1:] + 1e-9)).astype(np.float32)


CASES = {
    "pendulum": ("Pendulum-v1", {}, None, strong_torques),
    "pendulum on the moon": ("Pendulum-v1", {"g": 1.6}, 30, strong_torques),
    "acrobot arrives": ("Acrobot-v1", {}, None, pump),
    "acrobot arrives at the limit": ("Acrobot-v1", {}, 76, pump),  # when the second row gets there
    "acrobot is cut off": ("Acrobot-v1", {}, 60, random(3)),
    "car arrives": ("MountainCarContinuous-v0", {}, None, along_the_speed),
    "car is cut off": ("MountainCarContinuous-v0", {"goal_velocity": 0.05}, 80, along_the_speed),
    "cartpole falls": ("CartPole-v1", {}, None, random(2)),
    "cartpole is cut off": ("CartPole-v1", {"sutton_barto_reward": True}, 150, balance),
}


def side_by_side(id, kwargs, limit, act):
    """Every step of whole episodes: (ours, Gymnasium's) of each row that still runs, from one start state."""
    episodes = ParallelEpisodes({"id": id, "kwargs": kwargs, "max_episode_steps": limit}, 1, ROWS)
    obs = episodes.reset([np.random.default_rng(0)])
    singles = {row: gymnasium.make(id, max_episode_steps=limit, **kwargs) for row in range(ROWS)}
    for row, single in singles.items():
        single.reset(seed=0)
        inner: Any = single.unwrapped
        inner.state = episodes.env.state[:, row].copy()
    rng = np.random.default_rng(1)
    while singles:
        actions = act(obs, rng)
        ours = episodes.step(actions)
        obs = ours[0]
        for row, single in list(singles.items()):
            theirs = single.step(actions[row])[:4]
            yield row, [part[row] for part in ours], theirs
            if theirs[2] or theirs[3]:
                del singles[row]


@pytest.mark.parametrize("name", sorted(CASES))
def test_whole_episodes_are_gymnasiums(name):
    """Observations and rewards to 1e-6, every end at its step and for its reason."""
    for _, (obs, reward, *ends), (their_obs, their_reward, *their_ends) in side_by_side(*CASES[name]):
        assert obs.dtype == their_obs.dtype
        assert obs == pytest.approx(their_obs, abs=1e-6)
        assert reward == pytest.approx(their_reward, abs=1e-6)
        assert ends == their_ends


@pytest.mark.parametrize(
    ("id", "bounds"),
    [
        ("Acrobot-v1", [np.pi, np.pi, 4 * np.pi, 9 * np.pi]),
        ("Pendulum-v1", [20, 8]),
        ("MountainCarContinuous-v0", [1.2, 0.07]),
    ],
)
def test_one_step_from_anywhere_is_gymnasiums(id, bounds):
    """Fast states too, where bounds cut speeds and angles pass ±π, by more than one turn."""
    n = 500
    single: Any = gymnasium.make(id).unwrapped
    episodes = ParallelEpisodes({"id": id, "kwargs": {}, "max_episode_steps": None}, 1, n)
    episodes.reset([np.random.default_rng(0)])
    before = np.array(bounds)[:, None] * np.random.default_rng(1).uniform(-1, 1, (len(bounds), n))
    episodes.env.state = before.copy()
    single.action_space.seed(0)
    actions = np.array([single.action_space.sample() for _ in range(n)])
    obs, rewards, terminated, _ = episodes.step(actions)
    single.reset(seed=0)
    for row in range(n):
        single.state = before[:, row]
        their_obs, their_reward, their_end, *_ = single.step(actions[row])
        assert obs[row] == pytest.approx(their_obs, abs=1e-6)
        assert episodes.env.state[:, row] == pytest.approx(single.state, abs=1e-9)
        assert (rewards[row], terminated[row]) == (pytest.approx(their_reward), their_end)
    assert (np.abs(episodes.env.state[-1]) == bounds[-1]).any()  # a speed was cut


def test_the_cases_end_as_their_names_say():
    ends = {name: {tuple(theirs[2:]) for _, _, theirs in side_by_side(*CASES[name])} for name in CASES}
    runs, arrives, cut, both = (False, False), (True, False), (False, True), (True, True)
    assert ends["pendulum"] == ends["acrobot is cut off"] == ends["cartpole is cut off"] == {runs, cut}
    assert ends["car is cut off"] == {runs, cut}
    assert ends["acrobot arrives"] == ends["cartpole falls"] == ends["car arrives"] == {runs, arrives}
    assert both in ends["acrobot arrives at the limit"]


@pytest.mark.parametrize("is_compiled", [compiler.COMPILES, False])
def test_an_arrival_at_the_limit_counts_as_terminated(is_compiled, monkeypatch):
    """The worth of what follows is zero then, and nothing is to be guessed from the last state."""
    monkeypatch.setattr(compiler, "COMPILES", is_compiled)
    policy = policy_for(ACROBOT)
    streams = [[stream(0, word)] for word in ("environment", "actions")]
    episodes = ParallelEpisodes(ACROBOT | {"max_episode_steps": 1}, 1, 3)
    start = episodes.env.start

    def first_upright(n):
        states = start(n)
        states[0, 0] = np.pi  # the first row hangs nowhere: it stands
        return states

    monkeypatch.setattr(episodes.env, "start", first_upright)
    batch = rollout(policy, some_theta(ACROBOT), episodes, *streams)
    assert batch.terminated.tolist() == [[True, False, False]]
    assert batch.truncated.tolist() == [[False, True, True]]
    assert torch.equal(batch.returns, torch.tensor([[0.0, -1.0, -1.0]]))


@pytest.mark.parametrize("id", sorted(id for id in BATCHED if not id.startswith("pgpipe/")))
def test_starts_are_spread_as_gymnasiums(id):
    """Mean and spread of every state variable, 4,000 starts of ours against 1,000 of theirs."""
    episodes = ParallelEpisodes({"id": id, "kwargs": {}, "max_episode_steps": None}, 1, 4_000)
    episodes.reset([np.random.default_rng(0)])
    single: Any = gymnasium.make(id).unwrapped
    ours, theirs = episodes.env.state, []
    single.reset(seed=0)
    for _ in range(1_000):
        single.reset()
        theirs.append(single.state)
    theirs = np.array(theirs, dtype=np.float64).T
    spread = theirs.std(1)
    assert np.abs(ours.mean(1) - theirs.mean(1)) == pytest.approx(0 * spread, abs=5 * spread.max() / 28)
    assert ours.std(1) == pytest.approx(spread, rel=0.1)
    assert np.abs(ours).max(1) == pytest.approx(np.abs(theirs).max(1), rel=0.01)  # uniform: same bounds


SIMULATED: dict[str, PolicySpec] = {
    "InvertedPendulum-v5": {"kind": "gaussian_mlp", "hidden": [8], "sigma": 1.0},
    "HalfCheetah-v5": {"kind": "gaussian_mlp", "hidden": [8], "sigma": 1.0},
    "LunarLander-v3": {"kind": "categorical_mlp", "hidden": [8]},
}


@pytest.mark.parametrize("id", sorted(SIMULATED))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_rollout_one_by_one_is_gymnasiums(id):
    """The recorded actions, played again from the recorded seeds: same rewards, same ends, for several action numbers."""
    environment: EnvironmentSpec = {
        "name": "x",
        "id": id,
        "kwargs": {},
        "max_episode_steps": 40,
        "gamma": 1.0,
        "policy": SIMULATED[id],
    }
    policy, episodes = policy_for(environment), ParallelEpisodes(environment, 1, 3)
    theta = policy.initial(np.random.default_rng(0))[None]
    (batch,) = rollout(policy, theta, episodes, [stream(0, "environment")], [stream(0, "actions")]).split()
    seeds = stream(0, "environment").integers(0, 2**31, size=3)
    single = gymnasium.make(id, max_episode_steps=40)
    for row, seed in enumerate(seeds):
        obs, _ = single.reset(seed=int(seed))
        for t in range(batch.lengths[row]):
            assert batch.obs[row, t].numpy() == pytest.approx(obs, rel=1e-6, abs=1e-6)
            arrived = fitted(single.action_space, batch.actions[row, t].numpy())  # a box clips
            obs, reward, terminated, truncated, _ = single.step(arrived)
            assert batch.rewards[row, t].item() == pytest.approx(reward, rel=1e-5, abs=1e-5)
            assert (terminated or truncated) == (t == batch.lengths[row] - 1)
        assert batch.final_obs[row].numpy() == pytest.approx(obs, rel=1e-6, abs=1e-6)
        assert batch.terminated[row] == terminated
        assert batch.truncated[row] == (truncated and not terminated)
    single.close()
    episodes.close()


def test_arguments_of_the_environment_arrive_and_unknown_ones_are_refused():
    spec: GymnasiumSpec = {"id": "Pendulum-v1", "kwargs": {"g": 3.5}, "max_episode_steps": None}
    assert ParallelEpisodes(spec, 1, 2).env.single.g == 3.5
    with pytest.raises(TypeError, match="gravity"):
        ParallelEpisodes(spec | {"kwargs": {"gravity": 3.5}}, 1, 2)
