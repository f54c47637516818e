"""One gradient in several ways: tables beside oracles, claims after their tables, mistakes seen."""

import numpy as np
import pandas as pd
import pytest
from laws.test_variance_terms import ROOMS, theta_of_room
from laws.test_variances import formula
from lecture.after_the_lecture.way_tables import FORMS, VALUED, ways_spec
from samples import CHAIN, COIN, GRID, LINE

from pgpipe.lecture.after_the_lecture.claims.ways import IDENTITIES, c42, c43
from pgpipe.lecture.after_the_lecture.expected import compare_expected, exact_variances, ratio_of_means
from pgpipe.lecture.after_the_lecture.figures import ways as figure
from pgpipe.lecture.after_the_lecture.sentences import what_paths_save
from pgpipe.lecture.after_the_lecture.ways import compare_ways
from pgpipe.oracles import expected_gradient, grid, grid_outcomes, line, rippled
from pgpipe.oracles.rippled import Ripples
from pgpipe.rollout import policy_for


@pytest.fixture(scope="module")
def tables():
    return compare_ways(ways_spec([1, 4], [0.0, 12.0], 4000))


@pytest.mark.parametrize("name", ["gradient_ways", "gradient_ripples"])
def test_samples_agree_with_the_exact_moments(tables, name):
    """Within a whole 95 % interval, which 3.9 standard errors are."""
    table = tables[name]
    for exact, measured in (("gradient", "measured_mean"), ("variance", "measured_variance")):
        whole = (table[f"{measured}_high"] - table[f"{measured}_low"]).clip(lower=1e-9)
        assert ((table[measured] - table[exact]).abs() <= whole).all()


def test_by_sigma_nothing_is_left_of_the_expected_gradients_noise(tables):
    ways = tables["gradient_ways"]
    own = ways[(ways["form"] == "all_actions") & (ways["parameter"] == "sigma")]
    np.testing.assert_allclose(own["measured_mean"], own["gradient"])
    assert own["measured_variance"].max() < 1e-12


def test_both_equations_hold(tables):
    for equation in IDENTITIES.equations:
        checks = IDENTITIES.checks(tables["gradient_ways_identities"], equation)
        assert len(checks) == 2
        assert all(check.passed for check in checks)


def test_a_slope_without_what_comes_later_breaks_e50_alone(monkeypatch):
    right = line.slopes

    def short_sighted(*of):
        by_s, by_a, onward, moved = right(*of)
        return by_s, by_a, onward, np.zeros_like(moved)

    monkeypatch.setattr(line, "slopes", short_sighted)
    made = compare_ways(ways_spec([4], [0.0], 500))["gradient_ways_identities"]
    assert not IDENTITIES.checks(made, "E50")[0].passed
    assert all(check.passed for check in IDENTITIES.checks(made, "E51"))


def test_ripples_are_those_of_closed_forms():
    """∂_μ E cos ωa = -ω e^{-ω²/2} sin ωμ at σ = 1; fine ripples add (Aω)²/2 to a slope's variance, A²/2 to r²."""
    mean, _, _ = rippled.moments(Ripples(1.0, 0.0, 1.0, 0.5, 2.0))
    np.testing.assert_allclose(mean[0], -2.0 - 0.5 * 2.0 * np.exp(-2.0) * np.sin(2.0))
    _, *smooth = rippled.moments(Ripples(1.0, 0.0, 1.0, 0.5, 0.0))
    np.testing.assert_allclose(np.stack(smooth), np.array([[14, 64], [4, 12]]))
    _, *fine = rippled.moments(Ripples(1.0, 0.0, 1.0, 0.5, 20.0))
    np.testing.assert_allclose(np.stack(fine), np.array([[14.125, 64.25], [4 + 50, 12 + 50]]))


@pytest.mark.parametrize("horizon", ROOMS)
def test_the_rooms_expected_gradient_is_that_of_all_walks(horizon):
    environment, theta = ROOMS[horizon], theta_of_room()
    outcomes = grid_outcomes.outcomes(theta, environment)
    listed = expected_gradient.listed_variance(outcomes, theta, environment, grid.values_of_actions)
    np.testing.assert_allclose(expected_gradient.grid_variance(theta, environment), listed, atol=1e-12)
    score = formula(outcomes, VALUED, 0.8, 1, grid.values(theta, environment, outcomes.obs))
    assert listed.sum() < score.sum()


