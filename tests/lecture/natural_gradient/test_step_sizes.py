"""C35: which step sizes work, by direction and by rule; and that its verdict is as rarely wrong as it says."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable
from samples import CARTPOLE, LINE, estimator_spec, recipe

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.natural_gradient.claims.step_sizes import c35
from pgpipe.lecture.natural_gradient.step_sizes import StepSizesSpec, SweptSpec, sweep_steps
from pgpipe.lecture.natural_gradient.working_ranges import (
    scores_of,
    step_contrasts,
    working_range,
    working_ranges,
)
from pgpipe.training.spec import ConjugateGradientSpec, TrainingSpec

MEAN = estimator_spec("reward_to_go", "mean")
NATURAL = estimator_spec("reward_to_go", "mean", direction="natural")
SOLVER: ConjugateGradientSpec = {"iterations": 10, "residual": 1e-3, "damping": 1e-3}


def test_a_working_range_is_the_widest_one_between_its_crossings():
    logs = np.arange(7.0)
    scores = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    assert working_range(logs, scores, 0.5) == (3.5, 5.5, False, False)
    assert working_range(logs, np.ones(7), 0.5) == (0.0, 6.0, True, True)
    nowhere = working_range(logs, np.zeros(7), 0.5)
    assert np.isnan([nowhere.low, nowhere.high]).all()
    assert nowhere.width == 0


def test_scores_are_shares_of_the_best():
    final = np.array([[0.0, 10.0, np.nan, -5.0]] * 4)
    assert scores_of(final, np.zeros(4)).tolist() == [0.0, 1.0, 0.0, 0.0]
    assert scores_of(np.full((4, 2), -1.0), np.zeros(4)).tolist() == [0.0, 0.0]  # nothing was learned


def test_scores_of_many_resamples_are_those_of_each():
    rng = np.random.default_rng(0)
    final, first = rng.normal(5, 2, (8, 3)), rng.normal(0, 1, 8)
    draws = rng.integers(0, 8, (8, 5))
    together = scores_of(final[draws], first[draws])
    for b, rows in enumerate(draws.T):
        np.testing.assert_allclose(together[b], scores_of(final[rows], first[rows]))


CELLS = [(d, k) for d in ("vanilla", "natural") for k in ("learning_rate", "kl")]
SIZES = {"learning_rate": 10.0 ** np.arange(-3, 1.1, 0.5), "kl": 10.0 ** np.arange(-6.0, 2.1)}


def tables(rng, adds, seeds=16, resamples=100, environments=("line", "cartpole")):
    """Ranges and contrasts of made-up trainings: F⁻¹ adds so many decades at either rule.

    The return rises and falls with the length of a step by straight lines; a seed shifts its curve alike in all
    cells, by 0.1 decades, and every training has noise of a tenth of the best return.
    """
    ranges, contrasts = [], []
    for environment in environments:
        shift, finals, rows = rng.normal(0, 0.1, seeds), [], []
        for direction, key in CELLS:
            half = 0.75 + (adds[key] / 2 if direction == "natural" else 0.0)
            for size in SIZES[key]:
                length = np.log10(size) / (2 if key == "kl" else 1) + 1
                curve = np.clip(0.5 + half - np.abs(length - shift), 0, 1)
                finals.append(10 * (curve + 0.1 * rng.standard_normal(seeds)))
                rows.append((environment, f"{direction}_{key}", direction, key, size, seeds))
        cells = pd.DataFrame(rows, columns=["environment", "recipe", "direction", "key", "size", "seeds"])
        values, first = np.stack(finals, 1), rng.normal(0, 0.1, seeds)
        draws = rng.integers(0, seeds, (seeds, resamples))
        resampled = scores_of(values[draws], first[draws])
        found, widths = working_ranges(cells, scores_of(values, first), resampled, 0.5)
        ranges.append(found)
        contrasts.append(step_contrasts(found, widths))
    return pd.concat(ranges, ignore_index=True), pd.concat(contrasts, ignore_index=True)


def verdicts(adds, runs):
    return [c35(*tables(np.random.default_rng([7, run]), adds)).verdict for run in range(runs)]


@pytest.mark.calibration
def test_where_f_adds_nothing_the_verdict_is_wrong_as_rarely_as_it_says():
    """No difference in any of the four comparisons: refuted once in a thousand runs at most, and never supported.

    With a chance of 0.001 more than 2 of 200 happen once in a thousand times.
    """
    found = verdicts({"kl": 0.0, "learning_rate": 0.0}, 200)
    assert found.count("refuted") <= 2
    assert found.count("supported") == 0


def test_planted_differences_are_found():
    """Half a decade: one more size of a grid as fine as the config's."""
    assert verdicts({"kl": 0.5, "learning_rate": 0.5}, 30).count("supported") >= 27
    assert verdicts({"kl": -0.5, "learning_rate": 0.5}, 30).count("refuted") >= 27


def contrasts(differences, **cut):
    """One environment; by rule the estimate of natural minus vanilla, ± 0.3 at 95 %."""
    rows: list[tuple[object, ...]] = [("direction", np.nan, key, d) for key, d in differences.items()]
    rows.append(("key", "vanilla", np.nan, 1.2))
    table = pd.DataFrame(rows, columns=["differ_in", "direction", "key", "difference"])
    table = table.assign(low=table["difference"] - 0.3, high=table["difference"] + 0.3, seeds=16)
    return table.assign(environment="line", **({"censored": False, "other_censored": False} | cut))


