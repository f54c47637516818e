"""Training by today's estimators: lengths, pairs by seed, and what is said of them."""

import numpy as np
import pandas as pd
import pytest
from lecture.after_the_lecture import planted_groups as planted
from lecture.test_figures import composed
from samples import PROMPTS, estimator_spec, recipe

from pgpipe.lecture.after_the_lecture import trainings
from pgpipe.lecture.after_the_lecture.figures import divisors, group_factors
from pgpipe.lecture.after_the_lecture.figures import trainings as figure
from pgpipe.lecture.after_the_lecture.sentences import (
    baseline_and_divisor,
    lengths_half_way,
    recent_comparison,
    turn_by_prompts,
    weight_of_hard_prompts,
    which_changes,
    wrong_sign,
)

NAMES = ("plain", "rloo", "grpo")
ESTIMATORS = composed(NAMES, baseline=["none", "group_mean", "none"]).assign(
    aggregate=["trajectories", "trajectories", "each"]
)


def spec(seeds=(0, 1, 2), updates=6):
    lines = {
        "plain": estimator_spec("total_return"),
        "rloo": estimator_spec("total_return", "group_mean"),
        "scaled": estimator_spec("total_return", "group_mean", aggregate="constant", longest=7),
    }
    recipes = {
        name: recipe(PROMPTS, estimator=line, updates=updates, episodes=6, learning_rate=0.2)
        for name, line in lines.items()
    }
    named = {name: name for name in recipes}
    return {"seed": 0, "environment": "prompts", "recipes": recipes, "estimators": named, "graded": True,
            "resamples": 200, "seeds": list(seeds)}  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    return trainings.train_recent(spec())


def test_curves_count_steps_and_wrong_episodes(trained):
    curves = trained["recent_curves"]
    assert len(curves) == 3 * 3 * 7
    for _, own in curves.groupby(["recipe", "seed"]):
        # six episodes a batch: what is trained on is what was stepped
        steps = (own["length"] * 6).cumsum().shift(fill_value=0)
        assert own["env_steps"].tolist() == pytest.approx(steps.tolist())
        assert (own["wrong"] / 6 + own["mean_return"]).tolist() == pytest.approx([1.0] * len(own))
    assert curves.loc[curves["wrong"] == 0, "wrong_length"].isna().all()


def test_all_start_from_the_same_batch_and_a_constant_is_nothing_to_adam(trained):
    curves = trained["recent_curves"].set_index(["recipe", "seed", "update"])["mean_return"]
    plain, rloo, scaled = (curves[name] for name in ("plain", "rloo", "scaled"))
    assert plain.xs(0, level="update").tolist() == rloo.xs(0, level="update").tolist()
    assert plain.tolist() != rloo.tolist()
    assert rloo.tolist() == pytest.approx(scaled.tolist())
    table = trained["recent_differences"].set_index(["recipe", "other", "measure"])
    same = table.loc[("rloo", "scaled", "return over training")]
    assert same["difference"] == pytest.approx(0, abs=1e-12)


def test_a_seed_does_not_depend_on_who_trains_beside_it(trained):
    alone = trainings.train_recent(spec(seeds=(1,)))["recent_curves"]
    beside = trained["recent_curves"]
    pd.testing.assert_frame_equal(
        alone.reset_index(drop=True), beside[beside["seed"] == 1].reset_index(drop=True)
    )


def curve(returns, lengths, wrong):
    """Seeds as rows, updates as columns."""
    seeds, updates = np.shape(returns)
    index = pd.MultiIndex.from_product([range(seeds), range(updates)], names=["seed", "update"])
    columns = {"mean_return": returns, "length": lengths, "wrong_length": lengths, "wrong": wrong}
    table = pd.DataFrame({name: np.ravel(of) for name, of in columns.items()}, index=index).reset_index()
    return table.assign(env_steps=0)


def test_differences_are_paired_by_seed():
    """Seeds differ by far more than the two recipes: 1 in each of them, ± 0.1."""
    base = np.arange(8.0)[:, None] * 100 + np.zeros((8, 4))
    more = base + 1 + 0.1 * (-1.0) ** np.arange(8)[:, None]
    curves = {"one": curve(more, more, base * 0), "other": curve(base, base, base * 0)}
    table = trainings.differences(curves, {"one": "a", "other": "b"}).set_index("measure")
    assert table.loc["final return", "difference"] == pytest.approx(1)
    assert 0.8 < table.loc["final return", "low"] < 1 < table.loc["final return", "high"] < 1.2
    assert (table["seeds"] == 8).all()


def test_final_is_the_last_tenth():
    returns = np.tile(np.arange(20.0), (3, 1))
    curves = {name: curve(returns, returns, returns * 0) for name in ("one", "other")}
    table = trainings.differences(curves, {"one": "a", "other": "b"}).set_index("measure")
    assert table.loc["final return", "value"] == 18.5
    assert table.loc["return over training", "value"] == 9.5


def test_wrong_lengths_weigh_by_their_number_and_need_half_the_seeds():
    lengths, wrong = np.array([[2.0, 2.0], [8.0, 8.0], [5.0, 5.0]]), np.array([[3, 1], [1, 0], [0, 0]])
    rng = np.random.default_rng(0)
    found = trainings.summarise(curve(lengths, lengths, wrong), 200, rng)
    assert found["wrong_length"].tolist() == pytest.approx([(3 * 2 + 8) / 4, np.nan], nan_ok=True)


