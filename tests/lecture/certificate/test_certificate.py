"""A certificate exposes mistakes that it has never seen, and calls nothing wrong that is right."""

import pytest
from lecture.certificate.planted import RIGHT, WRONG, composed, mean_of_all
from samples import estimator_spec

from pgpipe.estimators.baselines.batch_mean import batch_mean
from pgpipe.estimators.signals.total_return import total_return
from pgpipe.lecture.certificate.findings import findings
from pgpipe.lecture.certificate.judging import judge_estimator, judged
from pgpipe.lecture.certificate.words import in_words

# The law that tells what is wrong, where it has to be this one.
BY = {
    "own trajectory in the mean": "nothing own is subtracted",
    "own trajectory in the group's mean": "nothing own is subtracted",
    "mean of other groups": "other groups say nothing",
    "wrong number of others": "a mean of equal credits is that credit",
    "padding counted": "padding says nothing",
    "depends on the action": "nothing own is subtracted",
    "depends on the next action": "nothing own is subtracted",
    "depends on the next state": "nothing own is subtracted",
    "noise": "twice is the same",
    "another shape": "it runs",
}


@pytest.mark.parametrize("subject", WRONG, ids=lambda subject: subject.name)
def test_a_mistake_is_exposed(subject):
    broken = [finding.law for finding in findings(subject) if finding.result == "broken"]
    expectation = "expectation off policy" if subject.composed.weighs else "expectation"
    assert BY.get(subject.name, expectation) in broken


@pytest.mark.parametrize("subject", RIGHT, ids=lambda subject: subject.name)
def test_what_is_right_breaks_nothing(subject):
    assert [finding for finding in findings(subject) if finding.result == "broken"] == []


def row_covers(row, bias):
    """Whether twice the 95 % interval holds it."""
    low, high = row["bias_low"], row["bias_high"]
    return 2 * low - high < bias < 2 * high - low


def test_a_certificate_tells_bias_variance_direction_and_cost():
    """r - mean is (1 - 1/N)(r - mean of the others): at N = 3 a third of the gradient is missing, at 2 half."""
    certificate = judged(composed("wrong", total_return, mean_of_all))
    rows = {row["problem"]: row for row in certificate.rows}
    assert certificate.verdict == "broken"
    assert rows["coin"]["exact_bias"] == pytest.approx(100 / 3)
    assert rows["room"]["exact_bias"] == pytest.approx(50)
    assert rows["line"]["exact_bias"] is None
    assert row_covers(rows["chain"], -100 / 3)
    for row in (rows["coin"], rows["chain"], rows["room"]):
        low, high = row["variance_ratio_low"], row["variance_ratio_high"]
        assert 0.8 * low < row["exact_variance_ratio"] < 1.25 * high
    assert 0 < rows["grid"]["cosine"] < 1
    assert certificate.cost == pytest.approx(1, abs=0.2)
    text = str(certificate)
    assert max(map(len, text.splitlines())) <= 100
    assert "wrong breaks" in text
    assert "1 judged: 1 broken. Broken: wrong." in text


def test_a_bias_that_is_declared_breaks_no_law():
    spec = estimator_spec("reward_to_go", "batch_mean", normalize=True)
    found = judge_estimator({"name": "declared", "estimator": spec})
    assert found["verdict"] == "biased, as it says"
    assert found["declares"] == ("own trajectory", "normalized advantages")
    assert found["rows"][0]["exact_bias"] > 10
    assert "1 judged: 1 biased, as it says." in in_words([found])


def test_a_mistake_beside_a_declared_bias_is_seen():
    """A normalised estimator whose signal is wrong: its bias is no excuse for that."""
    signal = next(subject.estimator.signal for subject in WRONG if subject.name == "off by one")
    broken = [
        f.law for f in findings(composed("both", signal, batch_mean, normalize=True)) if f.result == "broken"
    ]
    assert broken == ["expectation"]
