"""Clipping by KL: the study against the exact numbers, and what the claim, the sentences and the figure make of it."""

import numpy as np
import pandas as pd
import pytest
import torch
from claim_texts import assert_readable
from laws.test_variances import bandit_with
from lecture.after_the_lecture.direction_tables import BANDIT, clipping_spec
from scipy.optimize import brentq

from pgpipe.estimators.composition import Estimator
from pgpipe.lecture.after_the_lecture import clipping_identities, clipping_samples
from pgpipe.lecture.after_the_lecture.claims import clipping as claims
from pgpipe.lecture.after_the_lecture.clipping import compare_clipping, variance_interval
from pgpipe.lecture.after_the_lecture.figures import clipping as figure
from pgpipe.lecture.after_the_lecture.sentences import clipping_by_kl, clipping_turns
from pgpipe.lecture.common.style import house_style, pictures
from pgpipe.oracles import bandit_clipping

# KL: mean and variance of the clipped, of the plain, ∂J/∂μ at θ' (math.md; there the variance at 0.039 is 1.59)
NUMBERS = {
    0.0: (-2, 18, -2, 18, -2),
    0.005: (-1.439, 5.54, -1.8, 12.28, -1.8),
    0.02: (-0.266, 1.27, -1.6, 8.91, -1.6),
    0.039: (-0.003, 1.58474, -1.441, 7.50, -1.441),
    0.08: (0.134, 3.17, -1.2, 7.23, -1.2),
}
DIGITS = (3, 2, 3, 2, 3)


@pytest.fixture(scope="module")
def tables():
    return compare_clipping(clipping_spec())


def row(table, kl, form, parameter="k"):
    own = table[(table["kl"] == kl) & (table["form"] == form) & (table["parameter"] == parameter)]
    return own.iloc[0]


@pytest.mark.parametrize("kl", NUMBERS)
def test_the_exact_columns_are_those_of_math_md(tables, kl):
    clipped, plain = (row(tables["clipping"], kl, form) for form in ("clipped", "plain"))
    found = (clipped["mean"], clipped["variance"], plain["mean"], plain["variance"], plain["gradient"])
    for ours, theirs, digits in zip(found, NUMBERS[kl], DIGITS, strict=True):
        assert abs(ours - theirs) <= 0.55 * 10.0**-digits
    assert plain["mean"] == pytest.approx(plain["gradient"])


def test_the_variance_at_0_039_to_more_digits(tables):
    assert row(tables["clipping"], 0.039, "clipped")["variance"] == pytest.approx(1.58474, abs=5e-6)


def test_measured_points_lie_on_the_exact_curves(tables):
    """Within 4.5 of the interval's standard errors: 60 numbers."""
    rows = tables["clipping"][tables["clipping"]["n"] > 0]
    for exact, measured in (("mean", "measured_mean"), ("variance", "measured_variance")):
        error = (rows[f"{measured}_high"] - rows[f"{measured}_low"]) / 2 / 1.96
        assert ((rows[measured] - rows[exact]).abs() < 4.5 * error).all()
    factors = tables["clipping_factors"][tables["clipping_factors"]["n"] > 0]
    for name in ("along", "apart"):
        error = (factors[f"measured_{name}_high"] - factors[f"measured_{name}_low"]) / 2 / 1.96
        assert ((factors[f"measured_{name}"] - factors[name]).abs() <= 4.5 * error + 1e-12).all()


def test_factors_are_made_of_the_components(tables):
    own = tables["clipping"].pivot_table(
        index=["form", "kl"], columns="parameter", values=["mean", "gradient"]
    )
    factors = tables["clipping_factors"].set_index(["form", "kl"]).loc[own.index]
    by = own["mean"] / own["gradient"]
    np.testing.assert_allclose(factors["apart"], by["k"] - by["sigma"], atol=1e-12)
    along = (own["mean"] * own["gradient"]).sum(axis=1) / (own["gradient"] ** 2).sum(axis=1)
    np.testing.assert_allclose(factors["along"], along)


def test_another_bandit_is_asked_uphill_too():
    """Target at 3, so that ∂J/∂μ is positive; by log σ."""
    environment = bandit_with(3.0)
    behaviour = torch.tensor([1.0, 1.0], dtype=torch.float64)
    target = clipping_samples.uphill(behaviour, environment, 0.02)
    assert target.tolist() == pytest.approx([1.2, 1.0])


def test_a_variance_has_an_interval_of_both_means():
    rng = np.random.default_rng(0)
    values = rng.normal(3, 2, 10_000)
    found = variance_interval(values, values**2)
    assert found.low < 4 < found.high
    assert found.n == 10_000


def test_the_equations_hold(tables):
    identities = tables["clipping_identities"]
    for equation in claims.IDENTITIES.equations:
        checks = claims.IDENTITIES.checks(identities, equation)
        assert len(checks) == 2
        assert all(check.passed for check in checks)


def passes(equation):
    asked = clipping_spec(kls=[0.0, 0.08], trajectories=2_000)
    behaviour = torch.tensor([1.0, 1.0], dtype=torch.float64)
    own, _ = clipping_samples.own_and_wide(asked, behaviour)
    identities = clipping_identities.clipping_identities(asked, behaviour, own)
    return all(check.passed for check in claims.IDENTITIES.checks(identities, equation))