def ranges():
    table = pd.DataFrame(CELLS, columns=["direction", "key"]).assign(
        decades=1.0, low=0.8, high=1.2, works=0.5
    )
    same = {"from_size": 1e-3, "to_size": 1e-1, "low_censored": False, "high_censored": False}
    return table.assign(environment="line", seeds=16, **same)


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ({"kl": 1.0, "learning_rate": 1.0}, "supported"),
        ({"kl": -1.0, "learning_rate": 1.0}, "refuted"),
        ({"kl": 0.1, "learning_rate": 1.0}, "undecided"),
        ({"kl": 0.32, "learning_rate": 1.0}, "undecided"),  # above zero at 95 % alone, not for both looks
        ({"kl": -0.5, "learning_rate": 1.0}, "undecided"),  # below it with 95 % for both, not with 99.9 %
    ],
)
def test_c35_follows_its_table(differences, expected):
    claim = c35(ranges(), contrasts(differences))
    assert claim.verdict == expected
    assert_readable(claim)
    assert claim.interval.estimate == differences["kl"]
    assert claim.interval.kind == "95 % interval over all cases together"


def test_an_undecided_difference_says_how_many_seeds_would_decide_it():
    """Half a width of 0.3, wider for two looks by t(0.9875)/t(0.975) of 15 degrees: 0.3505; (3.505)² × 16 = 196.5."""
    reason = c35(ranges(), contrasts({"kl": 0.1, "learning_rate": 1.0})).reason
    assert reason == (
        "With the same step rule natural and plain directions can be told apart in 1 of 2 comparisons (line, "
        "learning rate +1.00 decades); seeds that would tell the others apart: line, KL bound, about 197. A KL "
        "bound on ĝ alone adds 1.2 decades."
    )


def test_a_range_that_the_grid_cuts_off_decides_nothing_by_what_it_lacks():
    wide = {"kl": 1.0, "learning_rate": 1.0}
    assert c35(ranges(), contrasts(wide, censored=True)).verdict == "supported"
    assert c35(ranges(), contrasts(wide, other_censored=True)).verdict == "undecided"
    narrow = {"kl": -1.0, "learning_rate": -1.0}
    assert c35(ranges(), contrasts(narrow, censored=True)).verdict == "undecided"
    assert c35(ranges(), contrasts(narrow, other_censored=True)).verdict == "refuted"


def test_c35_needs_two_directions_by_one_rule():
    claim = c35(ranges(), contrasts({}))
    assert claim.verdict == "undecided"
    assert claim.because == (
        "undecided: the step size study has no two recipes that differ in their direction alone"
    )


def test_recipes_are_compared_where_they_differ_in_one_thing_alone():
    _, found = tables(np.random.default_rng(0), {"kl": 0.0, "learning_rate": 0.0}, environments=("line",))
    pairs = set(zip(found["recipe"], found["other"], strict=True))
    assert pairs == {
        ("natural_kl", "vanilla_kl"), ("natural_learning_rate", "vanilla_learning_rate"),
        ("natural_kl", "natural_learning_rate"), ("vanilla_kl", "vanilla_learning_rate"),
    }  # fmt: skip


def training(environment: EnvironmentSpec) -> TrainingSpec:
    return recipe(environment, estimator=MEAN, optimizer="sgd", learning_rate=1e-3, updates=25, episodes=4)


def part(key, sizes, direction, environment=LINE) -> SweptSpec:
    own = training(environment)
    if direction == "natural":
        own = {**own, "estimator": NATURAL, "conjugate_gradient": SOLVER}
    if key == "kl":
        own = {**own, "kl": 0.01, "learning_rate": 1.0}
    return {"training": own, "key": key, "sizes": sizes, "direction": direction}


def swept(recipes) -> StepSizesSpec:
    return {
        "seed": 0, "environment": "line", "recipes": recipes, "seeds": [0, 1, 2, 3], "works": 0.5, "resamples": 100
    }  # fmt: skip


def test_a_sweep_finds_where_steps_work():
    """Of three KL bounds on the line the middle one is the best, and much too large a step earns nothing."""
    found = sweep_steps(swept({"natural": part("kl", [1e-6, 0.03, 30.0], "natural")}))
    scores = found["step_size_scores"].set_index("size")["score"]
    assert scores.idxmax() == 0.03
    row = found["step_size_ranges"].iloc[0]
    assert row["from_size"] < 0.03 < row["to_size"]
    assert row["decades"] == pytest.approx(np.log10(row["to_size"] / row["from_size"]) / 2)


def test_four_kinds_of_steps_are_swept_on_the_same_seeds():
    """A plain direction to a KL bound and a natural one by a learning rate train; sizes that fail leave no ends."""
    kinds = {
        f"{direction}_{key}": part(key, sizes, direction)
        for direction in ("vanilla", "natural")
        for key, sizes in (("kl", [0.003, 0.03]), ("learning_rate", [1e-3, 1e-2]))
    }
    kinds["nothing"] = part("learning_rate", [1e-12], "vanilla")
    found = sweep_steps(swept(kinds))
    assert (found["step_size_scores"].set_index("recipe")["score"].drop("nothing") > 0.1).any()
    nothing = found["step_size_ranges"].set_index("recipe").loc["nothing"]
    assert np.isnan([nothing["from_size"], nothing["to_size"]]).all()
    assert nothing["decades"] == 0
    assert len(found["step_size_contrasts"]) >= 4


def test_cartpoles_natural_steps_by_a_learning_rate_train():
    found = sweep_steps(swept({"rate": part("learning_rate", [1e-3], "natural", CARTPOLE)}))
    assert np.isfinite(found["step_size_scores"]["score"]).all()
