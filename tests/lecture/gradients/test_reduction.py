"""What the mean takes off the variance, of what the best constants do."""

import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.gradients.certificate import certify_estimators
from pgpipe.lecture.gradients.comparison import reduction
from pgpipe.statistics import resample_counts


def estimates(scale, seed=0):
    return scale * np.random.default_rng(seed).standard_normal((200, 3))


def counts():
    """Everything once, then 200 resamples."""
    return np.vstack([np.ones(200), resample_counts(200, 200, np.random.default_rng(1))])


def test_a_mean_half_way_to_the_best_gets_half():
    """Total variances 4, 3 and 2 by construction: one estimate is a multiple of the other."""
    none, mean, best = (estimates(v**0.5) for v in (4, 3, 2))
    row = reduction(none, mean, best, counts())
    assert row["possible"] == pytest.approx(0.5)
    assert row["achieved"] == pytest.approx(0.25)
    assert row["share"] == pytest.approx(0.5)
    for name in ("possible", "achieved", "share"):
        # resampled together, multiples stay multiples
        assert row[f"{name}_low"] == pytest.approx(row[name])
        assert row[f"{name}_high"] == pytest.approx(row[name])


def test_a_mean_that_makes_it_worse_gets_less_than_nothing():
    row = reduction(estimates(1.0), estimates(2.0, seed=5), estimates(0.5, seed=6), counts())
    assert row["achieved_high"] < 0
    assert row["share_low"] < row["share"] < row["share_high"] < 0


def test_certificate_joins_quality_exact_variance_and_cost():
    place = {"environment": "line", "policy": "trained"}
    measures = dict.fromkeys(
        ("bias_z", "bias_norm", "total_variance", "variance_ratio", "variance_ratio_low", "variance_ratio_high",
         "snr", "cosine", "cosine_low", "cosine_high"), 0.5,
    )  # fmt: skip
    quality = pd.DataFrame(
        [
            place | {"estimator": e, "batch_size": n, "replicates": 20} | measures
            for e in ("one", "two")
            for n in (8, 32)
        ]
    )
    exact = pd.DataFrame(
        [
            {**place, "estimator": "one", "batch_size": n, "parameter": p, "variance": 16.0}
            for n in (8, 32)
            for p in (0, 1)
        ]
    )
    costs = pd.DataFrame(
        [{"environment": "line", "estimator": e, "operations": c, "env_steps": 10, "per_step": c / 10}
         for e, c in (("one", 50.0), ("two", 200.0))]
    )  # fmt: skip
    table = certify_estimators(quality, exact, costs).set_index("estimator")
    assert list(table.index) == ["one", "two"]
    assert table["batch_size"].tolist() == [32, 32]
    assert table.loc["one", "exact_variance"] == 2 * 16 / 32  # both parameters, one batch
    assert np.isnan(table.loc["two", "exact_variance"])
    assert table["relative_cost"].tolist() == [1.0, 4.0]
