"""The certificate joins what is known of an estimator."""

import numpy as np
import pandas as pd

from pgpipe.lecture.gradients.certificate import certify_estimators


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
