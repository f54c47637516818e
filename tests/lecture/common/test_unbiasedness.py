"""The mean of an estimate against ∇J: right ones pass as often as promised, wrong ones do not."""

import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.common.unbiasedness import largest_deviations, pooled_projection
from pgpipe.lecture.gradients.bias import Reference
from pgpipe.lecture.gradients.comparison import components

R, SEEDS = 200, 300
# How often a trajectory visits each cell; the rarest are not seen in most seeds.
VISITS = np.array([3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 1e-3])


def table(rng, scale=1.0):
    """Mean gradients of R batches of 32 trajectories, each visit of a cell worth 1/N times a skewed number."""
    visits = rng.poisson(32 * VISITS, (R, len(VISITS)))
    estimates = rng.gamma(np.maximum(visits, 1e-9)) * (visits > 0) / 32
    exact = Reference(VISITS[None])
    key = {
        "environment": "grid",
        "policy": "trained",
        "estimator": "plain",
        "batch_size": 32,
        "replicates": R,
    }
    return components(scale * estimates, exact, 32, [str(p) for p in range(len(VISITS))]).assign(**key)


def passed(rows):
    return all(check.passed for check in largest_deviations(rows, ["plain"]))


def test_an_unbiased_estimate_passes_in_all_seeds_though_some_cells_are_hardly_ever_visited():
    """A limit that promises 1e-4 fails none of 300; over all components it fails several."""
    rng = np.random.default_rng(0)
    tables = [table(rng) for _ in range(SEEDS)]
    assert all(passed(rows) for rows in tables)
    assert not all(passed(rows.assign(effective=R)) for rows in tables)


def test_a_bias_of_a_tenth_is_seen():
    rng = np.random.default_rng(0)
    assert not any(passed(table(rng, 1.1)) for _ in range(20))


@pytest.mark.parametrize(
    ("mean", "expected"), [(0.0, [0.0]), (1e-12, [0.0]), (1e-3, [np.inf])], ids=["zero", "rounding", "off"]
)
def test_what_never_varies_has_to_be_right(mean, expected):
    rows = pd.DataFrame({"parameter": ["a"], "mean": mean, "standard_error": 0.0, "variance": 0.0})
    rows = rows.assign(effective=0.0, exact=0.0, environment="lever", policy="trained", estimator="plain")
    checks = largest_deviations(rows.assign(batch_size=32, replicates=R), ["plain"])
    assert [check.value for check in checks] == expected


def test_an_estimate_that_is_always_zero_fails_where_the_gradient_is_not():
    rows = table(np.random.default_rng(0), 0.0)
    assert not passed(rows)


def test_environments_count_equally_however_precise_one_is():
    """A one-step problem that is right to a thousandth does not hide another one that is 20 % too long."""
    rows = pd.DataFrame(
        {
            "environment": ["lever", "lever", "coin", "coin"],
            "policy": ["untrained", "trained"] * 2,
            "estimator": "plain",
            "batch_size": 32,
            "replicates": R,
            "kind": "exact",
            "projection": [1.0, 1.0, 1.2, 1.4],
            "standard_error": [0.001, 0.001, 0.02, 0.2],
        }
    )
    pooled = pooled_projection(rows, ["plain"])
    coin = (1.2 / 0.02**2 + 1.4 / 0.2**2) / (1 / 0.02**2 + 1 / 0.2**2)  # stages by precision
    assert pooled.estimate == pytest.approx((1 + coin) / 2)
    error = (0.001**2 / 2 + 1 / (1 / 0.02**2 + 1 / 0.2**2)) ** 0.5 / 2
    assert (pooled.high - pooled.low) / 2 == pytest.approx(1.95996 * error, rel=1e-4)
    assert pooled.n == 4 * R
