"""P3 to P7 say in their headlines what their tables say, and other things of other tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from lecture.test_figures import composed, contributions, tables

from pgpipe.lecture.common.ladder import formulas, rungs
from pgpipe.lecture.common.style import house_style
from pgpipe.lecture.variance_reduction.figures import (
    counterexamples,
    gradient_bias,
    gradient_cloud,
    gradient_direction,
    gradient_variance,
    learning_curves,
    learning_improvement,
    learning_profiles,
)
from pgpipe.lecture.variance_reduction.figures._ladder_rows import one_stage, stage_words
from pgpipe.lecture.variance_reduction.figures._named_recipes import named_recipes
from pgpipe.lecture.variance_reduction.figures._tree import moments
from pgpipe.lecture.variance_reduction.figures._words import listed, percent, short_number, signed

LADDER = composed(
    ("plain", "to_go", "mean", "critic", "own_mean"),
    signal=["total_return", "reward_to_go", "reward_to_go", "reward_to_go", "total_return"],
    baseline=["none", "none", "mean", "value", "batch_mean"],
)
TWO = composed(("plain", "mean"), baseline=["none", "mean"])


@pytest.fixture(autouse=True)
def house():
    with house_style():
        yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def of(function, given, estimators):
    """What a figure's function makes of these tables."""
    return function(*given, estimators)


def xs(line):
    return np.asarray(line.get_xdata())


# The lecture's ladder


def test_the_rungs_are_found_by_their_parts_whatever_they_are_called():
    assert rungs(LADDER) == ["plain", "to_go", "mean", "critic"]
    assert rungs(TWO) == ["plain"]


def test_estimators_have_formulas_of_their_parts():
    table = composed(
        "abcde",
        signal=["total_return", "reward_to_go", "reward_to_go", "gae", "reward_to_go"],
        baseline=["batch_mean", "value", "mean", "value", "mean"],
        value=["critic", "exact", "critic", "critic", "critic"],
        normalize=[False, False, True, False, False],
        score_discount=[True, True, True, True, False],
    )
    expected = ["R − batch mean", "Q̂ − V, exact", "Q̂ − mean, scaled", "GAE", "Q̂ − mean, no γᵗ"]
    assert list(formulas(table).values()) == expected
    odd = table.assign(signal="guess")
    assert set(formulas(odd).values()) == {""}


def test_the_stage_is_the_half_trained_one_where_there_is_one():
    rows = pd.DataFrame(
        [("line", "untrained"), ("line", "half_trained"), ("acrobot", "untrained")],
        columns=["environment", "policy"],
    )
    assert one_stage(rows).to_numpy().tolist() == [["line", "half_trained"], ["acrobot", "untrained"]]
    assert stage_words(one_stage(rows)) == "half-trained policies (acrobot: untrained)"
    assert stage_words(one_stage(rows[1:2])) == "half-trained policies"


# P3, a cloud


def cloud(spreads, truth=(-4.0, -17.0)):
    """Four estimates for each estimator, around ∇J at this distance along both axes."""
    corners = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    rows = [
        ("line", "half_trained", name, 32, i, parameter, truth[j] + spread * corner[j], truth[j])
        for name, spread in spreads.items()
        for i, corner in enumerate(corners)
        for j, parameter in enumerate(("k", "sigma"))
    ]
    columns = ["environment", "policy", "estimator", "batch_size", "batch", "parameter", "value", "exact"]
    return pd.DataFrame(rows, columns=columns)


def test_the_cloud_says_how_much_of_the_variance_is_left():
    """Half the distance is a quarter of the variance."""
    fall = "Critic leaves 25 % of plain’s variance around ∇J"
    assert gradient_cloud.headline(cloud({"plain": 2.0, "critic": 1.0}), LADDER) == fall
    rise = "Critic scatters no less around ∇J than plain"
    assert gradient_cloud.headline(cloud({"plain": 1.0, "critic": 2.0}), LADDER) == rise
    assert gradient_cloud.headline(cloud({"plain": 1.0}), LADDER) == ""


