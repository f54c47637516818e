"""The direction without γᵗ: the study against math.md, and what claim, sentences and figure make of it."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable
from laws.test_variances import line_with
from lecture.after_the_lecture.direction_tables import discount_spec

from pgpipe.estimators.composition import Estimator
from pgpipe.lecture.after_the_lecture import circulation, discount_flows
from pgpipe.lecture.after_the_lecture.claims import undiscounted as claims
from pgpipe.lecture.after_the_lecture.discount_problem import Loop
from pgpipe.lecture.after_the_lecture.figures import undiscounted as figure
from pgpipe.lecture.after_the_lecture.sentences import discount_cost
from pgpipe.lecture.after_the_lecture.undiscounted import field_table, study_discount
from pgpipe.lecture.common.style import house_style, pictures
from pgpipe.oracles.line import objective_and_gradient
from pgpipe.oracles.line_curl import curl, expected_direction

LINE = line_with(10, 1.0, 0.0, 0.95)


@pytest.fixture(scope="module")
def tables():
    return study_discount(discount_spec())


def around(table, gamma, form):
    return table[(table["gamma"] == gamma) & (table["form"] == form)].iloc[0]


@pytest.mark.parametrize(("gamma", "curl"), [(0.95, 1.87009), (0.8, 4.61183), (1.0, 0.0)])
def test_the_curl_is_that_of_math_md(tables, gamma, curl):
    without, with_it = (around(tables["discount_circulation"], gamma, form) for form in ("without", "with"))
    assert without["curl"] == pytest.approx(curl, abs=5e-6)
    assert with_it["curl"] == pytest.approx(0, abs=1e-12)


def test_the_circulation_is_measured(tables):
    """Within 4.5 standard errors of the exact one; at γ = 0.8 it is not zero."""
    rows = tables["discount_circulation"]
    rows = rows[rows["n"] > 0]
    error = (rows["measured_high"] - rows["measured_low"]) / 2 / 1.96
    assert ((rows["measured"] - rows["circulation"]).abs() < 4.5 * error).all()
    assert around(rows, 0.8, "without")["measured_low"] > 0
    assert (rows["n"] == 40_000).all()


def test_a_small_loop_has_its_area_times_the_curl():
    loop: Loop = {"k": -0.7, "sigma": 0.4, "half_k": 1e-3, "half_sigma": 2e-3, "points": 40}
    for form in (True, False):
        g, steps = circulation.exact_around(LINE, loop, form), circulation.tangents(loop)
        expected = curl(-0.7, 0.4, LINE, form)
        assert (g * steps).sum() == pytest.approx(np.pi * 2e-6 * expected, rel=1e-4, abs=1e-12)
        assert circulation.curl_within(LINE, loop, form) == pytest.approx((g * steps).sum(), abs=1e-12)


def test_the_field_with_the_discount_is_the_gradient():
    table = field_table(discount_spec(gammas=[0.7]))
    for row in table.to_dict("records")[::7]:
        _, g = objective_and_gradient(
            row["k"], row["sigma"], gamma=0.7, horizon=10, start_std=1.0, noise_std=0.0
        )
        assert (row["with_k"], row["with_sigma"]) == pytest.approx(tuple(g))
    assert table["with_curl"].abs().max() < 1e-9
    assert field_table(discount_spec(gammas=[1.0]))["degrees"].max() < 1e-6


def test_flows_end_where_they_stand_still(tables):
    ends = tables["discount_ends"]
    ours = ends[ends["form"] == "with"]
    assert ours["loss"].abs().max() < 1e-9
    assert (ends["loss"] > -1e-9).all()
    # of math.md: the best k of an endless walk at γ = 0.95; ten steps are nearly as good as endless
    learned = ours[(ours["gamma"] == 0.95) & (ours["spread"] == "learned")]
    assert learned["k"].to_numpy() == pytest.approx(-0.603732, abs=1e-4)


def test_a_path_follows_its_direction():
    """Euler's small steps from the same start pass the same points."""
    path = discount_flows.flow(LINE, "without", -0.1, 0.9)
    k, sigma = -0.1, 0.9
    for _ in range(20_000):
        by_k, by_sigma = (part.real for part in expected_direction(k, sigma, LINE, False))
        step = 1e-4 / float(np.hypot(by_k, by_sigma))
        k, sigma = k + step * by_k, sigma + step * by_sigma
        if sigma < 0.3:
            break
    assert np.interp(-sigma, -path[:, 1], path[:, 0]) == pytest.approx(k, abs=3e-3)


