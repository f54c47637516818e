"""P18, C36 and C41: the study meets what is exact, and the verdicts turn with their tables."""

import numpy as np
import pandas as pd
import pytest
from lecture.after_the_lecture import planted_groups as planted

from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture import groups as study
from pgpipe.lecture.after_the_lecture.angles import Plane, cosines
from pgpipe.lecture.after_the_lecture.claims._angles import widened
from pgpipe.lecture.after_the_lecture.claims.groups import IDENTITIES, c36, c41
from pgpipe.lecture.after_the_lecture.group_identities import less_others, standard_scores
from pgpipe.lecture.after_the_lecture.specs.groups import GROUP_FORMS, ONE_TOKEN
from pgpipe.oracles import groups, prompts


def spec(seed=0, **more):
    return {"seed": seed, "environment": ONE_TOKEN, "successes": [0.1, 0.5], "sizes": [2, 8],
            "trajectories": 8192, "forms": GROUP_FORMS} | more  # fmt: skip


@pytest.fixture(scope="module")
def measured():
    return study.measure_groups(spec())


def inside(table):
    return (table["low"] <= table["exact"]) & (table["exact"] <= table["high"])


def test_measured_ratios_and_angles_hold_the_exact_ones(measured):
    ratios, directions = measured["group_ratios"], measured["group_directions"]
    assert inside(ratios).all()
    assert inside(directions).all()
    # not because they would hold anything
    own = ratios[(ratios["form"] == "own_mean") & (ratios["group_size"] == 2)]
    assert (own["high"] < 0.7).all()
    turned = directions[(directions["form"] == "normalized") & (directions["group_size"] == 8)]
    assert (turned["low"] > 1).all()


def test_the_checks_pass_and_see_what_is_off(measured):
    for equation in ("E43", "E44", "E45"):
        checks = IDENTITIES.checks(measured["group_identities"], equation)
        assert checks
        assert all(check.passed for check in checks)


@pytest.mark.parametrize(("form", "wrong", "equation"), [
    ("leave_one_out", {"baseline": "group_batch_mean"}, "E43"),
    ("normalized", {"normalize": "batch"}, "E44"),
])  # fmt: skip
def test_another_estimator_in_its_place_is_seen(form, wrong, equation):
    """The own one in the mean, or the batch's spread instead of the group's."""
    planted_forms = GROUP_FORMS | {form: GROUP_FORMS[form] | wrong}
    tables = study.measure_groups(spec(forms=planted_forms))
    assert not all(check.passed for check in IDENTITIES.checks(tables["group_identities"], equation))
    assert not inside(tables["group_ratios"]).all()


def test_a_prompt_of_one_token_is_right_as_often_as_it_is_told():
    environment, theta = study.problem(ONE_TOKEN, [0.02, 0.7], 4)
    np.testing.assert_allclose(prompts.success(theta, environment), [0.02, 0.7])
    J, gradient = prompts.exact(theta, environment)
    assert pytest.approx(0.36) == J
    # ∂p/∂logit = p (1 - p), half of it as there are two prompts; nothing where the response is over
    expected = np.zeros((2, 2, 2))
    for k, p in enumerate((0.02, 0.7)):
        expected[k, 0] = np.array([-1, 1]) * p * (1 - p) / 2
    np.testing.assert_allclose(gradient, expected.ravel(), atol=1e-12)


def test_curves_are_the_oracle():
    curves = study.group_curves([2, 64])
    assert curves.loc[curves["group_size"] == 2, "exact"].to_numpy() == pytest.approx(1)
    assert (curves["exact"] < curves["limit"] + 1e-9).all()
    middle = curves[(curves["group_size"] == 64) & (curves["success"] == 0.5)]
    assert middle["exact"].tolist() == pytest.approx([groups.ratio("normalized", 64, 0.5)])


def test_advantages_by_hand():
    assert less_others([1.0, 0.0, 0.0]) == pytest.approx([1.0, -0.5, -0.5])
    assert standard_scores([1.0, 0.0]) == pytest.approx([1.0, -1.0])
    assert standard_scores([1.0, 1.0, 1.0]) == [0.0, 0.0, 0.0]


