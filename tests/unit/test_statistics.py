"""Intervals cover, robust means are robust, and every draw comes from the generator given."""

import numpy as np
import pandas as pd
import pytest

from pgpipe.intervals import Interval
from pgpipe.lecture.gradients.comparison import Reference, bias_z, components, quality
from pgpipe.lecture.objective.sample_mean import objective_error
from pgpipe.lecture.variance_reduction.learning import compare_recipes, final_returns, learning_summary
from pgpipe.lecture.variance_reduction.performance import performance
from pgpipe.statistics import (
    bootstrap_mean,
    cosines,
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


def quality_of(estimates, yardstick, reference, resamples, rng):
    counts = np.vstack([np.ones(len(estimates)), resample_counts(len(estimates), resamples, rng)])
    return quality(estimates, total_variances(yardstick, counts), reference, counts)


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
    table = components(estimates, Reference(np.array([[0.0]])), batch_size=25)
    assert table["variance"][0] == pytest.approx(9, rel=0.03)
    assert table["standard_error"][0] == pytest.approx(0.6 / 50_000**0.5, rel=0.03)


def test_objective_error_is_that_of_the_mean(rng):
    """Normal returns with σ = 3 and a mean of 1: the error for N is 3/√N, and there is no bias."""
    table = objective_error(rng.normal(1, 3, size=(3_000, 1 + 9)), 1.0, [1, 9], 300, rng)
    assert list(table["rmse"]) == pytest.approx([3, 1], rel=0.05)
    assert (table["mean_error"].abs() < 4 * table["standard_error"]).all()
    assert ((table["rmse_low"] < table["rmse"]) & (table["rmse"] < table["rmse_high"])).all()


def test_learning_summary_counts_who_diverged():
    import pandas as pd

    rows = [
        ("cartpole", "fast", seed, update, 10 * update, float(seed)) for seed in range(4) for update in (0, 1)
    ]
    columns = ["environment", "recipe", "seed", "update", "env_steps", "mean_return"]
    curves = pd.DataFrame(rows, columns=columns)
    curves.loc[(curves["seed"] == 0) & (curves["update"] == 1), "mean_return"] = np.nan
    summary = learning_summary(curves, {"fast": "mean_baseline"}, 200, 0)
    assert list(summary["diverged"]) == [0, 1]
    assert list(summary["iqm"]) == [1.5, 1.5]  # the middle two of 0, 1, 2, 3
    assert list(summary["estimator"]) == ["mean_baseline"] * 2
    assert list(summary["seeds"]) == [4, 4]


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


def test_resamples_stay_within_their_task(rng):
    """Seeds of one environment never stand for those of another."""
    drawn = stratified_resamples([np.zeros(3), np.ones(2)], 50, rng)
    assert drawn.shape == (5, 50)
    assert (drawn[:3] == 0).all()
    assert (drawn[3:] == 1).all()


def test_scores_over_all_environments():
    """Two environments; the best recipe's score is one, the untrained policy's zero, and one estimator is in one only."""
    levels = {
        ("a", "fast"): 10.0,
        ("a", "slow"): 5.0,
        ("b", "fast"): -1.0,
        ("b", "slow"): -2.0,
        ("b", "odd"): -2.5,
    }
    curves = pd.DataFrame(
        [(environment, f"{environment}_{name}", seed, update, (0.0 if environment == "a" else -3.0) if not update else level)
         for (environment, name), level in levels.items() for seed in range(4) for update in range(3)],
        columns=["environment", "recipe", "seed", "update", "mean_return"],
    )  # fmt: skip
    estimators = {f"{environment}_{name}": name for environment, name in levels}
    tables = performance(curves, estimators, 100, 0)
    scores = tables["learning_scores"].set_index("estimator")
    assert scores["iqm"].to_dict() == {"fast": 1.0, "slow": 0.5}
    assert scores["n"].to_dict() == {"fast": 8, "slow": 8}
    together = tables["learning_profiles"].query("environment == 'all'")
    assert set(together["recipe"]) == {"fast", "slow"}
    assert (together.query("recipe == 'slow' and threshold < 0.495")["share"] == 1).all()
    assert (together.query("recipe == 'slow' and threshold > 0.505")["share"] == 0).all()


def test_recipes_are_compared_by_their_last_updates():
    """Two seeds each; the last tenth of 20 updates are the last two. One recipe's seed diverged at the end."""
    curves = pd.DataFrame(
        [("cartpole", recipe, seed, update, level + update * slope)
         for recipe, level, slope in (("rising", 0.0, 2.0), ("flat", 30.0, 0.0))
         for seed in (0, 1) for update in range(21)],
        columns=["environment", "recipe", "seed", "update", "mean_return"],
    )  # fmt: skip
    assert final_returns(curves)["final_return"].tolist() == [39.0, 39.0, 30.0, 30.0]
    table = compare_recipes(curves, 100, 0).set_index("recipe")
    assert table.loc["rising", "probability"] == 1
    assert table.loc["flat", "probability"] == 0
    curves.loc[
        (curves["recipe"] == "rising") & (curves["seed"] == 1) & (curves["update"] == 20), "mean_return"
    ] = np.nan
    assert compare_recipes(curves, 100, 0).set_index("recipe").loc["rising", "probability"] == 0.5
    alone = curves[curves["recipe"] == "flat"]
    assert compare_recipes(alone, 100, 0).empty
