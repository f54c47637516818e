"""Baselines of equal variance: the runs against the oracle's, and what claim, sentence and figure make of them."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable
from lecture.after_the_lecture.direction_tables import NATURAL, VANILLA, arms_spec

from pgpipe.lecture.after_the_lecture import three_arms as study
from pgpipe.lecture.after_the_lecture.claims import equal_variance as claims
from pgpipe.lecture.after_the_lecture.figures import equal_variance as figure
from pgpipe.lecture.after_the_lecture.sentences import equal_variance_shares
from pgpipe.lecture.common.style import house_style, pictures
from pgpipe.oracles.three_arms import final_arms, probabilities

R = np.array([1.0, 0.7, 0.0])


@pytest.fixture(scope="module")
def tables():
    return study.compare_baselines(arms_spec())


PI = probabilities(np.array([[0.0, 0.0, 0.0], [1.0, -0.5, 0.3]]))


@pytest.mark.parametrize("rule", [NATURAL, VANILLA])
@pytest.mark.parametrize("delta", [-0.7, 0.0, 0.4])
def test_mean_and_variance_are_those_of_every_arm(rule, delta):
    """By the sum over what may be drawn: 0.7 and 0.4 are in no config."""
    for pi in PI:
        logits, b = np.log(pi), study.best_constant(rule, pi[None], R)[0] + delta
        score = np.eye(3) - pi
        x = np.diag((R - b) / pi) if rule["direction"] == "natural" else (R - b)[:, None] * score
        mean = pi @ x
        known = pi @ (x**2).sum(1) - mean @ mean if rule["direction"] == "vanilla" else None
        if known is None:  # each logit's own variance
            known = (pi @ x**2 - mean**2).sum()
        assert study.variance(rule, pi[None], R, delta)[0] == pytest.approx(known)
        rows = study.estimates(rule, np.tile(logits, (20_000, 1)), R, delta, np.random.default_rng(1))
        off, error = rows.mean(0) - mean, rows.std(0) / 20_000**0.5
        assert (np.abs(off) < 4.5 * error + 1e-12).all()


def test_a_natural_step_solves_for_the_gradient():
    """F x = ĝ, F = diag π - ππᵀ, drawn alike by the same stream."""
    logits = np.log(np.tile(PI[1], (50, 1)))
    b = [study.best_constant(rule, PI[1:], R)[0] for rule in (NATURAL, VANILLA)]
    x = study.estimates(NATURAL, logits, R, 0.0, np.random.default_rng(2))
    g = study.estimates(VANILLA, logits, R, b[0] - b[1], np.random.default_rng(2))
    F = np.diag(PI[1]) - np.outer(PI[1], PI[1])
    np.testing.assert_allclose(x @ F, g, atol=1e-12)


def test_the_best_constant_has_the_least_variance_and_both_sides_the_same():
    for rule in (NATURAL, VANILLA):
        below, least, above = (study.variance(rule, PI, R, delta) for delta in (-0.6, 0.0, 0.6))
        np.testing.assert_allclose(below, above)
        assert (least < above).all()


@pytest.mark.parametrize("delta", [-1.0, -0.5, 0.5, 1.0])
def test_runs_end_as_often_at_the_best_arm_as_the_oracles(delta):
    """400 of 600 updates against 400: within 4 standard errors."""
    ours = (study.train(arms_spec(), "natural", delta).argmax(-1) == 0).mean()
    theirs = (final_arms(np.random.default_rng(9), delta, 400, 600) == 0).mean()
    pooled = (ours + theirs) / 2
    assert abs(ours - theirs) <= 4 * (2 * pooled * (1 - pooled) / 400) ** 0.5


def test_measured_variances_are_the_exact_ones(tables):
    rows = tables["baseline_arms"]
    error = (rows["measured_variance_high"] - rows["measured_variance_low"]) / 2 / 1.96
    assert ((rows["measured_variance"] - rows["variance"]).abs() < 4.5 * error).all()
    np.testing.assert_allclose(tables["baseline_pairs"]["ratio"], 1)


def test_one_side_learns_better(tables):
    pairs = tables["baseline_pairs"].set_index("rule")
    assert pairs.loc["natural", "difference_low"] > 0.05
    again = study.compare_baselines(arms_spec(rules={"natural": NATURAL}))
    pd.testing.assert_frame_equal(again["baseline_pairs"], tables["baseline_pairs"][:1], check_exact=True)


def test_a_wrong_constant_is_seen(monkeypatch):
    """With the mean reward as b* the variances of ±δ differ, and the pair says nothing against the claim."""
    monkeypatch.setattr(study, "best_constant", lambda rule, pi, r: pi @ r)
    found = study.compare_baselines(arms_spec(runs=50, updates=5, samples=20_000))
    for pair in found["baseline_pairs"].to_dict("records"):
        assert abs(pair["ratio"] - 1) > 0.02
        assert not pair["measured_ratio_low"] < 1 < pair["measured_ratio_high"]


def planted(difference, half=0.01, ratio=1.0):
    return pd.DataFrame(
        {"rule": ["a", "b"], "direction": ["natural", "vanilla"], "learning_rate": [0.1, 1.0], "delta": 1.0, "runs": 1000, "difference": [difference, 0.0], "measured_ratio": ratio}
    ).assign(
        difference_low=lambda t: t["difference"] - half, difference_high=lambda t: t["difference"] + half,
        measured_ratio_low=ratio - 0.01, measured_ratio_high=ratio + 0.01,
    )  # fmt: skip


ARMS = pd.DataFrame({"runs": [1000], "updates": [500]})


@pytest.mark.parametrize(
    ("pairs", "verdict", "reason"),
    [
        (
            planted(0.3),
            "refuted",
            "with b* + δ than with b* - δ, by 0.30 (natural steps, α = 0.1, δ = ±1). No difference is seen with vanilla steps, α = 1.",
        ),
        (planted(-0.3), "refuted", "with b* - δ"),
        (planted(0.0), "supported", ""),
        (planted(0.0, half=0.2), "undecided", "No pair is told apart"),
        (planted(0.3, ratio=1.4), "undecided", "No pair is told apart"),
        (planted(0.3)[:0], "undecided", "no δ"),
    ],
)
def test_c40_follows_its_table(pairs, verdict, reason):
    claim = claims.c40(pairs, ARMS)
    assert claim.verdict == verdict
    assert reason in claim.because
    assert_readable(claim)


def test_the_sentence_and_the_figure_follow_their_table(tables):
    arms = tables["baseline_arms"]
    said = equal_variance_shares(arms)
    assert "| natural, α = 0.05 |" in said
    assert equal_variance_shares(arms[:0]) == equal_variance_shares(arms[arms["delta"] > 0]) == ""
    with house_style():
        assert set(pictures(figure.draw(arms))) == {"svg", "png"}
        figure.draw(arms[:1])
    assert figure.headline(arms).startswith("At equal variance")
    assert figure.headline(arms.assign(share=0.5, share_low=0.4, share_high=0.6)) == ""
    assert figure.findings(arms).startswith("400 runs of 600 updates")