def test_an_angle_in_its_plane():
    plane = Plane.through(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0]))
    assert plane.degrees(np.array([1.0, 1.0, 7.0])) == pytest.approx(45)
    assert plane.degrees(np.array([1.0, -1.0, 0.0])) == pytest.approx(-45)
    rows = np.random.default_rng(0).normal([2.0, 2.0, 0.0], 0.1, (400, 3))
    found = plane.measured(rows)
    # an error of 0.1/√800 along the arc of a circle of radius √8, at √2 in both directions
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * np.degrees(0.1 / 20 / 8**0.5), rel=0.15)
    same = Plane.through(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    np.testing.assert_allclose(np.abs(same.across), [0, 1])


def test_prompts_that_are_as_hard_from_both_sides_do_not_turn():
    """c_G(p) = c_G(1-p)."""
    table = study.group_directions(spec(successes=[0.1, 0.9], sizes=[8], trajectories=2048))
    assert table["exact"].to_numpy() == pytest.approx(0, abs=1e-6)
    assert table["exact_cosine"].to_numpy() == pytest.approx(1)


def test_cosines_of_an_interval_that_holds_none_reach_one():
    assert cosines(Interval.by_chance(1.0, -1.0, 60.0, 9))[1:] == pytest.approx((0.5, 1.0))
    assert cosines(Interval.by_chance(50.0, 40.0, 60.0, 9))[1:] == pytest.approx(
        (0.5, np.cos(np.radians(40)))
    )


def test_a_wider_interval_is_wider_by_the_quantiles():
    """One look at 5 % is 1.96 standard errors; at 0.27 % it is three."""
    low, high = widened(Interval.by_chance(0.0, -1.96, 1.96, 9), 1, 0.0027)
    assert (low, high) == pytest.approx((-3, 3), abs=0.01)


@pytest.mark.parametrize(("angle", "width", "expected"), [
    (10.0, 1.0, "refuted"), (-10.0, 1.0, "refuted"), (0.5, 1.0, "supported"), (2.5, 1.0, "undecided"),
    (0.0, 5.0, "undecided"),
])  # fmt: skip
def test_c36_follows_the_angle(angle, width, expected):
    claim = c36(planted.directions(angle, width), planted.ratios())
    assert claim.verdict == expected
    assert bool(claim.because) == (expected == "refuted")
    if expected == "refuted":
        assert claim.interval.estimate == angle


def test_c36_asks_for_groups_larger_than_two():
    claim = c36(planted.directions(sizes=(2,)), planted.ratios())
    assert claim.verdict == "undecided"
    assert claim.because == "undecided: the group study has no groups larger than 2"


@pytest.mark.parametrize(("form", "off", "width", "expected"), [
    (None, 0.0, 0.05, "supported"),
    ("leave_one_out", 0.02, 0.03, "supported"),
    ("leave_one_out", -0.5, 0.05, "refuted"),
    ("normalized", 0.5, 0.05, "refuted"),
    ("own_mean", 0.5, 0.05, "supported"),
    (None, 0.0, 0.9, "undecided"),
])  # fmt: skip
def test_c41_follows_the_ratios(form, off, width, expected):
    claim = c41(planted.ratios(off, width, form=form))
    assert claim.verdict == expected
    assert claim.verdict != "refuted" or claim.because


def test_c41_without_its_rows_is_open():
    table = planted.ratios()
    claim = c41(table[table["group_size"] > 2])
    assert (claim.verdict, claim.because) == ("undecided", "undecided: the group study has no groups of 2")
    assert c41(table.iloc[:0]).verdict == "undecided"


def test_the_tables_are_those_that_are_documented(measured):
    assert list(pd.DataFrame(measured["group_directions"]).columns) == [
        "group_size", "form", "exact", "exact_cosine", "degrees", "low", "high", "groups", "prompts", "limit",
        "limit_cosine",
    ]  # fmt: skip
