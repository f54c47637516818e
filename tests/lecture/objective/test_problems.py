"""Every environment in a line, episodes of its untrained policy, and what F13 and the text say of them."""

import gymnasium
import numpy as np
import pandas as pd
import pytest
from gymnasium.envs.classic_control.acrobot import AcrobotEnv
from gymnasium.envs.classic_control.cartpole import CartPoleEnv
from samples import ACROBOT, CARTPOLE, CHAIN, ENVIRONMENTS, GRID, LINE, PENDULUM, PROMPTS

from pgpipe.config.files import read_config
from pgpipe.envs import BATCHED
from pgpipe.envs.grid import neighbour
from pgpipe.envs.poses import POSES
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.envs.words import WORDS, in_words
from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.config import Config
from pgpipe.lecture.objective.figures.problems import draw, headline
from pgpipe.lecture.objective.problems import STATES, STATES_OF_ONE, describe_problem, untrained_episodes
from pgpipe.lecture.objective.sentences import problems_in_words
from pgpipe.lecture.objective.specs import problem_environments
from pgpipe.policies.spec import CategoricalMLPSpec

LAKE: EnvironmentSpec = {
    "name": "lake", "id": "FrozenLake-v1", "kwargs": {}, "max_episode_steps": 30, "gamma": 0.9,
    "policy": {"kind": "softmax_table", "logits": None},
}  # fmt: skip
HILL: EnvironmentSpec = {
    "name": "hill", "id": "MountainCarContinuous-v0", "kwargs": {}, "max_episode_steps": 300, "gamma": 0.9,
    "policy": {"kind": "gaussian_mlp", "hidden": [4], "sigma": 1.0},
}  # fmt: skip
EVERY = [*ENVIRONMENTS.values(), CHAIN, LAKE, HILL]


def described(environment, exact=True):
    tables = describe_problem({"seed": 0, "environment": environment, "exact": exact})
    return tables["problems"].iloc[0], tables["problem_traces"]


def steps_of(traces, column):
    """What each step adds to a column, episode by episode, where no step was left out."""
    return traces.groupby("episode")[column].diff().dropna().to_numpy()


@pytest.mark.parametrize("id", BATCHED)
def test_every_batched_environment_has_words(id):
    assert WORDS[id].task
    assert WORDS[id].reward


@pytest.mark.parametrize("environment", EVERY, ids=lambda e: e["name"])
def test_traces_are_the_first_episodes_of_the_rollouts(environment):
    """From the start to the end; each state but the last has an action; what is paid in all is the return."""
    problem, traces = described(environment)
    batch = untrained_episodes({"seed": 0, "environment": environment}, 12)
    for episode, rows in traces.groupby("episode"):
        length = int(batch.lengths[episode])
        kept = np.linspace(0, length, min(length + 1, STATES_OF_ONE)).round().astype(int)
        assert rows["step"].tolist() == sorted(set(kept))
        assert rows["action"].isna().tolist() == [False] * (len(rows) - 1) + [True]
        assert rows["paid"].iloc[0] == 0
        assert rows["paid"].iloc[-1] == pytest.approx(float(batch.returns[episode]), rel=1e-4)
        assert length <= problem["longest"]
    assert len(traces) <= max(STATES, STATES_OF_ONE)