def test_the_cloud_counts_the_estimates_that_point_downhill():
    """∇J = (-4, -17): of ∇J ± 20 on each axis two have a positive second component, +3, and ĝ·∇J < 0 is
    16 ∓ 80 - 51 < 0 for one of them, (16, 3), and not for the other, (-24, 3).
    """
    figure = gradient_cloud.draw(cloud({"plain": 20.0, "mean": 1.0}), LADDER)
    assert [said for said in texts(figure) if "downhill" in said] == ["1 of 4 downhill", "0 of 4 downhill"]
    assert [said for said in texts(figure) if "variance" in said] == ["variance 100 %", "variance 0.25 %"]


def test_panels_of_the_cloud_have_the_same_axes():
    figure = gradient_cloud.draw(cloud({"plain": 20.0, "mean": 1.0}), LADDER)
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in figure.axes}) == 1
    assert {ax.get_aspect() for ax in figure.axes} == {1.0}


# P3, the table


def variance_tables(ratios):
    """Measured ratios by environment and estimator, with narrow intervals; nothing exact."""
    rows = [("half_trained", *key, 32, 200, value) for key, value in ratios.items()]
    columns = ["policy", "environment", "estimator", "batch_size", "replicates", "variance_ratio"]
    quality = pd.DataFrame(rows, columns=columns)
    for end, factor in (("low", 0.9), ("high", 1.1)):
        near = quality["variance_ratio"] != 1
        quality[f"variance_ratio_{end}"] = quality["variance_ratio"] * np.where(near, factor, 1)
    exact = pd.DataFrame(
        columns=["environment", "policy", "estimator", "batch_size", "parameter", "variance"]
    )
    none = pd.DataFrame(columns=["environment", "policy", "none", "mean", "optimal"])
    return quality, exact, none


def test_the_table_of_variances_says_where_they_fall_and_rise_most():
    plain = {("line", "plain"): 1.0, ("coin", "plain"): 1.0}
    both = variance_tables({**plain, ("line", "to_go"): 0.4, ("coin", "to_go"): 2.3})
    from_to = "From 40 % of the total return’s variance on line to 2.3 times on coin"
    assert of(gradient_variance.headline, both, LADDER) == from_to
    assert of(gradient_variance.findings, both, LADDER) == "Reward to go raises it on coin."
    lower = variance_tables({**plain, ("line", "to_go"): 0.4})
    down = "Down to 40 % of the total return’s variance, on line"
    assert of(gradient_variance.headline, lower, LADDER) == down
    higher = variance_tables({**plain, ("coin", "to_go"): 2.3})
    up = "Up to 2.3 times the total return’s variance, on coin"
    assert of(gradient_variance.headline, higher, LADDER) == up
    assert of(gradient_variance.findings, lower, LADDER) == ""
    assert of(gradient_variance.headline, variance_tables(plain), LADDER) == ""


def test_an_estimator_that_may_be_biased_makes_no_headline():
    table = variance_tables({("line", "plain"): 1.0, ("line", "own_mean"): 0.1, ("line", "to_go"): 0.5})
    assert "Down to 50 %" in of(gradient_variance.headline, table, LADDER)


def test_cells_above_one_have_a_frame_and_those_that_cannot_be_told_have_no_shade():
    quality, *others = variance_tables(
        {("line", "plain"): 1.0, ("line", "to_go"): 1.05, ("line", "mean"): 2.0, ("line", "critic"): 0.5}
    )
    figure = of(gradient_variance.draw, (quality, *others), LADDER)
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    shades = [patch for patch in figure.axes[0].patches if patch.get_fill()]
    assert [len(frames), len(shades)] == [1, 2]


def test_exact_ratios_stand_in_place_of_the_measured_ones():
    """Exact variances 8 and 2: a ratio of 0.25, in bold; the best constants leave 1 of 8."""
    quality, exact, _ = variance_tables({("line", "plain"): 1.0, ("line", "mean"): 0.9})
    exact = pd.DataFrame(
        [
            ("line", "half_trained", name, 32, "k", variance)
            for name, variance in (("plain", 8.0), ("mean", 2.0))
        ],
        columns=exact.columns,
    )
    best = pd.DataFrame([("line", "half_trained", 8.0, 2.0, 1.0)])
    best.columns = ["environment", "policy", "none", "mean", "optimal"]
    figure = gradient_variance.draw(quality, exact, best, TWO)
    cells = {text.get_text(): text.get_fontweight() for text in figure.axes[0].texts}
    assert {said: cells[said] for said in ("1", "0.25", "0.12")} == {
        "1": "bold",
        "0.25": "bold",
        "0.12": "bold",
    }
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == ["plain", "mean", "best constants"]


