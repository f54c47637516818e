"""Intervals cover, robust means are robust, and every draw comes from the generator given."""

import numpy as np
import pytest

from pgpipe.intervals import Interval
from pgpipe.statistics import (
    bootstrap_mean,
    cosines,
    effective_number,
    interquartile_mean,
    interquartile_mean_intervals,
    mean_interval,
    normal_interval,
    performance_profile,
    probability_of_improvement,
    resample_counts,
    share_interval,
    stratified_interquartile_mean,
    stratified_resamples,
    total_variances,
    weighted_mean,
    weighted_slope,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_interval_of_the_mean_is_that_of_the_normal_theory(rng):
    """For 400 normal values the half width is 1.96 σ/√n, within the bootstrap's own error."""
    values = rng.normal(3, 2, 400)
    mean = bootstrap_mean(values, resample_counts(400, 4_000, rng))
    half = 1.96 * values.std() / 20
    assert mean.estimate == values.mean()
    assert mean.low == pytest.approx(values.mean() - half, abs=0.03)
    assert mean.high == pytest.approx(values.mean() + half, abs=0.03)


def test_interval_of_a_known_error_is_1_96_errors_wide():
    found = normal_interval(2.0, 0.5, 30)
    assert (found.low, found.high) == pytest.approx((2 - 0.98, 2 + 0.98), abs=1e-4)


def test_interval_of_a_share_is_clopper_and_pearsons():
    """None of n: the upper bound is the p at which that has probability 2.5 %, 1 - 0.025^(1/n)."""
    found = share_interval(0, 10)
    assert (found.estimate, found.low, found.n) == (0, 0, 10)
    assert found.high == pytest.approx(1 - 0.025**0.1)


def test_cosines_by_hand():
    """Of rows with one target, with a target each, and of a single pair."""
    rows, target = np.array([[2.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), np.array([3.0, 0.0])
    assert cosines(rows, target) == pytest.approx([1, 0, 0.5**0.5])
    assert cosines(rows, rows[::-1]) == pytest.approx([0.5**0.5, 0, 0.5**0.5])
    assert cosines(rows[2], target) == pytest.approx(0.5**0.5)
    assert np.isnan(cosines(rows[2], np.zeros(2)))


def test_interval_of_a_mean_covers_as_often_as_it_says(rng):
    """Of 2000 means of 5 normal values 95 % lie in their interval, within 4 standard errors of 0.5 %."""
    covered = sum(mean.low < 3 < mean.high for mean in map(mean_interval, rng.normal(3, 2, (2000, 5))))
    assert covered / 2000 == pytest.approx(0.95, abs=0.02)


def test_total_variance_of_a_resample_is_that_of_its_rows(rng):
    """Against numpy on the rows themselves, drawn as often as the counts say."""
    estimates = rng.normal(size=(12, 5)) + 7
    counts = resample_counts(12, 6, rng)
    expected = [np.repeat(estimates, row.astype(int), axis=0).var(0, ddof=1).sum() for row in counts]
    assert total_variances(estimates, counts) == pytest.approx(expected)


def test_interquartile_mean_forgets_the_outer_quarters():
    assert interquartile_mean(np.array([-1e9, 1.0, 3.0, 1e9])) == 2.0


def test_diverged_seed_counts_as_the_worst():
    """One NaN in eight is cut off with the lowest quarter; three are too many to be."""
    values = np.array([np.nan, 0.0, 1, 2, 3, 4, 5, 6])
    assert interquartile_mean(values) == pytest.approx((1 + 2 + 3 + 4) / 4)
    values[:3] = np.nan
    assert np.isnan(interquartile_mean(values))


def test_a_few_diverged_seeds_leave_an_interval(rng):
    """3 of 30: the upper bound is a number, and the lower one too, as few resamples hold a quarter of them."""
    values = np.arange(30.0)
    values[:3] = np.nan
    (mean,) = interquartile_mean_intervals(values[:, None], 2_000, rng)
    assert mean.low < interquartile_mean(values) == mean.estimate < mean.high


def test_interquartile_interval_holds_the_mean_and_shrinks_with_n(rng):
    small, large = rng.normal(size=(10, 2)), rng.normal(size=(160, 2))
    widths = []
    for values in (small, large):
        means = interquartile_mean_intervals(values, 500, rng)
        assert [mean.estimate for mean in means] == list(interquartile_mean(values))
        assert all(mean.low <= mean.estimate <= mean.high for mean in means)
        widths.append(np.mean([mean.high - mean.low for mean in means]))
    assert widths[1] < widths[0] / 2


def test_weighted_slope_is_exact_on_a_line():
    x = np.array([0.0, 1.0, 3.0])
    slope, error = weighted_slope(x, 2 - 0.5 * x, np.array([0.1, 0.2, 0.1]))
    assert slope == pytest.approx(-0.5)
    assert error == pytest.approx(1 / np.sqrt(np.sum(np.array([100, 25, 100]) * (x - 325 / 225) ** 2)))


def test_weighted_mean_trusts_the_precise():
    """1 ± 1 and 4 ± ½ weigh 1 and 4: (1 + 16) / 5, and 1/√5."""
    assert weighted_mean(np.array([1.0, 4.0]), np.array([1.0, 0.5])) == pytest.approx((3.4, 5**-0.5))


@pytest.mark.parametrize(
    ("x", "y", "probability"),
    [
        ([1.0, 2.0], [0.0, 0.5], 1.0),
        ([1.0, 2.0], [2.0, 3.0], 0.125),  # one tie in four pairs
        ([1.0, 4.0], [2.0, 3.0], 0.5),
        (
            [np.nan, 4.0],
            [2.0, np.nan],
            0.625,
        ),  # a seed that diverged loses to every number, ties with its like
    ],
)
def test_probability_of_improvement_by_hand(x, y, probability):
    assert probability_of_improvement(np.array(x), np.array(y)) == probability


def test_performance_profile_by_hand():
    """Shares of (1, 2, 2, 5), a seed without a number among them, above 0, 2 and 5; a value is not above itself."""
    assert list(performance_profile(np.array([1.0, 2, 2, 5]), np.array([0.0, 2, 5]))) == [1, 0.25, 0]
    assert list(performance_profile(np.array([np.nan, 1.0]), np.array([-9.0, 0]))) == [0.5, 0.5]


def test_aggregates_are_those_of_agarwal_et_al_by_hand(rng):
    """Their matrix of runs by tasks: the middle half of all eight scores, 1, 2, 3, 4 of -9, 0, 1, 2, 3, 4, 9, 99."""
    tasks = [np.array([0.0, 1, 3, 99]), np.array([-9.0, 2, 4, 9])]
    mean = stratified_interquartile_mean(tasks, 4_000, rng)
    assert mean.estimate == 2.5
    assert mean.low < mean.estimate < mean.high
    assert mean.n == 8
    # of two tasks each with two runs 0 and 8, of which each is drawn within its task, the middle two of four
    # scores are (0, 0), (0, 8), (8, 8) with probabilities 5/16, 6/16, 5/16: both bounds are the outer values
    coins = [np.array([0.0, 8.0])] * 2
    assert stratified_interquartile_mean(coins, 4_000, rng) == Interval.by_chance(4.0, 0.0, 8.0, 4)
    drawn = interquartile_mean(stratified_resamples(coins, 40_000, rng))
    shares = [np.mean(drawn == value) for value in (0.0, 4.0, 8.0)]
    assert shares == pytest.approx([5 / 16, 6 / 16, 5 / 16], abs=0.01)


@pytest.mark.parametrize("seeds", [[1, 4], [1, 1], [4, 1, 1]])
def test_a_group_of_one_seed_leaves_no_interval(seeds, rng):
    """Nobody knows how it would come out again: taken for certain, three such and one of 4 covered 0.79."""
    found = stratified_interquartile_mean([rng.normal(size=n) for n in seeds], 100, rng)
    assert np.isfinite(found.estimate)
    assert np.isnan([found.low, found.high]).all()


def test_a_share_of_nothing_is_unknown():
    assert np.isnan(share_interval(0, 0).estimate)


def test_resamples_stay_within_their_task(rng):
    """Seeds of one environment never stand for those of another."""
    drawn = stratified_resamples([np.zeros(3), np.ones(2)], 50, rng)
    assert drawn.shape == (5, 50)
    assert (drawn[:3] == 0).all()
    assert (drawn[3:] == 1).all()


def test_effective_number_counts_what_decides_a_mean():
    """n/3 of normal numbers, k of k rare events, none of a constant."""
    rng = np.random.default_rng(0)
    rare = np.zeros(10_000)
    rare[:7] = 2.0
    normal, still = rng.standard_normal(10_000), np.ones(10_000)
    found = effective_number(np.stack([normal, rare, still], axis=1))
    assert found == pytest.approx([10_000 / 3, 7, 0], rel=0.05)
