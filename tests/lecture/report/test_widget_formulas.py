"""What widgets compute by themselves is what the package computes, at ten random settings."""

import numpy as np
import pytest
import torch

from pgpipe.lecture.variance.three_samples import ReturnCurve, sample_gradient, three_cases, three_tables

SETTINGS = range(10)


@pytest.fixture(params=SETTINGS)
def rng(request):
    return np.random.default_rng(request.param)


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_a_step_on_three_samples(computed, rng):
    mean, spread, rate, constant = rng.normal(), rng.uniform(0.3, 2), rng.uniform(0.05, 0.5), rng.normal(0, 3)
    x, returns = rng.normal(size=3), rng.normal(size=3) + constant
    theta = torch.tensor([mean, np.log(spread)], dtype=torch.float64)
    gradient = sample_gradient(theta, torch.from_numpy(x), torch.from_numpy(returns)).numpy()
    after = computed("add_a_constant", "step", x.tolist(), returns.tolist(), mean, spread, rate)
    assert computed("add_a_constant", "gradient", x.tolist(), returns.tolist(), mean, spread) == close(
        gradient.tolist()
    )
    assert after["mean"] == close(mean + rate * gradient[0])
    assert after["spread"] == close(spread * np.exp(rate * gradient[1]))


@pytest.mark.parametrize("seed", SETTINGS)
def test_the_three_cases_of_the_lecture(computed, seed):
    """F3, F4 and F5 as the tables have them."""
    curve, constant, rate = ReturnCurve(-1.0 - seed / 9, 1.0, 0.1, 0.8), 2.5 + seed, 0.1 + seed / 40
    tables = three_tables(0.2, 1.3, curve, constant, rate, seed)
    samples, steps = tables["three_samples"], tables["three_steps"].set_index("case")
    for case, _ in three_cases(curve, np.zeros(3), constant).items():
        own = samples[samples["case"] == case]
        after = computed("add_a_constant", "step", own["x"].tolist(), own["return"].tolist(), 0.2, 1.3, rate)
        assert [after["mean"], after["spread"]] == close(steps.loc[case, ["new_mean", "new_spread"]].tolist())
        for x, value, push in own[["x", "return", "push"]].to_numpy():
            assert computed("add_a_constant", "push", x, value, 0.2, 1.3, rate) == close(push)
    raw = samples[samples["case"] == "returns"]["return"]
    level = computed("add_a_constant", "levelled", raw.tolist())
    assert np.subtract(level, max(level)) == close(
        samples[samples["case"] == "good_at_zero"]["return"].to_numpy()
    )