def test_estimates_on_another_scale_have_no_row():
    scaled = composed(("plain", "scaled"), normalize=[False, True], signal=["total_return", "reward_to_go"])
    table = variance_tables({("line", "plain"): 1.0, ("line", "scaled"): 1e-3})
    rows = [text.get_text() for text in of(gradient_variance.draw, table, scaled).axes[0].get_yticklabels()]
    assert rows == ["plain"]
    assert of(gradient_variance.headline, table, scaled) == ""


def test_what_is_divided_by_a_constant_stands_on_another_scale_too():
    divided = TWO.assign(bias=["none", "own trajectory, constant divisor"])
    table = variance_tables({("line", "plain"): 1.0, ("line", "mean"): 1e-5})
    rows = [text.get_text() for text in of(gradient_variance.draw, table, divided).axes[0].get_yticklabels()]
    assert rows == ["plain"]


def test_the_names_of_many_environments_are_smaller():
    few, many = (variance_tables({(f"place{i}", "plain"): 1.0 for i in range(number)}) for number in (3, 15))
    sizes = [
        of(gradient_variance.draw, table, TWO).axes[0].get_xticklabels()[0].get_size()
        for table in (few, many)
    ]
    assert sizes == [8.5, 5.0]


# P3, trees


def test_the_counterexample_says_by_how_much_the_mean_raises_the_variance():
    """Var of (0, 0.1) with 0.1 and 0.9 is 0.0009, that of (0.81, 0.01) 0.0576: 64 times as much."""
    table = contributions()
    assert [moments(table, c) for c in ("total_return", "return_mean")] == [
        pytest.approx((0.09, 0.0009)),
        pytest.approx((0.09, 0.0576)),
    ]
    assert counterexamples.headline(table, TWO) == "Same gradient, more variance: mean 64-fold on lever"
    said = [ax.get_xlabel() for ax in counterexamples.draw(table, TWO).axes]
    assert said[1:] == ["mean 0.09, variance 0.0009", "mean 0.09, variance 0.0576"]


def test_without_a_counterexample_nothing_is_said():
    harmless = contributions().assign(return_mean=lambda table: table["total_return"])
    for table in (harmless, harmless[:0]):
        assert counterexamples.headline(table, TWO) == ""
        assert counterexamples.draw(table, TWO).axes[0].get_title() == "no counterexample"


def test_branches_bear_action_reward_and_conditional_probability():
    steps = [(0, 0.25, 0, 1, 1.0), (0, 0.25, 1, 0, -1.0), (1, 0.75, 0, 1, 1.0), (1, 0.75, 1, 1, 0.0)]
    table = pd.DataFrame(steps, columns=["trajectory", "probability", "step", "action", "reward"])
    numbers = {
        "total_return": [1.0, 0.0, 0.0, 0.0],
        "reward_to_go": [5.0, 0.0, -1.0, 0.0],
        "return_mean": 0.0,
    }
    figure = counterexamples.draw(table.assign(environment="two", policy="untrained", **numbers), TWO)
    assert texts(figure)[:3] == ["a = 1, r = +1  (1)", "a = 0, r = −1  (0.25)", "a = 1, r = 0  (0.75)"]


# P4


def test_the_reason_of_a_bias_is_the_one_that_moves_the_mean_farthest():
    names = ("plain", "grouped", "divided")
    table = composed(names, normalize=[False, True, False]).assign(
        bias=["none", "normalized advantages, divided by lengths", "own trajectory, constant divisor"],
        normalized_over=["nothing", "group", "nothing"],
    )
    said = texts(gradient_bias.draw(projections({("line", name): 0.5 for name in names}), table))
    assert {"divided by the group’s spread", "divided by a constant"} <= set(said)


