"""Gaussian policies and policies over two actions obey the lecture's formulas; a wrong policy is found out."""

from dataclasses import dataclass
from math import isnan, pi

import pytest
import torch
from samples import CARTPOLE, LINE, PENDULUM, sample, some_theta

from pgpipe.lecture.what_the_gradient_does import gaussian
from pgpipe.lecture.what_the_gradient_does.gaussian import (
    action_limits,
    check_formulas,
    mean_score,
    middle_episode,
    near_zero_at_last,
    rollout_rows,
)
from pgpipe.lecture.what_the_gradient_does.two_actions import sweep
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.rollout import policy_for


def steps(environment):
    """(policy, theta (P,), batch (4, T)) in double precision."""
    theta = some_theta(environment)
    return policy_for(environment), theta[0].double(), sample(environment, theta, 4).split()[0].in_double()


@pytest.mark.parametrize("environment", [LINE, PENDULUM], ids=lambda e: e["name"])
def test_gaussian_policies_agree_with_the_formulas(environment):
    policy, theta, batch = steps(environment)
    differences = check_formulas(policy, theta, batch.obs[batch.mask], batch.actions[batch.mask])
    assert max(differences.values()) < 1e-9


@dataclass(frozen=True)
class NoHalf(LinearGaussian):
    """A wrong policy: the exponent without its ½."""

    def log_prob(self, theta, obs, actions):
        z = (theta[..., :1] * obs[..., 0] - actions[..., 0]) / theta[..., 1:]
        return super().log_prob(theta, obs, actions) - 0.5 * z**2


@dataclass(frozen=True)
class OtherSpread(GaussianMLP):
    """A wrong policy: σ twice as large in the probability as in the action."""

    def log_sigma(self, theta):
        return super().log_sigma(theta) + torch.tensor(2.0).log()


def test_wrong_policies_are_found_out():
    right, theta, batch = steps(LINE)
    obs, actions = batch.obs[batch.mask], batch.actions[batch.mask]
    assert check_formulas(NoHalf(right.k, right.sigma), theta, obs, actions)["score"] > 0.5
    right, theta, batch = steps(PENDULUM)
    wrong = check_formulas(
        OtherSpread(right.widths, right.sigma), theta, batch.obs[batch.mask], batch.actions[batch.mask]
    )
    assert wrong["score"] > 0.5
    assert wrong["log_prob"] > 0.5


def test_a_wrong_formula_is_found_out(monkeypatch):
    """Without the log-determinant it is neither the policy's log π nor torch's."""
    policy, theta, batch = steps(LINE)

    def no_determinant(mean, covariance, actions):
        off = mean - actions
        return -0.5 * torch.einsum("se,ef,sf->s", off, torch.linalg.inv(covariance), off)

    monkeypatch.setattr(gaussian, "log_density", no_determinant)
    wrong = check_formulas(policy, theta, batch.obs[batch.mask], batch.actions[batch.mask])
    assert wrong["log_prob"] > 0.1
    assert wrong["torch"] > 0.1


def test_score_on_the_line_is_the_one_by_hand():
    """∂/∂k = s (a - k s) / σ²."""
    policy, (k, sigma), batch = steps(LINE)
    s, a = batch.obs[batch.mask][:, 0], batch.actions[batch.mask][:, 0]
    score = mean_score(policy, torch.stack([k, sigma]), s[:, None], a[:, None])
    torch.testing.assert_close(score[:, 0], s * (a - k * s) / sigma**2)
    assert (score[:, 1] == 0).all()


@pytest.mark.parametrize("episode", [0, 2])
def test_rollout_rows_follow_an_episode(episode):
    policy, theta, batch = steps(LINE)
    rows = rollout_rows(policy, theta, batch, episode, LINE["id"])
    assert len(rows) == int(batch.mask[episode].sum())
    assert rows["action"].tolist() == batch.actions[episode, :, 0].tolist()
    assert rows["mean"].to_numpy() == pytest.approx(float(theta[0]) * rows["value"].to_numpy())


def test_the_episode_that_is_shown_has_the_middle_return():
    """The better one of the two in the middle of four, and none but the only one of one."""
    _, _, batch = steps(LINE)
    returns = (batch.rewards * batch.mask).sum(1).tolist()
    assert returns[middle_episode(batch)] == sorted(returns)[2]
    assert middle_episode(batch.first(1)) == 0


@pytest.mark.parametrize(
    ("environment", "ends"), [(PENDULUM, (-2.0, 2.0)), (LINE, (None, None))], ids=lambda e: str(e)[:20]
)
def test_limits_are_those_of_the_environment(environment, ends):
    limits = action_limits(environment)
    assert tuple(None if isnan(end) else end for end in limits.values()) == ends
    assert list(limits) == ["lowest", "highest"]


def test_an_angle_loses_whole_turns_and_a_position_nothing():
    values = torch.tensor([3.0, 7.0, 12.0])
    torch.testing.assert_close(near_zero_at_last("angle from upright (rad)", values), values - 4 * pi)
    assert torch.equal(near_zero_at_last("position s", values), values)


def test_two_actions_share_one_probability():
    policy, theta, batch = steps(CARTPOLE)
    obs = batch.obs[batch.mask]
    table = sweep(policy, theta, obs, 7, CARTPOLE["id"])
    left, right = (table[table["action"] == name].reset_index(drop=True) for name in ("left", "right"))
    assert len(left) == len(right) == 4 * 7
    assert (left["probability"] + right["probability"]).to_numpy() == pytest.approx(1)
    assert right["score"].to_numpy() == pytest.approx(1 - right["probability"].to_numpy())
    assert left["score"].to_numpy() == pytest.approx(-right["probability"].to_numpy())
    middle = obs.mean(0)
    middle[2] = left[left["quantity"] == "pole angle (rad)"]["value"].iloc[3]
    logits = policy.logits(theta, middle[None])[0]
    expected = float(logits.softmax(-1)[0])
    assert left[left["quantity"] == "pole angle (rad)"]["probability"].iloc[3] == pytest.approx(expected)
