"""Three samples, one gradient step: against closed forms, and as the figures say."""

import numpy as np
import pytest
import torch

from pgpipe.lecture.variance.three_samples import (
    GAP,
    REACH,
    ReturnCurve,
    draw_samples,
    sample_gradient,
    three_cases,
    three_tables,
)

CURVE = ReturnCurve(bad=-2.0, good=1.0, turn=0.1, width=0.8)


@pytest.fixture(scope="module")
def tables():
    return three_tables(0.3, 1.4, CURVE, constant=2.5, learning_rate=0.2, seed=3)


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (-0.7, 0.4), (2.0, 3.0)])
def test_gradient_agrees_with_the_closed_form(mean, spread):
    """∂/∂μ log p = (x - μ)/σ², ∂/∂log σ log p = (x - μ)²/σ² - 1; each times r, averaged."""
    x, returns = np.array([-1.1, 0.4, 2.5]), np.array([-2.0, 0.5, 2.5])
    theta = torch.tensor([mean, np.log(spread)], dtype=torch.float64)
    gradient = sample_gradient(theta, torch.from_numpy(x), torch.from_numpy(returns))
    z = (x - mean) / spread
    assert gradient.tolist() == pytest.approx([(z * returns).mean() / spread, ((z**2 - 1) * returns).mean()])


@pytest.mark.parametrize("seed", range(8))
def test_two_are_good_one_is_bad_and_all_can_be_seen(seed):
    x, draws = draw_samples(0.3, 1.4, CURVE, seed)
    assert sorted(CURVE(x) > 0) == [False, True, True]
    assert np.diff(x).min() >= GAP * 1.4
    assert np.abs(x - 0.3).max() <= REACH * 1.4
    assert draws >= 1
    again, _ = draw_samples(0.3, 1.4, CURVE, seed)
    assert (x == again).all()


def test_a_curve_without_room_for_bad_samples_is_refused():
    nowhere = ReturnCurve(bad=-2.0, good=1.0, turn=-60.0, width=0.5)
    with pytest.raises(ValueError, match="did not come in 10000 draws"):
        draw_samples(0.0, 1.0, nowhere, 0)


def test_curve_runs_from_bad_to_good():
    ends = CURVE(np.array([-50.0, 0.1, 50.0]))
    assert ends == pytest.approx([-2.0, -0.5, 1.0])


def test_the_step_adds_the_mean_of_the_pushes(tables):
    pushes = tables["three_samples"].groupby("case", sort=False)["push"].mean()
    steps = tables["three_steps"].set_index("case")
    shift = steps["new_mean"] - steps["mean"]
    assert shift.to_numpy() == pytest.approx(pushes[shift.index].to_numpy())
    grown = np.exp(steps["learning_rate"] * steps["gradient_log_spread"])
    assert steps["new_spread"].to_numpy() == pytest.approx(1.4 * grown.to_numpy())


def test_the_cases_are_what_the_figures_say(tables):
    samples = tables["three_samples"]
    returns, lifted, at_zero = (
        group["return"].to_numpy() for _, group in samples.groupby("case", sort=False)
    )
    assert lifted == pytest.approx(returns + 2.5)
    assert (lifted > 0).all()
    assert sorted(at_zero == 0) == [False, True, True]  # exactly zero
    # what is left of the difference to the lower of the two good ones
    assert at_zero.min() == pytest.approx(returns.min() - np.sort(returns)[1])


def test_only_the_bad_sample_acts_where_the_good_ones_are_at_zero(tables):
    """Moving the good samples, which stay on the plateau, changes nothing."""
    x = np.array([-1.5, 0.6, 1.9])
    theta = torch.tensor([0.3, 0.0], dtype=torch.float64)
    returns = torch.from_numpy(three_cases(CURVE, x, 2.5)["good_at_zero"](x))
    moved = torch.tensor([-1.5, 0.9, 3.0], dtype=torch.float64)
    assert torch.equal(
        sample_gradient(theta, torch.from_numpy(x), returns), sample_gradient(theta, moved, returns)
    )


def test_densities_are_those_of_the_policies(tables):
    for step in tables["three_steps"].itertuples():
        curve = tables["three_curves"].query("case == @step.case")
        peak = curve.loc[curve["new_density"].idxmax(), "x"]
        assert peak == pytest.approx(step.new_mean, abs=0.02 * 1.4)
        assert curve["density"].max() == pytest.approx(1 / (1.4 * (2 * np.pi) ** 0.5))