def projections(found, error=0.01):
    """How much of ∇J each estimator's mean has along it, by environment and estimator."""
    rows = [("half_trained", *key, 32, 200, value, error) for key, value in found.items()]
    columns = [
        "policy",
        "environment",
        "estimator",
        "batch_size",
        "replicates",
        "recovered",
        "recovered_error",
    ]
    return pd.DataFrame(rows, columns=columns)


def test_p4_says_who_misses_the_gradient():
    fair = projections({("line", "plain"): 1.0, ("line", "own_mean"): 1.0})
    say = "Beyond chance, no unbiased estimator misses ∇J; {} of 1 biased ones do"
    assert gradient_bias.headline(fair, LADDER) == say.format(0)
    shrunk = projections({("line", "plain"): 1.01, ("line", "own_mean"): 0.9})
    assert gradient_bias.headline(shrunk, LADDER) == say.format(1)
    wrong = projections({("line", "plain"): 1.2, ("line", "to_go"): 1.0})
    assert gradient_bias.headline(wrong, LADDER) == "1 of 2 unbiased estimators miss ∇J by more than chance"
    right = projections({("line", "plain"): 1.01, ("line", "to_go"): 1.0})
    assert gradient_bias.headline(right, LADDER) == "No estimator misses ∇J by more than chance"


def test_p4_has_one_row_for_all_unbiased_estimators_the_most_precise():
    table = projections({("line", "plain"): 0.9, ("line", "to_go"): 1.0, ("line", "own_mean"): 0.97})
    table.loc[0, "recovered_error"] = 0.2
    (ax,) = gradient_bias.draw(table, LADDER).axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["unbiased", "own mean †"]
    points = [xs(line)[0] for line in ax.get_lines() if line.get_marker() == "o"]
    assert sorted(points) == [0.97, 1.0]


def test_p4_draws_what_lies_beyond_its_axis_at_the_end_with_its_number():
    table = projections({("line", "plain"): 1.0, ("line", "own_mean"): 3.2})
    (ax,) = gradient_bias.draw(table, LADDER).axes
    assert [xs(line)[0] for line in ax.get_lines() if line.get_marker() == ">"] == [2.0]
    assert "3.2" in texts(ax.figure)


def test_p4_says_what_is_expected_of_the_batch_mean():
    table = projections({("line", "plain"): 1.0, ("line", "own_mean"): 0.97})
    assert gradient_bias.findings(table, LADDER) == "Expected of *own mean*: 1 − 1/32 (C9)."
    assert gradient_bias.findings(table, TWO) == ""


def test_rows_of_estimators_biased_by_their_making_are_marked():
    biased = composed(("total_return", "mean_baseline"), baseline=["batch_mean", "none"])
    given = tables()
    named = ("gradient_quality", "gradient_exact_variance", "gradient_reduction")
    figures = (
        of(gradient_variance.draw, (given[name] for name in named), biased),
        gradient_direction.draw(given["gradient_quality"], given["gradient_reference"], biased),
    )
    for figure in figures:
        labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
        assert labels[:2] == ["total return †", "mean baseline"]


# P5


def directions(cosines):
    """Mean cosines at N = 8 and, 0.1 higher, at N = 32, by environment and estimator."""
    rows = [
        ("half_trained", *key, n, cosine - 0.1 * (n == 8)) for key, cosine in cosines.items() for n in (8, 32)
    ]
    columns = ["policy", "environment", "estimator", "batch_size", "cosine"]
    quality = pd.DataFrame(rows, columns=columns)
    quality = quality.assign(cosine_low=quality["cosine"] - 0.02, cosine_high=quality["cosine"] + 0.02)
    reference = quality[["environment", "policy"]].drop_duplicates()
    return quality, reference.assign(gradient_norm=1.0, gradient_rms_error=0.0)


def test_p5_says_where_the_ladder_turns_the_step_most():
    table = directions({("a", "plain"): 0.1, ("a", "mean"): 0.9, ("b", "plain"): 0.8, ("b", "mean"): 0.9})
    said = "On a the cosine to ∇J is 0.10 for plain, 0.90 for mean"
    assert of(gradient_direction.headline, table, LADDER) == said
    table = directions({("a", "plain"): 0.9, ("a", "mean"): 0.1})
    assert of(gradient_direction.headline, table, LADDER) == "No estimator points closer to ∇J than plain"
    assert of(gradient_direction.headline, directions({("a", "plain"): 0.9}), LADDER) == ""