def test_the_equation_holds(tables):
    checks = claims.IDENTITIES.checks(tables["discount_identities"], "E49")
    assert len(checks) == 7  # Stokes' theorem by γ and form, and the means
    assert all(check.passed for check in checks)


def test_leaving_the_discount_in_is_seen_by_e49(monkeypatch):
    """An estimator that ignores `score_discount` has another mean than the field without γᵗ."""
    small = discount_spec(gammas=[0.8], episodes=2_000)
    monkeypatch.setattr(Estimator, "_discounts", lambda self, credit: 1.0)
    found = circulation.discount_identities(small, circulation.circulation_table(small))
    assert not all(check.passed for check in claims.IDENTITIES.checks(found, "E49"))


def test_a_wrong_sign_in_the_loop_is_seen_by_e49(monkeypatch):
    right = circulation.tangents
    monkeypatch.setattr(circulation, "tangents", lambda loop: right(loop) * [1.0, -1.0])
    small = discount_spec(gammas=[0.8], episodes=200)
    found = circulation.discount_identities(small, circulation.circulation_table(small))
    assert not all(check.passed for check in claims.IDENTITIES.checks(found, "E49"))


def planted(without, with_it=0.0, half=0.1, gammas=(0.8, 1.0)):
    rows = [
        {"gamma": gamma, "form": form, "measured": value, "circulation": 0.0, "largest": 50.0, "n": 100}
        for gamma in gammas
        for form, value in (("with", with_it), ("without", without if gamma < 1 else 0.0))
    ]
    table = pd.DataFrame(rows)
    return table.assign(measured_low=table["measured"] - half, measured_high=table["measured"] + half)


ENDS = pd.DataFrame(
    {"form": "without", "gamma": [0.8, 0.8], "spread": ["learned", "fixed"], "loss": [1e-14, 0.002]}
)


@pytest.mark.parametrize(
    ("asked", "verdict", "reason"),
    [
        ({"without": 2.0}, "refuted", "the gradient of nothing"),
        ({"without": -2.0}, "refuted", "the gradient of nothing"),
        ({"without": 0.01}, "supported", ""),
        ({"without": 0.3, "half": 0.8}, "undecided", "No circulation is told from zero"),
        ({"without": 2.0, "with_it": 2.0}, "undecided", "The measurement is off"),
        ({"without": 2.0, "gammas": (1.0,)}, "undecided", "no γ below 1"),
    ],
)
def test_c39_follows_its_table(asked, verdict, reason):
    claim = claims.c39(planted(**asked), ENDS)
    assert claim.verdict == verdict
    assert reason in claim.because
    assert_readable(claim)


def test_c39_of_the_study_itself(tables):
    claim = claims.c39(tables["discount_circulation"], tables["discount_ends"])
    assert claim.verdict == "refuted"
    assert_readable(claim)


def test_the_sentence_follows_its_table():
    assert discount_cost(ENDS) == (
        "At the end of the path without $\\gamma^t$ the loss of $J$, against the best $k$ and over all γ from 0.8 "
        "on, is nothing with σ learned and at most 0.2 % with σ kept as it is."
    )
    assert discount_cost(ENDS[:0]) == discount_cost(ENDS.assign(gamma=1.0)) == ""


def test_the_figure_says_what_its_tables_say(tables):
    asked = [tables[f"discount_{name}"] for name in ("field", "circulation", "paths", "ends")]
    with house_style():
        assert set(pictures(figure.draw(*asked))) == {"svg", "png"}
        one = [table[table["gamma"] == 1.0] for table in asked]
        figure.draw(*one)
    assert figure.headline(*asked).startswith("Without γᵗ it is no gradient, yet")
    assert figure.headline(*one) == ""
    assert "40,000 walks" in figure.findings(*asked)