def clips_on_the_wrong_side(monkeypatch):
    """Samples are dropped where their ratio went against their advantage."""
    ask = Estimator._log_weights

    def turned(self, ratios):
        if ratios is not None and "advantages" in ratios:
            ratios = {**ratios, "advantages": -ratios["advantages"]}
        return ask(self, ratios)

    monkeypatch.setattr(Estimator, "_log_weights", turned)


def maximum_for_minimum(monkeypatch):
    monkeypatch.setattr(torch, "minimum", torch.maximum)


@pytest.mark.parametrize("mistake", [clips_on_the_wrong_side, maximum_for_minimum])
def test_a_mistake_in_clipping_is_seen_by_e47(mistake, monkeypatch):
    assert passes("E47")
    mistake(monkeypatch)
    assert not passes("E47")


def planted(by_k, by_sigma, half=0.01, kls=(0.0, 0.02, 0.08)):
    """Both tables of a clipped gradient with these factors at every KL above 0."""
    rows, factors = [], []
    for form, kl in [(form, kl) for form in ("plain", "clipped", "v_trace") for kl in kls]:
        own = (by_k, by_sigma) if form == "clipped" and kl else (1.0, 1.0)
        for parameter, gradient, factor in zip(("k", "sigma"), (-1.5, -2.0), own, strict=True):
            at = {"mean": factor * gradient, "gradient": gradient, "variance": 3.0, "measured_variance": 3.0}
            at |= {"measured_mean": factor * gradient, "measured_mean_low": gradient * factor - half * 2}
            at |= {"measured_mean_high": gradient * factor + half * 2}
            at |= {"measured_variance_low": 2.9, "measured_variance_high": 3.1}
            rows.append({"form": form, "kl": kl, "n": 100, "parameter": parameter, **at})
        apart = own[0] - own[1]
        factors.append(
            {"form": form, "kl": kl, "n": 100, "measured_apart": apart}
            | {"measured_apart_low": apart - half, "measured_apart_high": apart + half}
            | {"measured_along": 0.5, "measured_along_low": 0.4, "measured_along_high": 0.6}
        )
    return pd.DataFrame(rows), pd.DataFrame(factors)


@pytest.mark.parametrize(
    ("factors", "half", "verdict", "reason"),
    [
        ((0.5, 0.5), 0.01, "supported", ""),
        ((0.5, 0.2), 0.01, "refuted", "Clipping changes the direction"),
        ((-0.2, 0.3), 0.01, "refuted", "The clipped gradient can point the other way"),
        ((-0.2, -0.2), 0.01, "refuted", "The clipped gradient can point the other way"),
        ((1.5, 1.5), 0.01, "refuted", "Clipping changes the direction"),
        ((0.5, 0.5), 0.3, "undecided", "too wide"),
    ],
)
def test_c38_follows_its_table(factors, half, verdict, reason):
    by_k, by_sigma = factors
    claim = claims.c38(*planted(by_k, by_sigma, half))
    assert claim.verdict == verdict
    assert reason in claim.because
    assert_readable(claim)


def test_c38_of_the_study_itself(tables):
    claim = claims.c38(tables["clipping"], tables["clipping_factors"])
    assert claim.verdict == "refuted"
    assert "0.039 nats" in claim.found
    assert_readable(claim)


def test_c38_without_a_kl_above_0():
    claim = claims.c38(*planted(0.5, 0.5, kls=(0.0,)))
    assert claim.verdict == "undecided"
    assert "no KL above 0" in claim.because


def test_the_turning_point_is_that_of_the_exact_curve(tables):
    def by_mu(kl):
        target = np.array([1 - (2 * kl) ** 0.5, 1.0])
        return bandit_clipping.clipped(np.array([1.0, 1.0]), target, BANDIT).mean[0]

    at = claims.turning_point(tables["clipping"])
    assert at == pytest.approx(
        brentq(by_mu, 0.02, 0.08), abs=1e-4
    )  # the curve is straight between its points
    assert claims.turning_point(tables["clipping"], "plain") is None
    assert "KL of 0.039 nats" in clipping_turns(tables["clipping"])
    assert clipping_turns(planted(0.5, 0.5)[0]) == ""
    assert clipping_turns(planted(0.5, 0.5)[0][:0]) == ""


def test_the_table_by_kl(tables):
    said = clipping_by_kl(tables["clipping"])
    # at 0.02: bias -0.266 + 1.6 = 1.334, spared 8.9076 - 1.2651, and 7.6425/1.334² = 4.29
    assert "| 0.02 | 0.17 | 0.94 | 14 % | N = 4 |" in said
    assert "| 0.08 | −0.11 |" in said
    assert clipping_by_kl(tables["clipping"][:0]) == ""
    assert "no size" in clipping_by_kl(planted(0.5, 0.5)[0])


def test_the_figure_says_what_its_table_says(tables):
    with house_style():
        assert set(pictures(figure.draw(tables["clipping"]))) == {"svg", "png"}
        figure.draw(planted(0.5, 0.5, kls=(0.02,))[0])
    assert figure.headline(tables["clipping"]).startswith("From a KL of 0.039 nats")
    assert figure.headline(planted(0.5, 0.3)[0]) == "At a KL of 0.08 nats 30% of the gradient is left"
    assert figure.findings(tables["clipping"]).startswith("4,000 trajectories")


def test_steps_on_the_line_reach_both_bounds():
    """Else the row of the surrogate could not fail."""
    policy_spec = clipping_spec(kls=[0.0], trajectories=100)
    found = clipping_identities._on_the_line(policy_spec)
    assert [row["equation"] for row in found] == ["E47", "E48"]
