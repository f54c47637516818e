"""Bias, variance and direction of estimates are what they are said to be."""

import numpy as np
import pytest

from pgpipe.lecture.gradients.bias import Reference, bias_z, projection, recovered
from pgpipe.lecture.gradients.comparison import components, quality
from pgpipe.statistics import (
    resample_counts,
    total_variances,
)


def quality_of(estimates, yardstick, reference, resamples, rng):
    counts = np.vstack([np.ones(len(estimates)), resample_counts(len(estimates), resamples, rng)])
    return quality(estimates, total_variances(yardstick, counts), reference, counts)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_bias_against_an_exact_reference_is_a_z_score(rng):
    """ḡ is 0.5 off along ∇J with a standard error of 1/√R: z = 0.5 √R."""
    truth = np.array([[3.0, 4.0]])
    noise = rng.normal(size=(10_000, 2))
    noise = (noise - noise.mean(0)) / noise.std(0)
    along = truth[0] / 5
    z = bias_z(truth + 0.5 * along + noise, Reference(truth))
    assert z == pytest.approx(0.5 * 100, rel=0.05)


def test_a_noisy_reference_shows_no_bias_of_its_own(rng):
    """∇J = 0 in 400 dimensions: the direction of the noise is not held against the estimator."""
    scores = [bias_z(rng.normal(size=(50, 400)), Reference(rng.normal(size=(50, 400)))) for _ in range(200)]
    assert np.mean(scores) == pytest.approx(0, abs=4 / 200**0.5)
    assert np.std(scores) == pytest.approx(1, abs=0.2)


def test_what_is_recovered_of_an_exact_gradient_is_its_projection(rng):
    """ḡ = 0.8 ∇J with a standard error of 1/√R along it: 0.8 ± 1/(5 √R), as ‖∇J‖ = 5."""
    truth = np.array([[3.0, 4.0]])
    noise = rng.normal(size=(10_000, 2))
    noise = (noise - noise.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(noise.T))).T
    reference = Reference(truth)
    found, error = recovered(0.8 * truth + noise, reference)
    assert [found, error] == pytest.approx([0.8, 1 / 5 / 100])
    row = projection(0.8 * truth + noise, reference)
    assert [row["projection"], row["standard_error"]] == pytest.approx([found, error])
    assert np.isnan(recovered(noise, Reference(np.zeros((1, 2))))).all()


def test_a_noisy_reference_recovers_all_of_an_unbiased_estimate(rng):
    """In 400 dimensions, where the projection on a noisy reference falls short; its error covers the miss."""
    truth = np.full(400, 0.1)
    scores = []
    for _ in range(200):
        reference = Reference(truth + rng.normal(size=(100, 400)))
        found, error = recovered(truth + rng.normal(size=(50, 400)), reference)
        scores.append((found - 1) / error)
    assert np.mean(scores) == pytest.approx(0, abs=4 / 200**0.5)
    assert np.std(scores) == pytest.approx(1, abs=0.2)


def test_quality_recovers_what_it_was_given(rng):
    """ĝ = ∇J + bias + noise in 50 dimensions with known lengths."""
    P, R = 50, 4_000
    truth = np.full((1, P), 2 / P**0.5)  # ‖∇J‖ = 2
    bias = np.zeros(P)
    bias[0] = 0.6
    noise = rng.normal(size=(R, P))
    row = quality_of(truth + bias + 0.5 * noise, truth + noise, Reference(truth), 400, rng)
    assert row["total_variance"] == pytest.approx(0.25 * P, rel=0.02)
    assert row["variance_ratio"] == pytest.approx(0.25)
    assert row["bias_norm"] == pytest.approx(0.6 / 2, rel=0.05)
    signal = np.linalg.norm(truth[0] + bias) ** 2
    assert row["snr"] == pytest.approx(signal / (0.25 * P), rel=0.05)
    # resampled together, the ratio of one noise and its half is the same in every resample
    assert [row["variance_ratio_low"], row["variance_ratio_high"]] == pytest.approx([0.25, 0.25])
    assert row["cosine_low"] < row["cosine"] < row["cosine_high"]


def test_error_of_a_sampled_reference_is_not_held_against_the_estimator(rng):
    """No bias, 400 dimensions, a reference of 50 batches: ‖ḡ - ref‖² is all noise of the two."""
    truth = np.full(400, 0.1)
    estimates = truth + rng.normal(size=(5_000, 400))
    reference = Reference(truth + rng.normal(size=(50, 400)))
    row = quality_of(estimates, estimates, reference, 100, rng)
    assert reference.error == pytest.approx(400 / 50, rel=0.2)
    assert row["bias_norm"] < 0.5  # and 1.2 if the reference's own error were left in


def test_an_estimate_of_zero_points_nowhere(rng):
    estimates = np.vstack([np.zeros(3), np.ones((9, 3))])
    row = quality_of(estimates, estimates, Reference(np.ones((1, 3))), 100, rng)
    assert row["cosine"] == pytest.approx(0.9)


def test_what_is_no_number_is_not_called_unbiased(rng):
    estimates = rng.normal(size=(9, 2))
    estimates[0] = np.nan
    row = quality_of(estimates, estimates, Reference(np.ones((1, 2))), 100, rng)
    assert np.isnan(row["bias_norm"])
    assert np.isnan(row["snr"])


def test_without_a_yardstick_there_is_no_ratio(rng):
    estimates = rng.normal(size=(20, 3))
    row = quality_of(estimates, np.full_like(estimates, np.nan), Reference(np.ones((1, 3))), 200, rng)
    assert np.isnan(row["variance_ratio"])
    assert np.isnan(row["variance_ratio_low"])
    assert np.isfinite(row["cosine"])


def test_components_give_the_variance_of_one_trajectory(rng):
    """Replicates are means of 25 trajectories of variance 9."""
    estimates = rng.normal(size=(50_000, 1)) * 3 / 5
    table = components(estimates, Reference(np.array([[0.0]])), batch_size=25, names=["k"])
    assert table["variance"][0] == pytest.approx(9, rel=0.03)
    assert table["standard_error"][0] == pytest.approx(0.6 / 50_000**0.5, rel=0.03)