def test_a_seed_that_diverged_counts_as_the_worst():
    returns = np.array([[1.0], [np.nan], [1.0], [1.0]])
    found = trainings.summarise(curve(returns, returns, returns * 0), 200, np.random.default_rng(0))
    assert found["diverged"].tolist() == [1]
    assert found["iqm"].tolist() == [1.0]


def test_the_figure_says_how_long_wrong_responses_are():
    table = planted.summary(NAMES, longer=2.0)
    words = "Half-way, wrong responses take 4.5 steps if each is divided by its own length, 3.5 to 3.5 if not"
    assert figure.headline(table, ESTIMATORS) == words
    assert figure.findings(table, ESTIMATORS) == "No seed diverged."
    assert figure.findings(table.assign(diverged=2), ESTIMATORS).startswith(
        "Seeds that diverged, and count as the worst from there on: 2 of plain on prompts,"
    )
    assert figure.headline(table[table["estimator"] != "grpo"], ESTIMATORS) == ""
    assert figure.longest(table) == "prompts"
    assert figure.longest(table[table["environment"] != "prompts"]) == ""


def test_figures_of_groups_and_divisors_follow_their_tables():
    tables = planted.tables()
    four = (tables["group_ratios"], tables["group_curves"], planted.directions(7.0), ESTIMATORS)
    assert (
        group_factors.headline(*four)
        == "Normalising stretches by 1.9 to 2.3 at G = 64, and turns 2 prompts by 7°"
    )
    assert group_factors.findings(*four).startswith("12 of 12 intervals of E ĝ/∇p hold the exact value")
    off = planted.ratios(off=1.0, form="normalized")
    assert group_factors.findings(off, *four[1:]).startswith("8 of 12 intervals")
    table = planted.divisors()
    assert divisors.headline(table) == (
        "Dividing each by its own length: a baseline takes the angle from 10° to 10° on two decisions, from 10° "
        "to 10° on prompts"
    )
    assert divisors.findings(table) == "500 batches a point; 64 of 64 intervals hold the exact value."
    assert divisors.headline(table[table["divisor"] != "each"]) == ""


def test_sentences_about_groups():
    said = weight_of_hard_prompts(planted.ratios())
    assert (
        said
        == "A prompt that is answered right in 10 % of all responses counts more than one at 50 %: 1.25 times with $G = 8$."
    )
    assert weight_of_hard_prompts(planted.ratios(sizes=(2,))) == ""
    assert weight_of_hard_prompts(planted.ratios(successes=(0.5,))) == ""
    said = turn_by_prompts(planted.directions(7.0, sizes=(2, 8)))
    assert "is none with $G = 2$ and 7° with $G = 8$; it goes to 15° (cosine 0.966)." in said
    assert turn_by_prompts(planted.directions().iloc[:0]) == ""


def test_sentences_about_divisors():
    table = planted.divisors()
    assert "| each by its $T$ | any | −0.020 | 0.100 | 0.985 |" in wrong_sign(table)
    assert wrong_sign(table[table["environment"] == "prompts"]) == ""
    more = table.copy()
    more.loc[(more["baseline"] == "mean") & (more["divisor"] == "each"), "exact_degrees"] = [
        3.0,
        3.0,
        20.0,
        20.0,
    ]
    assert baseline_and_divisor(more) == (
        "Subtracting the others' mean takes the angle from 10° to 3° on two decisions and raises the angle from 10° to 20° "
        "on prompts."
    )
    assert baseline_and_divisor(table.iloc[:0]) == ""


def test_sentences_about_trainings():
    table = planted.summary(NAMES)
    assert lengths_half_way(table).startswith(
        "Steps of wrong responses on prompts after 4 updates: 3.5 [3.4, 3.6] by"
    )
    assert lengths_half_way(table.assign(wrong_length=np.nan)) == ""
    said = recent_comparison(table, planted.differences(NAMES), ESTIMATORS)
    assert "Difference from RLOO, paired by seed (4 seeds)." in said
    # rloo has 0.5 more than grpo, and plain 0.5 more than rloo; a CartPole's length is its return
    assert "| prompts | plain | 0.50 [0.40, 0.60] |" in said
    assert "| prompts | GRPO | −0.50 [−0.60, −0.40] |" in said
    assert "| grouped cartpole | GRPO | −0.50 [−0.60, −0.40] | −0.50 [−0.60, −0.40] |  |" in said
    assert recent_comparison(table, planted.differences(("plain", "grpo")), ESTIMATORS) == ""
    assert "| 0 [0, 0] |" in recent_comparison(table, planted.differences(NAMES, 0.0, 0.0), ESTIMATORS)


def test_the_table_of_changes():
    said = which_changes(planted.ratios(), planted.directions(7.0), planted.divisors())
    assert (
        "| the group's own mean subtracted (Dr. GRPO) | × 0.5 to 0.88 | 0° ($G = 2$) | 0° ($G = 64$) |"
        in said
    )
    assert "| divided by the group's spread, too (GRPO) | × 1 to 2.3 | 0° ($G = 2$) | 7° ($G = 64$) |" in said
    assert "| each divided by its own $T$ (GRPO) | another unit | 10° ($N = 1$) | 10° ($N = 8$) |" in said
    nothing = [table.iloc[:0] for table in (planted.ratios(), planted.directions(), planted.divisors())]
    assert which_changes(*nothing) == ""
