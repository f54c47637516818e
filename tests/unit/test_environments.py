"""The environments keep Gymnasium's contract and their own dynamics."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import pgpipe.envs  # noqa: F401  registers them
from pgpipe.envs.grid import GridVectorEnv, neighbour
from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.streams import AgentStreams
from pgpipe.jobs.imports import code_of
from pgpipe.lecture.common.specs import modules
from pgpipe.oracles.grid import transition_matrix

OWN = [id for id in gymnasium.registry if id.startswith("pgpipe/")]


@pytest.mark.parametrize("id", OWN)
@pytest.mark.filterwarnings("ignore:.*:UserWarning:gymnasium")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gymnasiums_own_checker_is_content(id):
    check_env(gymnasium.make(id).unwrapped, skip_render_check=True)


@pytest.mark.parametrize("id", OWN)
def test_vector_entry_point_is_registered(id):
    env = gymnasium.make_vec(id, 5, vectorization_mode="vector_entry_point")
    obs, _ = env.reset(seed=1)
    assert obs in env.observation_space
    obs, rewards, terminated, truncated, _ = env.step(env.action_space.sample())
    assert obs in env.observation_space
    assert rewards.shape == terminated.shape == truncated.shape == (5,)


def test_line_moves_and_pays_as_written():
    """s' = s + a and r = -s² - a², where the step starts."""
    env = LineVectorEnv(3, horizon=2, start_std=1.0)
    before, _ = env.reset(seed=0)
    after, rewards, terminated, truncated, _ = env.step(np.array([[0.5], [-1.0], [0.0]]))
    assert after[:, 0] == pytest.approx(before[:, 0] + [0.5, -1.0, 0.0])
    assert rewards == pytest.approx(-(before[:, 0] ** 2) - np.array([0.25, 1.0, 0.0]))
    assert not terminated.any()
    assert env.step(np.zeros((3, 1)))[2].all()  # the horizon is the end of the problem, not a time limit
    assert not truncated.any()


def test_line_noise_has_its_spread():
    env = LineVectorEnv(20_000, start_std=2.0, noise_std=0.3)
    start, _ = env.reset(seed=0)
    assert start.std() == pytest.approx(2.0, rel=0.03)
    moved = env.step(np.zeros((20_000, 1)))[0] - start
    assert moved.std() == pytest.approx(0.3, rel=0.03)


def test_walls_stop_a_walker():
    """3 × 3, from the first cell: up and left stay; right leads to 1, down to 3."""
    assert list(neighbour(np.zeros(4, dtype=int), np.arange(4), 3)) == [0, 1, 3, 0]
    assert list(neighbour(np.full(4, 4), np.arange(4), 3)) == [1, 5, 7, 3]


def test_grid_moves_as_its_transition_matrix_says():
    """40,000 steps from random cells: every frequency within 5 standard errors of P(s'|s, a)."""
    n, rng = 40_000, np.random.default_rng(0)
    env = GridVectorEnv(n, size=3, slip=0.3)
    env.reset(seed=0)
    before, actions = env.state, rng.integers(0, 4, n)
    _, rewards, terminated, _, _ = env.step(actions)
    counts = np.zeros((9, 4, 9))
    np.add.at(counts, (before, actions, env.state), 1)
    visits = counts.sum(-1, keepdims=True)
    P = transition_matrix(3, 0.3)
    error = np.sqrt(P * (1 - P) / np.maximum(visits, 1))
    deviation = np.abs(counts / np.maximum(visits, 1) - P) * (visits > 0)
    assert (deviation <= 5 * error + 1e-12).all()
    assert (rewards == (env.state == 8)).all()
    assert (terminated == (env.state == 8)).all()


def test_grid_starts_anywhere_but_on_the_goal():
    env = GridVectorEnv(16_000, size=4)
    env.reset(seed=0)
    counts = np.bincount(env.state, minlength=16)
    assert counts[15] == 0
    assert counts[:15] == pytest.approx(16_000 / 15, rel=0.2)  # 6 standard errors of 31


def test_reset_mask_restarts_only_what_it_marks():
    env = LineVectorEnv(4, horizon=5)
    env.reset(seed=0)
    env.step(np.zeros((4, 1)))
    before = env.state.copy()
    env.reset(options={"reset_mask": np.array([True, False, False, True])})
    assert (env.state[[1, 2]] == before[[1, 2]]).all()
    assert (env.state[[0, 3]] != before[[0, 3]]).all()
    assert list(env.clock) == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LineVectorEnv(horizon=0), "horizon must be a whole number of at least 1, got 0"),
        (lambda: LineVectorEnv(start_std=-1.0), "spreads must be numbers from 0 up, got start_std=-1.0, noise_std=0.0"),
        (lambda: GridVectorEnv(size=1), "size must be a whole number from 2 up and slip in [0, 1], got size=1, slip=0.1"),
    ],
)  # fmt: skip
def test_impossible_arguments_are_refused(make, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011  the whole message is compared
        make()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("id", "module"), [("Acrobot-v1", ["pgpipe.envs.acrobot"]), ("pgpipe/Coin-v0", ["pgpipe.envs.coin"]), ("MountainCar-v0", [])]
)  # fmt: skip
def test_a_job_depends_on_the_batched_form_of_its_environment(id, module):
    """No import statement shows it: editing one environment's file redoes the jobs in it, and no others."""
    assert modules([{"id": id, "kwargs": {}, "max_episode_steps": None}]) == module
    assert not any(
        f"pgpipe/envs/{name}.py" in code_of("pgpipe.rollout") for name in ("acrobot", "coin", "line")
    )


def test_agent_streams_share_nothing():
    """Each agent's share of a draw is what its own generator draws alone."""
    generators = [np.random.default_rng(seed) for seed in (1, 2)]
    drawn = AgentStreams(generators).uniform(-1, 1, size=(4, 6))
    alone = np.random.default_rng(2).uniform(-1, 1, size=(4, 3))
    assert (drawn[:, 3:] == alone).all()
