"""Every environment in a line, episodes of its untrained policy, and what F13 says of them."""

import gymnasium
import numpy as np
import pandas as pd
import pytest
from samples import ACROBOT, CARTPOLE, CHAIN, ENVIRONMENTS, GRID, LINE, PENDULUM

from pgpipe.config.files import read_config
from pgpipe.envs import BATCHED
from pgpipe.envs.words import WORDS, in_words
from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.config import Config
from pgpipe.lecture.objective.figures.problems import headline
from pgpipe.lecture.objective.problems import STEPS, describe_problem
from pgpipe.lecture.objective.specs import problem_environments

EVERY = [*ENVIRONMENTS.values(), CHAIN]


def described(environment, exact=True):
    tables = describe_problem({"seed": 0, "environment": environment, "exact": exact})
    return tables["problems"].iloc[0], tables["problem_traces"]


@pytest.mark.parametrize("id", BATCHED)
def test_every_batched_environment_has_words(id):
    assert WORDS[id].task
    assert WORDS[id].reward


@pytest.mark.parametrize("environment", EVERY, ids=lambda e: e["name"])
def test_traces_are_whole_episodes(environment):
    """Each state but the last has an action and a reward; there is no more than the room for them."""
    problem, traces = described(environment)
    for _, rows in traces.groupby("episode"):
        assert rows["step"].tolist() == list(range(len(rows)))
        assert rows["action"].isna().tolist() == [False] * (len(rows) - 1) + [True]
        assert (rows["reward"].isna() == rows["action"].isna()).all()
        assert len(rows) - 1 <= problem["longest"]
    assert traces["episode"].max() == 0 or len(traces) <= STEPS + traces["episode"].max()


def test_rewards_of_the_line_are_those_of_what_is_traced():
    """r = -s² - a²: the traced number is the place, the action the move."""
    _, traces = described(LINE)
    rows = traces.dropna(subset="action")
    np.testing.assert_allclose(rows["reward"], -(rows["value"] ** 2) - rows["action"] ** 2)
    assert set(traces["quantity"]) == {"position s"}


def test_a_room_is_traced_by_its_cells():
    problem, traces = described(GRID)
    assert set(traces["value"]) <= set(range(9))
    assert problem["observation"] == "the cell, one of 9"
    assert problem["action"] == "one of 4: up, right, down, left"
    assert set(traces["action_name"].dropna()) <= {"up", "right", "down", "left"}


def test_the_height_of_the_tip_is_between_two_links_below_and_two_above():
    _, traces = described(ACROBOT)
    heights = traces["value"]
    assert heights.between(-2 - 1e-6, 2 + 1e-6).all()
    assert heights.iloc[0] == pytest.approx(-2, abs=0.02)  # it starts nearly hanging


def test_a_horizon_is_no_time_limit():
    assert described(LINE)[0][["longest", "end"]].tolist() == [5, "horizon"]
    assert described(CARTPOLE)[0][["longest", "end"]].tolist() == [60, "time limit"]
    assert described(PENDULUM)[0]["action"] == "torque (N m), from -2 to 2"


class MyEnv(gymnasium.Env):  # type: ignore[misc]
    """# Mine

    Keep the number at 0. It drifts by itself.
    """


def test_an_environment_of_ones_own_is_described_by_its_docstring():
    assert in_words("Mine-v0", MyEnv()).task == "Keep the number at 0."
    assert in_words("Mine-v0", MyEnv()).reward == ""


def test_the_problems_are_those_that_the_run_names(tmp_path):
    """Of the default config all; one that nothing names is left out, one that a study names deep inside is not."""
    default = read_config(Config, ROOT / "config.yaml", [], {})
    assert problem_environments(default) == list(default.environments)
    extra = tmp_path / "extra.yaml"
    extra.write_text(
        "environments: {spare: {id: pgpipe/Coin-v0, gamma: 1.0, policy: {kind: softmax_table}}}\n"
    )
    assert "spare" not in problem_environments(read_config(Config, ROOT / "config.yaml", [extra], {}))


def test_f13_says_how_many_and_how_long():
    problems = pd.DataFrame({"longest": [1.0, 500.0, 10.0], "exact": [True, False, True]})
    assert headline(problems, pd.DataFrame()) == (
        "3 problems, of 1 to 500 steps; in 2 of them the gradient is known exactly"
    )
    endless = problems.assign(longest=[1.0, np.nan, 10.0], exact=False)
    assert headline(endless, pd.DataFrame()) == "3 problems; in none of them the gradient is known exactly"
    assert headline(problems.iloc[1:2], pd.DataFrame()) == "One problem, at most 500 steps long"