def test_p5_shows_three_environments_whose_estimators_differ_most():
    gaps = {"a": 0.2, "b": 0.5, "c": 0.1, "d": 0.4}
    cosines = {
        (e, name): 0.3 + gap * (name == "mean") for e, gap in gaps.items() for name in ("plain", "mean")
    }
    figure = of(gradient_direction.draw, directions(cosines), LADDER)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "d"]


def test_p5_leaves_out_what_has_no_direction():
    quality, reference = directions({("a", "plain"): 0.1, ("a", "mean"): 0.9, ("b", "plain"): 0.8})
    reference.loc[reference["environment"] == "a", "gradient_rms_error"] = 0.5
    assert [ax.get_title() for ax in gradient_direction.draw(quality, reference, LADDER).axes] == ["b"]
    lost = reference.assign(gradient_rms_error=1.0)
    assert "∇J cannot be told from 0" in texts(gradient_direction.draw(quality, lost, LADDER))
    assert gradient_direction.headline(quality, lost, LADDER) == ""


# P6


def test_p6_shows_the_numbers_of_its_table():
    """The points of a line are the interquartile means."""
    given = tables()
    figure = learning_curves.draw(given["learning_summary"], given["estimators"])
    assert np.asarray(figure.axes[0].get_lines()[0].get_ydata()).tolist() == [float(u) for u in range(9)]


def curves(ends):
    """The last update of each recipe, by environment and estimator: lower and upper bound."""
    rows = [
        (e, a, a, u, 12, (low + high) / 2, low, high) for (e, a), (low, high) in ends.items() for u in (0, 1)
    ]
    columns = ["environment", "estimator", "recipe", "update", "seeds", "iqm", "low", "high"]
    return pd.DataFrame(rows, columns=columns).assign(diverged=0)


def test_p6_says_where_the_total_return_ends_below_all_others():
    table = curves(
        {("a", "plain"): (1, 2), ("a", "mean"): (3, 4), ("b", "plain"): (1, 3), ("b", "mean"): (2, 4)}
    )
    assert learning_curves.headline(table, LADDER) == "Plain ends below all others on a"
    near = table[table["environment"] == "b"]
    assert learning_curves.headline(near, LADDER) == "Plain ends below all others nowhere"
    assert learning_curves.headline(table[table["estimator"] == "mean"], LADDER) == ""


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_learning_curves_of_many_environments_stand_in_rows(n):
    one = tables()["learning_summary"]
    many = pd.concat([one.assign(environment=name) for name in "abcde"[:n]])
    figure = learning_curves.draw(many, composed(("total_return", "mean_baseline")))
    assert [ax.get_title() for ax in figure.axes] == [f"{name} (12 seeds)" for name in "abcde"[:n]]
    assert len({round(ax.get_position().x0, 6) for ax in figure.axes}) == min(n, 2)


def test_four_recipes_are_in_colour_those_of_the_ladder_first():
    names = ("own_mean", "plain", "mean", "other", "to_go", "critic")
    table = pd.DataFrame({"recipe": [f"r_{n}" for n in names], "estimator": names})
    assert list(named_recipes(table, LADDER)) == ["r_plain", "r_mean", "r_to_go", "r_critic"]
    assert named_recipes(table[:3], LADDER) == {
        "r_own_mean": "own mean",
        "r_plain": "plain",
        "r_mean": "mean",
    }
    twice = pd.DataFrame({"recipe": ["fast", "slow"], "estimator": "mean"})
    assert named_recipes(twice, LADDER) == {"fast": "fast", "slow": "slow"}


def test_the_report_says_which_seeds_diverged():
    """With where and when, as a line that leaves out a seed would hide it."""
    summary, estimators = tables()["learning_summary"], tables()["estimators"]
    assert learning_curves.findings(summary, estimators) == "No seed diverged."
    lost = (summary["recipe"] == "total_return") & (summary["update"] >= 6)
    summary.loc[lost, "diverged"] = summary.loc[lost, "update"] - 5
    assert learning_curves.findings(summary, estimators) == (
        "Diverged, and counted as the worst from there on: 3 of 12 seeds of total return on cartpole, the first at update 6."
    )