def spec_of_expected(environment, module):
    return {
        "seed": 1, "environment": environment, "module": f"pgpipe.oracles.{module}", "trajectories": 2000,
        "score_function": VALUED, "all_actions": FORMS["all_actions"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "module"), [(GRID, "grid"), (CHAIN, "chain"), (COIN, "coin"), (LINE, "line")]
)
def test_shares_are_measured_on_the_same_trajectories(environment, module):
    theta = policy_for(environment).initial(np.random.default_rng(0))
    found = compare_expected(spec_of_expected(environment, module), {"untrained": theta}).iloc[0]
    whole = max(found["measured_share_high"] - found["measured_share_low"], 1e-9)
    assert abs(found["measured_share"] - found["share"]) <= whole
    assert found["share"] < 1


def test_with_one_state_nothing_is_left():
    """Going on pays 1, so g (a - p) by either logit, g = ±(a - p), has the variance E(a - p)⁴ - (p(1-p))²."""
    one, p = CHAIN | {"kwargs": {"horizon": 1}}, 1 / (1 + np.exp(-0.7))
    score, expected = exact_variances(spec_of_expected(one, "chain"), np.array([0.0, 0.7]))
    assert expected == pytest.approx(0, abs=1e-15)
    assert score == pytest.approx(2 * (p * (1 - p) ** 4 + (1 - p) * p**4 - (p * (1 - p)) ** 2))


def test_a_ratio_without_a_denominator_is_unknown():
    assert not ratio_of_means(np.zeros(5), np.zeros(5)).is_known
    assert ratio_of_means(np.ones(5), 2 * np.ones(5)).estimate == 0.5


def rows(variances, **place):
    return pd.DataFrame(
        [{**place, "form": form, "variance": variance} for form, variance in variances.items()]
    )


def ways_table(pathwise):
    place = {"k": -0.3, "sigma": 0.5, "horizon": 1, "parameter": "k"}
    return rows({"score_function": 4.0, "value": 2.0, "pathwise": pathwise}, **place)


def ripples_table(pathwise):
    return rows({"score_function": 2.0, "pathwise": pathwise}, frequency=3.0, parameter="k")


def test_c42_follows_its_tables():
    assert c42(ways_table(1.0), ripples_table(1.0)).verdict == "supported"
    lost = c42(ways_table(1.0), ripples_table(5.0))
    assert lost.verdict == "refuted"
    assert "up to 2.5 times the score function's (bandit, ω = 3, by μ)" in lost.reason
    # beside the better baseline, which is the value here
    assert c42(ways_table(3.0), ripples_table(1.0)).verdict == "refuted"
    empty = c42(ways_table(1.0).iloc[:0], ripples_table(1.0).iloc[:0])
    assert (empty.verdict, bool(empty.lacks)) == ("undecided", True)


def shares(share, measured=None):
    middle = share if measured is None else measured
    row = {
        "environment": "grid",
        "policy": "half_trained",
        "share": share,
        "n": 500,
        "measured_share": middle,
    }
    return pd.DataFrame([row | {"measured_share_low": middle - 0.05, "measured_share_high": middle + 0.05}])


def test_c43_follows_its_table():
    assert c43(shares(0.4)).verdict == "supported"
    assert c43(shares(1.2)).verdict == "refuted"
    assert c43(shares(0.9, measured=2.0)).verdict == "refuted"
    assert c43(shares(1.0)).verdict == "undecided"
    assert c43(shares(np.nan)).verdict == "undecided"


def test_words_follow_the_tables(tables):
    ways, ripples = tables["gradient_ways"], tables["gradient_ripples"]
    assert figure.headline(ways, ripples).endswith("unless the reward is rough")
    smooth = ripples[ripples["frequency"] == 0]
    assert figure.headline(ways, smooth) == "A pathwise gradient has the lower variance"
    turned = ways.assign(form=ways["form"].replace({"pathwise": "value", "value": "pathwise"}))
    assert "times the variance of the pathwise" in what_paths_save(ways)
    assert what_paths_save(turned) != what_paths_save(ways)
    assert what_paths_save(ways.iloc[:0]) == ""
    assert what_paths_save(ways[ways["form"] == "pathwise"]) == ""