def test_the_same_seed_gives_the_same_episodes_and_another_one_others():
    one, again = (described(CARTPOLE)[1] for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    other = describe_problem({"seed": 1, "environment": CARTPOLE, "exact": False})["problem_traces"]
    assert not one.head(5).equals(other.head(5))


def test_rewards_of_the_line_are_those_of_what_is_traced():
    """r = -s² - a²: the traced number is the place, the action the move."""
    problem, traces = described(LINE)
    rows = traces.dropna(subset="action")
    rewards = -(rows["value"] ** 2) - rows["action"] ** 2
    np.testing.assert_allclose(steps_of(traces, "paid"), rewards, rtol=1e-2, atol=2e-3)  # of rounded sums
    assert problem["traced"] == "position s"


def test_a_room_is_traced_by_its_cells_and_moves_to_neighbours():
    problem, traces = described({**GRID, "kwargs": {**GRID["kwargs"], "slip": 0.0}})
    for _, rows in traces.groupby("episode"):
        cells = rows["value"].to_numpy().astype(int)
        moves = rows["action"].to_numpy()[:-1].astype(int)
        np.testing.assert_array_equal(neighbour(cells[:-1], moves, 3), cells[1:])
    assert problem["observation"] == "the cell, one of 9"
    assert problem["action"] == "up, right, down or left"
    assert set(traces["action_name"].dropna()) <= {"up", "right", "down", "left"}


def test_states_that_are_told_apart_one_by_one_are_traced_by_their_number():
    """A lake of 16 cells, whose first is the start; four moves lead to a neighbour, or nowhere."""
    problem, traces = described(LAKE, exact=False)
    assert (problem["traced"], problem["observation"]) == ("state", "the state, one of 16")
    assert traces["value"].iloc[0] == 0
    assert set(np.abs(steps_of(traces, "value"))) <= {0, 1, 4}


def test_the_pole_is_a_metre_long_and_leans_as_the_state_says():
    problem, traces = described(CARTPOLE)
    across, up = traces["tip_x"] - traces["joint_x"], traces["tip_y"] - traces["joint_y"]
    np.testing.assert_allclose(np.hypot(across, up), 2 * CartPoleEnv().length, atol=1e-4)
    np.testing.assert_allclose(np.arctan2(across, up), traces["value"], atol=1e-4)
    assert problem["traced"] == "pole angle (rad)"


def test_the_tip_of_the_pendulum_is_up_where_the_reward_is_best():
    """r = -(θ² + …) with θ from upright: cos θ is the height of the tip, and the pivot stays."""
    _, traces = described(PENDULUM)
    np.testing.assert_allclose(traces["tip_y"], np.cos(traces["value"]), atol=1e-4)
    # Gymnasium draws a positive angle to the left
    np.testing.assert_allclose(traces["tip_x"], -np.sin(traces["value"]), atol=1e-4)
    assert (traces[["joint_x", "joint_y"]] == 0).all(axis=None)


def test_the_acrobot_hangs_at_first_and_ends_where_its_tip_is_above_the_line():
    """The environment's own condition of an end, -cos θ₁ - cos(θ₁ + θ₂) > 1, is the height of the tip."""
    # the policy of the config, by which some episodes get there
    policy: CategoricalMLPSpec = {"kind": "categorical_mlp", "hidden": [32, 32]}
    long: EnvironmentSpec = {**ACROBOT, "max_episode_steps": 500, "policy": policy}
    _, traces = described(long)
    assert traces["tip_y"].iloc[0] == pytest.approx(-2, abs=0.02)
    links = np.hypot(traces["tip_x"] - traces["joint_x"], traces["tip_y"] - traces["joint_y"])
    np.testing.assert_allclose(links, AcrobotEnv.LINK_LENGTH_2, atol=1e-4)
    batch = untrained_episodes({"seed": 0, "environment": long}, 12)
    for episode in range(12):
        _, tip = POSES["Acrobot-v1"](batch.all_obs[episode, : int(batch.lengths[episode]) + 1])
        assert (tip[-1, 1] > 1) == batch.terminated[episode]
        assert (tip[:-1, 1] <= 1 + 1e-6).all()
    assert batch.terminated.any()


def test_a_horizon_is_no_time_limit():
    assert described(LINE)[0][["longest", "end"]].tolist() == [5, "horizon"]
    assert described(CARTPOLE)[0][["longest", "end"]].tolist() == [60, "time limit"]
    assert described(PENDULUM)[0]["action"] == "the torque (N m), from -2 to 2"


class MyEnv(gymnasium.Env):
    """# Mine

    Keep the number at 0. It drifts by itself.
    """


def test_an_environment_of_ones_own_is_described_by_its_docstring():
    assert in_words("Mine-v0", MyEnv()).task == "Keep the number at 0"
    assert in_words("Mine-v0", MyEnv()).reward == ""


def test_the_problems_are_those_that_the_run_names(tmp_path):
    """Of the default config all; one that nothing names is left out, one that a study names deep inside is not."""
    default = read_config(Config, ROOT / "config.yaml")
    assert problem_environments(default) == list(default.environments)
    extra = tmp_path / "extra.yaml"
    extra.write_text(
        "environments: {spare: {id: pgpipe/Coin-v0, gamma: 1.0, policy: {kind: softmax_table}}}\n"
    )
    assert "spare" not in problem_environments(read_config(Config, ROOT / "config.yaml", [extra]))


def test_a_recipe_may_be_called_environment(tmp_path):
    extra = tmp_path / "extra.yaml"
    extra.write_text(
        "environments: {mine: {id: pgpipe/Coin-v0, gamma: 1.0, policy: {kind: softmax_table}}}\n"
        "recipes: {environment: {environment: mine, estimator: total_return, learning_rate: 0.1}}\n"
    )
    assert "mine" in problem_environments(read_config(Config, ROOT / "config.yaml", [extra]))


def gathered(tmp_path, *environments):
    """The tables as a figure reads them: from files, where nothing is told from an empty text."""
    tables = [
        describe_problem({"seed": 0, "environment": e, "exact": e in (LINE, GRID)}) for e in environments
    ]
    for name in ("problems", "problem_traces"):
        pd.concat([table[name] for table in tables]).to_csv(tmp_path / name, index=False)
    return pd.read_csv(tmp_path / "problems"), pd.read_csv(tmp_path / "problem_traces")


def words_in(figure):
    return {text.get_text() for ax in figure.axes for text in (*ax.texts, ax.title, ax._left_title)}


def test_f13_names_each_problem_its_task_its_length_and_its_discount(tmp_path):
    words = words_in(draw(*gathered(tmp_path, LINE, CARTPOLE, LAKE)))
    assert {"line", "cartpole", "lake"} <= words
    assert "Walk to 0 and stay there\nup to 5 steps, γ = 0.9, ∇J known" in words
    assert "Keep a pole upright on a cart\nup to 60 steps, γ = 0.97" in words
    assert "FrozenLake-v1\nup to 30 steps, γ = 0.9" in words


@pytest.mark.parametrize("environment", EVERY, ids=lambda e: e["name"])
def test_f13_draws_any_problem_alone_with_the_first_episode_bold(tmp_path, environment):
    tables = gathered(tmp_path, environment)
    (ax,) = draw(*tables).axes
    assert any(line.get_color() == "black" for line in ax.get_lines())
    assert headline(*tables).startswith("One problem, ")


def test_f13_draws_what_was_written_and_what_prompts_ask_for(tmp_path):
    """Lines end at the sums of their tokens; the first prompt's answer is the black one."""
    tables = gathered(tmp_path, PROMPTS)
    (ax,) = draw(*tables).axes
    sums = tables[1].groupby("episode")["action"].sum()
    places = [(*np.asarray(line.get_xydata())[[0, -1]], line) for line in ax.get_lines()]
    ends = {first[1]: line.get_color() for first, _, line in places if line.get_marker() == "o"}
    assert set(ends) == set(sums)
    assert ends[sums[0]] == "black"
    asked = {first[1] for first, last, _ in places if last[0] == 1}
    assert {1, 3} <= asked


def test_a_long_task_and_many_names_take_two_lines(tmp_path):
    names = [{**CARTPOLE, "name": name} for name in ("cartpole", "small_cartpole", "grouped_cartpole")]
    words = words_in(draw(*gathered(tmp_path, *names, PROMPTS, LINE)))
    assert "cartpole, small cartpole,\ngrouped cartpole" in words
    task = "Write numbers that add up to the one\nasked for, and stop"
    assert f"{task}\nup to 2 steps, γ = 1" in words


def test_f13_draws_the_poses_of_the_episode_and_no_others(tmp_path):
    """The bold line ends at the last tip of the table, and every pale one at some tip of it."""
    problems, traces = gathered(tmp_path, PENDULUM)
    (ax,) = draw(problems, traces).axes
    (bold,) = [line for line in ax.get_lines() if line.get_color() == "black"]
    points = np.asarray(bold.get_xydata())
    np.testing.assert_allclose(points[np.isfinite(points[:, 0])][-1], traces[["tip_x", "tip_y"]].iloc[-1])


def test_environments_that_differ_in_their_policy_alone_share_a_panel(tmp_path):
    small = {**CARTPOLE, "name": "small_cartpole", "policy": {"kind": "categorical_mlp", "hidden": [4]}}
    tables = gathered(tmp_path, CARTPOLE, LINE, small)
    figure = draw(*tables)
    assert len(figure.axes) == 2
    assert "cartpole, small cartpole" in words_in(figure)
    assert headline(*tables) == ("2 problems, of 5 to 60 steps; the gradient is known exactly in 1 of them")
    assert problems_in_words(tables[0]).count("\n") == 1


def test_f13_says_how_many_how_long_and_how_many_are_known(tmp_path):
    problems, traces = gathered(tmp_path, LINE, CARTPOLE, GRID)
    assert headline(problems, traces) == (
        "3 problems, of 5 to 60 steps; the gradient is known exactly in 2 of them"
    )
    endless = problems.assign(longest=[5.0, np.nan, 6.0], exact=False)
    assert headline(endless, traces) == "3 problems; the gradient is known exactly in none of them"
    alone = "One problem, up to 60 steps"
    assert headline(problems.iloc[1:2], traces) == alone
    assert headline(problems.iloc[:1], traces) == "One problem, up to 5 steps; its gradient is known exactly"


def test_the_text_says_what_is_seen_chosen_and_paid(tmp_path):
    problems, _ = gathered(tmp_path, GRID, LAKE)
    room, lake = problems_in_words(problems).splitlines()
    assert room == (
        "- **grid** (`pgpipe/Grid-v0`): Find the last corner of a room. The policy sees the cell, one of 9, "
        "and chooses up, right, down or left. A step pays 1 if it enters the corner, which ends the episode. "
        "6 steps at most; $\\gamma = 0.9$."
    )
    assert lake.startswith("- **lake** (`FrozenLake-v1`): Frozen lake involves crossing")
    assert "pays" not in lake  # nobody has said what
    assert lake.endswith(
        "The policy sees the state, one of 16, and chooses one of 4 actions. 30 steps at most; $\\gamma = 0.9$."
    )
    unlimited = problems.iloc[1:].assign(task=np.nan, longest=np.nan)
    assert problems_in_words(unlimited) == (
        "- **lake** (`FrozenLake-v1`). The policy sees the state, one of 16, and chooses one of 4 actions. "
        "No end of its own; $\\gamma = 0.9$."
    )
