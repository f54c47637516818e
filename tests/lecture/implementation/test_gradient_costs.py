"""Costs are counted as they arise, and foretold where they would be too much."""

import pandas as pd
import pytest
import torch
from claim_texts import assert_readable
from samples import ENVIRONMENTS, GRID, LINE, PENDULUM, sample, some_theta

from pgpipe.estimators import pseudo_loss, scores
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.signals import reward_to_go
from pgpipe.estimators.spec import REWARD_TO_GO
from pgpipe.lecture.implementation import identities as implementation
from pgpipe.lecture.implementation.claims import c17, e35, e36, e37
from pgpipe.lecture.implementation.gradient_costs import (
    PROBES,
    GradientCostsSpec,
    LimitSpec,
    fits,
    foretold,
    gradient_costs,
    sized,
)
from pgpipe.lecture.implementation.gradient_ways import WAYS, Cost, CostCount
from pgpipe.lecture.implementation.identities import implementation_identities
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.policies.spec import GaussianMLPSpec
from pgpipe.rollout import policy_for

SHORT = PENDULUM | {"max_episode_steps": 40}
GENEROUS: LimitSpec = {"calls": 100_000, "gigabytes_moved": 1.0, "gigabytes_held": 1.0}


def counted(compute):
    with CostCount() as count:
        compute()
    return count.cost


def test_a_product_reads_its_factors_and_writes_itself():
    x, y = torch.ones(3, 4), torch.ones(4, 5)
    cost = counted(lambda: x @ y)
    assert cost == Cost(operations=120, calls=1, bytes_moved=4 * (12 + 20 + 15), bytes_held=4 * 15)


def test_what_is_let_go_is_held_no_longer():
    x = torch.ones(10)
    assert counted(lambda: [(x + 1).sum() for _ in range(5)]).bytes_held == 4 * (10 + 5)
    assert counted(lambda: [x + 1 for _ in range(5)]).bytes_held == 4 * 50


def test_views_and_writing_in_place_hold_nothing():
    x = torch.ones(10)
    assert counted(lambda: x[2:].reshape(2, 4)).calls == 0
    cost = counted(lambda: x.mul_(2.0))
    assert (cost.calls, cost.bytes_held) == (1, 0)


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=lambda e: e["name"])
def test_all_forms_are_the_same_gradient(environment):
    theta = some_theta(environment)
    batch = sample(environment, theta, 3).split()[0].in_double()
    weights = Estimator.from_spec(REWARD_TO_GO, environment["gamma"]).weighted_advantages(batch)
    first, *others = [
        way(policy_for(environment), theta[0].double(), batch, weights) for way in WAYS.values()
    ]
    for other in others:
        assert torch.allclose(other, first, rtol=1e-10, atol=1e-12)


def spec(limit: LimitSpec = GENEROUS) -> GradientCostsSpec:
    return {
        "environment": SHORT,
        "seed": 0,
        "estimator": REWARD_TO_GO,
        "parameters": 150,
        "trajectories": [1, 3],
        "limit": limit,
    }


@pytest.fixture(scope="module")
def costs():
    return gradient_costs(spec())


def test_a_cost_is_foretold_as_it_comes_out(costs):
    """The line through two small computations is exact for what is summed up, and near for the most held."""
    table, _ = costs
    nothing: LimitSpec = {"calls": 1, "gigabytes_moved": 1e-9, "gigabytes_held": 1e-9}
    told, timed = gradient_costs(spec(limit=nothing))
    assert set(table["kind"]) == {"counted"}
    assert set(told["kind"]) == {"extrapolated"}
    assert told["difference"].isna().all()
    assert timed.empty
    exact = ["operations", "calls", "bytes_moved"]
    pd.testing.assert_frame_equal(told[exact], table[exact])
    assert (told["bytes_held"] / table["bytes_held"] - 1).abs().max() < 0.05


def test_counts_are_the_same_every_time(costs):
    pd.testing.assert_frame_equal(costs[0], gradient_costs(spec())[0])


def test_everything_counted_was_timed_too(costs):
    table, timed = costs
    assert len(timed) == len(table) == 6
    assert (timed["seconds"] > 0).all()
    assert timed["computation"].iloc[-1].startswith("gradient by pseudo_loss, ")


def test_samples_are_the_steps_of_the_trajectories(costs):
    assert sorted(set(costs[0]["samples"])) == [40, 120]


def test_the_line_through_two_probes():
    first, second = PROBES
    probes = [Cost(100, 10, 1000, 50), Cost(200, 10, 1400, 60)]
    assert foretold(probes, first) == probes[0]
    assert foretold(probes, second) == probes[1]
    assert foretold(probes, second + 2 * (second - first)) == Cost(400, 10, 2200, 80)


@pytest.mark.parametrize(
    ("cost", "within"),
    [
        (Cost(10**15, 99_999, 10**8, 10**8), True),  # operations are not limited
        (Cost(1, 100_001, 1, 1), False),
        (Cost(1, 1, 2 * 10**9, 1), False),
        (Cost(1, 1, 1, 2 * 10**9), False),
    ],
)
def test_each_limit_stops(cost, within):
    assert fits(cost, GENEROUS) == within


@pytest.mark.parametrize("parameters", [100, 1_000, 12_345])
def test_a_network_is_as_near_to_its_size_as_can_be(parameters):
    found = sized(PENDULUM, parameters)["policy"]
    assert found["kind"] == "gaussian_mlp"
    width = found["hidden"][0]

    def off(width):
        network: GaussianMLPSpec = {"kind": "gaussian_mlp", "hidden": [width, width], "sigma": 1.5}
        policy = policy_for(PENDULUM | {"policy": network})
        return abs(policy.n_parameters - parameters)

    assert off(width) <= min(off(width - 1), off(width + 1))