# P7


def improvements(summary, lows):
    """P = low + 0.1 that the recipe beats plain, and the other way round."""
    rows = [(e, a, "plain", low + 0.1, low, low + 0.2) for (e, a), low in lows.items()]
    rows += [(e, "plain", a, 0.9 - low, 0.8 - low, 1 - low) for (e, a), low in lows.items()]
    columns = ["environment", "recipe", "other", "probability", "low", "high"]
    return summary, pd.DataFrame(rows, columns=columns)


def test_p7_says_where_all_are_likely_to_beat_the_total_return():
    summary = curves({(e, a): (0, 1) for e in "ab" for a in ("plain", "mean", "critic")})
    lows = {("a", "mean"): 0.6, ("a", "critic"): 0.7, ("b", "mean"): 0.6, ("b", "critic"): 0.4}
    said = "Every other estimator is likely to end above plain on a"
    assert of(learning_improvement.headline, improvements(summary, lows), LADDER) == said
    fewer = "1 of 2 recipes are likely to end above plain"
    some = {key: low for key, low in lows.items() if key[0] == "b"}
    assert of(learning_improvement.headline, improvements(summary, some), LADDER) == fewer
    assert of(learning_improvement.headline, improvements(summary, {}), LADDER) == ""


def test_p7_fills_the_points_whose_interval_leaves_one_half_out():
    summary = curves({("a", name): (0, 1) for name in ("plain", "mean", "critic")})
    given = improvements(summary, {("a", "mean"): 0.6, ("a", "critic"): 0.4})
    (ax,) = of(learning_improvement.draw, given, LADDER).axes
    points = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert [(xs(line)[0], line.get_markerfacecolor() == "white") for line in points] == [
        (pytest.approx(0.7), False),
        (pytest.approx(0.5), True),
    ]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["plain", "mean", "critic"]
    assert "reference" in texts(ax.figure)


def test_p7_names_the_best_score_where_it_is_apart_from_the_total_returns():
    profiles = tables()["learning_profiles"]
    scores = pd.DataFrame(
        [("mean", 3, 90, 0.99, 0.97, 1.0), ("plain", 3, 90, 0.9, 0.8, 0.96)],
        columns=["estimator", "environments", "n", "iqm", "low", "high"],
    )
    said = "Over 3 environments mean scores 0.99, plain 0.90"
    assert learning_profiles.headline(profiles, scores, LADDER) == said
    close = scores.assign(high=1.0)
    assert (
        learning_profiles.headline(profiles, close, LADDER) == "No estimator’s score is clearly above plain’s"
    )
    assert learning_profiles.headline(profiles, scores[:0], LADDER) == ""


def test_scores_over_all_environments_are_said_where_there_are_any():
    profiles, scores, estimators = (
        tables()[name] for name in ("learning_profiles", "learning_scores", "estimators")
    )
    assert "total return 0.80 [0.70, 0.90]" in learning_profiles.findings(profiles, scores, estimators)
    assert learning_profiles.findings(profiles, scores[:0], estimators) == ""


def test_profiles_are_those_of_all_environments_or_of_the_one_with_most_recipes():
    profiles, scores, estimators = (
        tables()[name] for name in ("learning_profiles", "learning_scores", "estimators")
    )
    pooled = learning_profiles.draw(profiles, scores, estimators)
    assert pooled.axes[0].get_title() == "all environments together (12 seeds of each estimator)"
    alone = profiles[profiles["environment"] != "all"]
    assert (
        learning_profiles.draw(alone, scores[:0], estimators).axes[0].get_title()
        == "cartpole (12 seeds of each estimator)"
    )


def test_numbers_are_said_with_two_digits():
    assert [percent(x) for x in (1.0, 0.0862, 0.0016, 0.0)] == ["100 %", "8.6 %", "0.16 %", "0 %"]
    found = [short_number(x) for x in (388.2, 79.6, 2.44, 1.0, 0.4, 0.00345, 3e-7)]
    assert found == ["388", "80", "2.4", "1", "0.40", "0.0034", "3e-7"]
    assert [signed(x) for x in (-0.5, 0.0, 1.5)] == ["−0.5", "0", "1.5"]
    assert [listed(list(x)) for x in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
