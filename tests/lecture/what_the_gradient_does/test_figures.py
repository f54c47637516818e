"""What the pictures of section 3 say is read off their tables."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.common.trajectory_marks import worth_showing
from pgpipe.lecture.what_the_gradient_does.figures import (
    gaussian_policy,
    step_log_probabilities,
    two_actions,
)


def rollout(environment="pendulum", actions=(0.0, 1.0, 3.0), limit=2.0, **columns):
    """An episode of three steps whose mean moves from 0 to 2, with σ = 0.5."""
    table = pd.DataFrame({"step": range(3), "mean": [0.0, 1.0, 2.0], "action": actions})
    given = {"environment": environment, "policy": "trained", "quantity": "angle (rad)", "value": 0.0}
    given |= {"action_quantity": "torque (N m)", "sigma": 0.5, "lowest": -limit, "highest": limit}
    return table.assign(**given | columns)


def test_f1_says_what_the_state_moves():
    assert gaussian_policy.headline(rollout()) == "The state moves the mean of the action, not the spread"
    assert gaussian_policy.headline(rollout(sigma=[0.5, 0.6, 0.5])) == ""
    assert gaussian_policy.headline(rollout(mean=0.0)) == ""
    assert gaussian_policy.headline(pd.concat([rollout(), rollout("line", mean=0.0)])) == ""


def test_the_caption_of_f1_says_how_many_actions_are_cut():
    both = pd.concat([rollout(), rollout("line", limit=np.nan)])
    assert gaussian_policy.findings(both) == (
        "Pendulum: $\\sigma = 0.5$, and 33% of the actions are cut; line: $\\sigma = 0.5$."
    )


@pytest.mark.parametrize(("limit", "lines"), [(2.0, [-2.0, 2.0]), (np.nan, [])])
def test_f1_draws_the_limits_where_there_are_any(limit, lines):
    ax = gaussian_policy.draw(rollout(limit=limit)).axes[0]
    dashed = [np.asarray(line.get_ydata())[0] for line in ax.get_lines() if line.is_dashed()]
    assert dashed == lines
    hollow = [line for line in ax.get_lines() if line.get_markerfacecolor() == "none"]
    assert [np.size(line.get_xdata()) for line in hollow] == [1 if lines else 0]
    plt.close("all")


CHANGES = {"good": 1.0, "neutral": 0.0, "bad": -1.0}


def changes(likelihood, return_minus_mean, environment="cartpole"):
    """Changes of good, neutral and bad trajectories, two of each, by two weightings."""
    given = {"likelihood": likelihood, "return_minus_mean": return_minus_mean}
    rows = [
        (environment, weighting, 2 * i + j, mark, given[weighting][i] + 0.1 * j)
        for weighting, (i, mark), j in product(given, enumerate(CHANGES), range(2))
    ]
    return pd.DataFrame(rows, columns=["environment", "weighting", "trajectory", "mark", "change"])


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        (1.0, -1.0, "Weighted by return minus mean, good trajectories rise and bad ones fall, on average"),
        (2.0, 1.0, "Weighted by return minus mean, good trajectories gain on bad ones, on average"),
        (-1.0, 1.0, ""),
    ],
)
def test_f2_says_whether_the_step_tells_good_from_bad(good, bad, says):
    table = changes((0.0, 1.0, -0.5), (good, 0.0, bad))
    assert step_log_probabilities.headline(pd.DataFrame(), table) == says


def test_f2_leaves_out_where_two_weightings_make_one_step():
    """Forward or backward; but something is always shown."""
    differing = changes((0.0, 1.0, -0.5), (1.0, 0.0, -1.0))
    back = changes((-1.0, 0.0, 1.0), (1.1, 0.1, -0.9), "line").assign(
        change=lambda t: t["change"] - 0.1 * (t["trajectory"] % 2)
    )
    weightings = ["likelihood", "return_minus_mean"]
    assert worth_showing(pd.concat([back, differing]), weightings) == ["cartpole"]
    assert worth_showing(back, weightings) == ["line"]
    assert worth_showing(differing.assign(change=0.0), weightings) == [
        "cartpole"
    ]  # a step that moves nothing


def sweeps(**columns):
    """Two numbers of a state, of which the second moves the policy."""
    rows = [
        (quantity, value, action, probability, sign * (1 - probability))
        for quantity, swing in (("position (m)", 0.1), ("speed (m/s)", 0.4))
        for value in (-1.0, 0.0, 1.0)
        for action, sign, probability in (
            ("left", -1, 0.5 - swing * value),
            ("right", 1, 0.5 + swing * value),
        )
    ]
    names = ["quantity", "value", "action", "probability", "score"]
    return pd.DataFrame(rows, columns=names).assign(environment="cartpole", policy="trained", **columns)


def test_f12_says_that_the_score_falls_with_the_probability():
    table = sweeps()
    assert two_actions.headline(table) == "The less likely an action was, the larger its score"
    assert two_actions.headline(table.assign(score=table["probability"])) == ""


def test_f12_shows_the_number_that_moves_the_policy_most():
    table = sweeps()
    assert two_actions.draw(table).axes[0].get_xlabel() == "speed (m/s)"
    assert two_actions.findings(table) == "The speed moves the probability of *right* between 0.10 and 0.90."
    plt.close("all")