@pytest.mark.parametrize("environment", [LINE, GRID, PENDULUM], ids=lambda e: e["name"])
def test_the_equations_hold(environment):
    (theta,) = some_theta(environment)
    table = implementation_identities(
        {"environment": environment, "seed": 0, "estimator": REWARD_TO_GO, "episodes": 20}, theta
    )
    checks = [check for equation in (e35, e36, e37) for check in equation(table)]
    assert len(checks) == 8
    assert all(check.passed for check in checks)


def failing():
    """Which equations fail, on real rollouts of the line."""
    (theta,) = some_theta(LINE)
    table = implementation_identities(
        {"environment": LINE, "seed": 0, "estimator": REWARD_TO_GO, "episodes": 3}, theta
    )
    return {e.__name__ for e in (e35, e36, e37) if not all(check.passed for check in e(table))}


def rewards_a_step_late(monkeypatch):
    right = reward_to_go.reward_to_go

    def late(trajectories, gamma):
        return right(trajectories, gamma) - trajectories.rewards

    monkeypatch.setattr(reward_to_go, "reward_to_go", late)


def no_discount_of_the_score(monkeypatch):
    monkeypatch.setattr(Estimator, "_discounts", lambda self, credit: torch.ones_like(credit[0]))


def divided_by_steps(monkeypatch):
    right = scores.batch_gradient

    def per_step(policy, theta, batch, weights):
        return right(policy, theta, batch, weights) * batch.n_trajectories / batch.mask.sum()

    monkeypatch.setattr(implementation, "batch_gradient", per_step)


def a_density_without_its_spread(monkeypatch):
    """log π without -log σ, as the lecture writes E39: the derivative by σ is wrong."""
    right = LinearGaussian.log_prob
    monkeypatch.setattr(
        LinearGaussian, "log_prob", lambda self, theta, *of: right(self, theta, *of) + theta[1].abs().log()
    )


def a_loss_to_be_descended(monkeypatch):
    right = pseudo_loss.pseudo_loss
    for module in (pseudo_loss, implementation):
        monkeypatch.setattr(module, "pseudo_loss", lambda *given: -right(*given))


def the_last_step_is_lost(monkeypatch):
    right = pseudo_loss.pseudo_loss

    def shorter(policy, theta, batch, weights):
        ends = torch.arange(batch.mask.shape[1]) == batch.lengths[:, None] - 1
        return right(policy, theta, batch, weights * ~ends)

    for module in (pseudo_loss, implementation):
        monkeypatch.setattr(module, "pseudo_loss", shorter)


@pytest.mark.parametrize(
    ("mistake", "seen"),
    [
        (rewards_a_step_late, {"e35", "e37"}),
        (no_discount_of_the_score, {"e35", "e37"}),
        (divided_by_steps, {"e35"}),
        (a_density_without_its_spread, {"e35", "e36", "e37"}),
        (a_loss_to_be_descended, {"e36", "e37"}),
        (the_last_step_is_lost, {"e36", "e37"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_mistake_is_seen(mistake, seen, monkeypatch):
    assert failing() == set()
    mistake(monkeypatch)
    assert failing() == seen


def test_a_reward_to_go_that_has_a_derivative_is_noticed(monkeypatch):
    """The pseudo-loss without its detach: E37 fails, and with it the training's own definition."""

    def careless(policy, theta, batch, weights):
        log_probs = policy.log_prob(theta, batch.obs[batch.mask], batch.actions[batch.mask])
        return weights[batch.mask] @ log_probs / batch.n_trajectories

    for module in (pseudo_loss, implementation):
        monkeypatch.setattr(module, "pseudo_loss", careless)
    (theta,) = some_theta(LINE)
    table = implementation_identities(
        {"environment": LINE, "seed": 0, "estimator": REWARD_TO_GO, "episodes": 3}, theta
    )
    assert [check.passed for check in e37(table)].count(False) == 1


def costs_like(moved=0.002, difference=1e-6, kind="counted"):
    rows = [
        ("loop", "extrapolated", 20, 100, 1000, 10, float("nan")),
        ("rows", kind, 20, 5, 900, 4000, difference),
        ("pseudo_loss", "counted", 10, 5, 1000 * moved, 100, 0.0),
    ]
    columns = ["way", "kind", "operations", "calls", "bytes_moved", "bytes_held", "difference"]
    return pd.DataFrame(rows, columns=columns).assign(parameters=1_000, samples=100)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "supported"),
        ({"moved": 0.2}, "refuted"),
        ({"difference": 1e-2}, "refuted"),
        ({"difference": float("nan"), "kind": "extrapolated"}, "undecided"),
    ],
)
def test_c17_asks_for_the_same_gradient_at_a_tenth_of_the_traffic(changes, expected):
    claim = c17(costs_like(**changes))
    assert claim.verdict == expected
    assert_readable(claim)
    assert claim.interval.n == 2
    assert (
        claim.interval.estimate == claim.interval.high > claim.interval.low
    )  # that of the form which moves less


def test_c17_says_of_which_costs_it_holds():
    """The pseudo-loss holds ten times what a loop does, and 0.025 of what the rows do."""
    claim = c17(costs_like())
    assert claim.reason == (
        "The fraction is small in bytes moved; in memory only against the rows, as a loop holds one gradient at a time."
    )
    assert "0.025 of the memory of the rows, but 10 times that of the loop" in claim.found
    assert "(loop extrapolated from fewer)" in claim.test
    small = costs_like()
    small.loc[small["way"] == "pseudo_loss", "bytes_held"] = 1
    assert c17(small).reason == ""
