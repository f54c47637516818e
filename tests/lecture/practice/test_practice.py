"""Batch sizes, learning rates and supervised learning, against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
import torch
from samples import CARTPOLE, GRID, LINE, recipe, some_theta

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.scores import batch_gradient
from pgpipe.lecture.common import maximum_likelihood
from pgpipe.lecture.practice.batch_sizes import (
    BatchSizeSpec,
    InStepsSpec,
    StagesSpec,
    batch_cosines,
    batch_returns,
    reach_stages,
)
from pgpipe.lecture.practice.batch_summary import (
    UNUSABLE,
    censored_from,
    crossing,
    median_bounds,
    summarise_batches,
)
from pgpipe.lecture.practice.good_ranges import good_ranges
from pgpipe.lecture.practice.learning_rate_ranges import (
    scores_of,
)
from pgpipe.lecture.practice.learning_rates import LearningRateSpec, learning_rate_column
from pgpipe.lecture.practice.noise import NoiseSpec, gradient_noise, signal_and_noise
from pgpipe.lecture.practice.replicates import replicate_gradients
from pgpipe.lecture.practice.stages import first_reach
from pgpipe.lecture.practice.teachers import dealt_out, good_teachers, train_teachers
from pgpipe.oracles import line
from pgpipe.rollout import policy_for
from pgpipe.training.imitation import Imitation, likelihood_gradient
from pgpipe.training.loop import Training


def in_steps(environment: EnvironmentSpec, steps: int) -> InStepsSpec:
    return {**recipe(environment), "episodes": None, "steps": steps}


def of_size(steps: int, environment: EnvironmentSpec = LINE) -> BatchSizeSpec:
    return {
        "training": in_steps(environment, steps),
        "seeds": [0, 1],
        "env_steps": 450,
        "updates": 2,
        "episodes": 3,
        "replicates": 40,
    }


# Supervised learning beside REINFORCE


def test_imitation_steps_along_torchs_own_likelihood():
    (teacher,) = some_theta(CARTPOLE)
    training = Imitation(in_steps(CARTPOLE, 100), [0, 1], teacher)
    for row, batch in enumerate(training.batches):
        theirs = maximum_likelihood.likelihood_gradient(
            training.policy, training.theta[row], batch.trajectories
        )
        assert torch.allclose(training.gradient(row, batch), theirs, rtol=1e-3, atol=1e-5)


def test_the_teacher_acts_whatever_the_pupil_knows():
    (teacher,) = some_theta(GRID)
    pupil, other = (Imitation(in_steps(GRID, 60), [0], teacher) for _ in range(2))
    other.theta = other.theta + 1.0
    assert torch.equal(pupil.batches[0].trajectories.actions, other.batches[0].trajectories.actions)


def test_a_pupil_learns_what_the_teacher_does():
    policy = policy_for(GRID)
    teacher = 3 * some_theta(GRID)[0]
    training = Imitation(in_steps(GRID, 300) | {"learning_rate": 0.3, "updates": 30}, [0], teacher)

    def likelihood():
        (batch,) = training.batches
        obs, actions = (
            x[batch.trajectories.mask] for x in (batch.trajectories.obs, batch.trajectories.actions)
        )
        return [float(policy.log_prob(theta, obs, actions).mean()) for theta in (training.theta[0], teacher)]

    before, best = likelihood()
    for _ in range(30):
        training.update()
    after, _ = likelihood()
    assert before < after - 0.1
    assert after == pytest.approx(best, abs=0.1)


def test_a_batch_used_again_teaches_the_same_labels():
    """Two steps along the likelihood of one batch, each at the parameters of the moment."""
    (teacher,) = some_theta(GRID)
    twice = Imitation(in_steps(GRID, 60) | {"optimizer": "sgd", "reuse": 2}, [0], teacher)
    (batch,) = twice.batches
    theta = twice.theta[0]
    for _ in range(2):
        theta = theta + 0.1 * likelihood_gradient(twice.policy, theta, batch.trajectories)
    twice.update()
    assert torch.allclose(twice.theta[0], theta)


def test_a_pupils_path_does_not_depend_on_who_learns_beside_it():
    (teacher,) = some_theta(CARTPOLE)
    alone, together = (Imitation(in_steps(CARTPOLE, 80), seeds, teacher) for seeds in ([3], [1, 3]))
    for training in (alone, together):
        training.update()
    assert torch.equal(alone.theta[0], together.theta[1])


# Independent gradients at the same parameters


def test_replicates_are_unbiased_around_the_exact_gradient():
    theta = some_theta(LINE)
    spec = recipe(LINE, episodes=8)
    found = replicate_gradients(spec, theta, [("test",)], 400)[0].numpy()
    exact = line.exact(theta[0].numpy(), LINE)[1]
    z = (found.mean(0) - exact) / (found.std(0, ddof=1) / 400**0.5)
    assert np.abs(z).max() < 4


def test_a_replicate_has_a_stream_of_its_own():
    theta = some_theta(CARTPOLE, agents=2)
    spec = in_steps(CARTPOLE, 100)
    both = replicate_gradients(spec, theta, [("a",), ("b",)], 3)
    alone = replicate_gradients(spec, theta[1:], [("b",)], 2)
    assert torch.equal(both[1, :2], alone[0])
    assert len({float(g.sum()) for g in both.flatten(0, 1)}) == 6


def test_with_a_teacher_they_are_those_of_imitation():
    """The mean over batches is nearly zero at the teacher's own parameters: a score has the mean zero."""
    (teacher,) = some_theta(GRID)
    found = replicate_gradients(in_steps(GRID, 60), teacher[None], [("t",)], 200, teacher)[0]
    z = found.mean(0) / (found.std(0) / 200**0.5)
    assert z[found.std(0) > 0].abs().max() < 4.5
    away = replicate_gradients(in_steps(GRID, 60), -4 * teacher[None], [("t",)], 200, teacher)[0]
    assert (away.mean(0) / (away.std(0) / 200**0.5)).nan_to_num().abs().max() > 10


def test_signal_and_noise_of_known_gradients():
    rows = np.array([[3.0, 1.0], [3.0, -1.0], [3.0, 1.0], [3.0, -1.0]])
    found = signal_and_noise(rows)
    assert found["variance"] == pytest.approx(4 / 3)
    assert found["signal"] == pytest.approx(9 - 1 / 3)
    assert found["snr"] == pytest.approx(6.5)
    # of the six pairs two are the same and four have the cosine (9 - 1)/10
    assert found["cosine"] == pytest.approx((2 * 1 + 4 * 0.8) / 6)


def test_the_signal_is_unbiased():
    rng = np.random.default_rng(0)
    signals = [signal_and_noise(rng.normal([1.0, 2.0], 3.0, (8, 2)))["signal"] for _ in range(4_000)]
    assert np.mean(signals) == pytest.approx(5.0, abs=4 * np.std(signals) / 4_000**0.5)


def test_first_reach():
    returns = np.array([[0.0, 0.0, 0.0], [2.0, 1.0, np.nan], [0.0, 3.0, np.nan]])
    assert first_reach(returns, 2.0).tolist() == [1, 2, -1]


def test_noise_is_measured_where_a_seed_gets(monkeypatch):
    """One row for each learner, stage and seed; the way is the one from an untrained policy to the teacher."""
    spec: NoiseSpec = {
        "training": in_steps(GRID, 60) | {"updates": 6},
        "seeds": [0, 1, 2, 3],
        "stages": [0.0, 0.9],
        "replicates": 8,
        "episodes": 8,
    }
    (teacher,) = some_theta(GRID)
    table = gradient_noise(spec, teacher)
    start = table[table["stage"] == 0]
    assert len(start) == 8
    assert (start["update"] == 0).all()
    far = table[table["stage"] == 0.9]
    assert (
        far["return"] >= start["return"].mean() + 0.9 * (far["goal"] - start["return"].mean()) - 0.2
    ).all()
    assert not table.duplicated(["learner", "stage", "seed"]).any()


# Batch sizes


def test_a_training_is_stopped_where_its_steps_and_where_its_updates_are_used_up():
    spec = of_size(100, CARTPOLE)
    table = batch_returns(spec)
    by_budget = table.groupby("budget")
    assert (by_budget["update"].first() == [4, 2]).all()  # env_steps, updates
    assert by_budget["env_steps"].mean()["env_steps"] >= 450
    training = Training(spec["training"], [0, 1])
    for _ in range(2):
        training.update()
    assert table[table["budget"] == "updates"]["return"].tolist() == training.evaluate(3).tolist()


def stages_on_the_line() -> tuple[StagesSpec, dict[str, torch.Tensor]]:
    """Policies that seeds reach on a line, with their exact gradients, and what they were told to do."""
    path = recipe(LINE, episodes=8, updates=20)
    spec: StagesSpec = {
        "path": path,
        "training": in_steps(LINE, 500),
        "module": "pgpipe.oracles.line",
        "seeds": [0, 2],
        "stages": [0.0, 0.5],
        "reference_batches": 4,
        "episodes": 32,
    }
    trained = torch.tensor([-0.6, 0.1], dtype=torch.float64)
    return spec, reach_stages(spec, {"trained": trained})


def test_stages_are_reached_with_their_exact_gradients():
    _, stages = stages_on_the_line()
    assert stages["0.0.seeds"].tolist() == stages["0.5.seeds"].tolist() == [0, 2]
    assert torch.equal(stages["0.0.theta"][0], stages["0.0.theta"][1])  # this policy starts as configured
    for share in ("0.0", "0.5"):
        for theta, gradient in zip(stages[f"{share}.theta"], stages[f"{share}.reference"], strict=True):
            assert gradient.numpy() == pytest.approx(line.exact(theta.numpy(), LINE)[1])
    assert stages["0.5.error"].tolist() == [0, 0]


def test_without_an_oracle_large_batches_stand_in():
    spec, stages = stages_on_the_line()
    policies = {"trained": stages["0.5.theta"][0]}
    sampled = reach_stages(spec | {"module": None, "reference_batches": 60}, policies)
    exact = line.exact(sampled["0.0.theta"][0].numpy(), LINE)[1]
    off = np.linalg.norm(sampled["0.0.reference"][0].numpy() - exact) / np.linalg.norm(exact)
    assert 0 < sampled["0.0.error"][0] < 0.1
    assert off < 4 * sampled["0.0.error"][0]


def test_larger_batches_point_better():
    _, stages = stages_on_the_line()
    small, large = (batch_cosines(of_size(size), stages) for size in (10, 160))
    assert small["cosine"].mean() < large["cosine"].mean() - 0.02
    assert large["cosine"].mean() > 0.9
    assert list(large["seed"]) == [0, 2, 0, 2]


@pytest.mark.parametrize(
    ("cosine", "expected"),
    [
        ([0.2, 0.6, 0.9], (100 * 10**0.75,) * 2),  # three quarters of the way from 0.2 to 0.6, in log size
        ([0.6, 0.4, 0.9], (100.0 * 10.0**0, 100.0)),  # made to rise, the first two are 0.5
        ([0.9, 0.9, 0.9], (0.0, 100.0)),
        ([0.1, 0.2, 0.3], (10_000.0, np.inf)),
        ([0.1, 0.6, 0.3], (10_000.0, np.inf)),  # 0.45 at the last two: one lucky batch is no direction
    ],
)
def test_where_the_cosine_becomes_usable(cosine, expected):
    sizes = np.array([100.0, 1_000.0, 10_000.0])
    low, high = crossing(sizes, np.array(cosine), 0.5)
    assert high == pytest.approx(expected[1])
    assert low in (pytest.approx(expected[0]), 0.0)


def test_a_seed_without_a_reference_needs_more_than_its_error_says():
    """A batch as large as the reference has its error: where that has the usable cosine, so does the batch."""
    usable = (1 - UNUSABLE**2) ** 0.5  # cos² = 1 / (1 + e²) of e² = UNUSABLE² / (1 - UNUSABLE²)
    assert censored_from(128_000, usable) == pytest.approx(128_000)
    assert censored_from(128_000, 0.5**0.5) == pytest.approx(16_000)  # e² = 1/8 there, 1 is usable


def test_the_median_has_bounds_whatever_is_censored():
    lower, upper = np.arange(16.0), np.arange(16.0)
    # P(at most 3 of 16 below the median) = 0.0106, at most 4 0.0384: so the fourth and the thirteenth
    assert median_bounds(lower, upper, 0.05) == (3.0, 12.0)
    upper[10:] = np.inf
    assert median_bounds(lower, upper, 0.05) == (3.0, np.inf)
    assert median_bounds(lower[:4], upper[:4], 0.05) == (0.0, np.inf)  # four seeds bound no median


@pytest.mark.parametrize("censored", [0.0, 0.3])
def test_the_medians_interval_covers_it(censored):
    rng, missed = np.random.default_rng(0), 0
    for _ in range(1_000):
        values = np.sort(rng.lognormal(7, 1, 16))
        lost = rng.random(16) < censored
        lower, upper = np.sort(np.where(lost, values / 3, values)), np.sort(np.where(lost, np.inf, values))
        low, high = median_bounds(lower, upper, 0.05)
        missed += not low <= np.exp(7) <= high
    assert missed <= 50 + 3 * 50**0.5  # the exact level is 0.021


def test_all_sizes_together():
    cosine = pd.DataFrame(
        [
            ("line", 0.5, b, s, c, e)
            for b, c in ((100, 0.2), (1_000, 0.6))
            for s, e in enumerate((0.0, 0.1, 0.3))
        ],
        columns=["environment", "stage", "batch_steps", "seed", "cosine", "reference_error"],
    )
    lost = cosine.assign(cosine=-1.0, reference_error=0.5)  # show no direction
    cosine = pd.concat([cosine, lost.assign(seed=lost["seed"] + 7)])
    returns = pd.DataFrame(
        [("line", 100, "updates", s, 3, 300, x) for s, x in enumerate([1.0, 2.0, 3.0, np.nan])],
        columns=["environment", "batch_steps", "budget", "seed", "update", "env_steps", "return"],
    )
    tables = summarise_batches(
        {"seed": 0, "resamples": 100, "usable_cosine": 0.5, "reference_steps": 24_000},
        {"one": returns},
        {"one": cosine},
    )
    (row,) = tables["batch_crossings"].to_dict("records")
    assert row["usable_steps"] == pytest.approx(
        100 * 10**0.75
    )  # the third of six, of which three are censored
    assert (row["seeds"], row["censored"], row["at_least"]) == (6, 3, False)
    assert row["usable_steps_high"] == np.inf
    (row,) = tables["batch_returns"].to_dict("records")
    assert row["iqm"] == 1.5  # of -∞, 1, 2, 3 the middle two
    assert row["diverged"] == 1
    assert tables["batch_directions"]["cosine"].tolist() == pytest.approx([0.2, 0.6])


# Learning rates

LOGS = np.array([-3.0, -2.0, -1.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("scores", "low", "high", "censored"),
    [
        ([0.0, 0.8, 1.0, 0.8, 0.0], -1.5, -0.5, (False, False)),
        ([1.0, 1.0, 1.0, 0.8, 0.0], -3.0, -0.5, (True, False)),
        ([1.0, 0.0, 0.9, 1.0, 1.0], -1.0, 1.0, (False, True)),  # the wider of two
        ([0.8, 0.8, 0.8, 0.8, 0.8], 0.0, 0.0, (False, False)),
        ([1.0, 1.0, 1.0, 1.0, 1.0], -3.0, 1.0, (True, True)),
    ],
)
def test_the_range_of_good_learning_rates(scores, low, high, censored):
    """Alone, and beside another curve."""
    for rows in ([scores], [[1.0, 0.0, 0.0, 0.0, 0.0], scores]):
        found = good_ranges(LOGS, np.array(rows), 0.9)
        assert (found.low[-1], found.high[-1]) == pytest.approx((low, high))
        assert (found.low_censored[-1], found.high_censored[-1]) == censored
        assert found.width[-1] == pytest.approx(high - low)


def test_one_reference_for_all_and_none_below_random():
    final = np.tile([[5.0, 15.0, 25.0, np.nan]], (4, 1))
    assert scores_of(final, np.full(4, 10.0)) == pytest.approx([0, 1 / 3, 1, 0])
    assert scores_of(np.full((4, 2), 3.0), np.full(4, 10.0)).tolist() == [0, 0]


def test_a_column_has_all_optimisers_in_both_kinds_of_learning():
    """And each of its rows is what the training alone gives."""
    base = in_steps(GRID, 60) | {"learning_rate": 0.2, "updates": 2}
    spec: LearningRateSpec = {
        "training": {**base, "optimizer": None},
        "optimizers": ["sgd", "adam"],
        "seeds": [0, 1],
        "episodes": 4,
    }
    teachers = some_theta(GRID, agents=2)
    table = learning_rate_column(spec, teachers).set_index(["learner", "optimizer", "seed"])
    assert len(table) == 8
    training = Training(base | {"optimizer": "adam"}, [0, 1])
    for _ in range(2):
        training.update()
    ours = table.sort_index().loc[("policy_gradient", "adam")]
    assert ours["final_return"].tolist() == training.evaluate(4).tolist()
    assert table["first_return"].groupby("seed").nunique().tolist() == [1, 1]
    taught = Imitation(base | {"optimizer": "adam"}, [1], teachers[1])  # each seed by a teacher of its own
    for _ in range(2):
        taught.update()
    theirs = table.sort_index().loc[("supervised", "adam")]
    assert theirs["final_return"].tolist()[1:] == taught.evaluate(4).tolist()


def test_only_good_policies_teach_in_turn():
    first, final = torch.tensor([0.0, 2.0, 1.0, 0.0]), torch.tensor([101.0, 98.1, 50.0, torch.nan])
    good = good_teachers(first, final)
    assert good.tolist() == [True, True, False, False]
    assert dealt_out(torch.eye(4)[good], 3).argmax(1).tolist() == [0, 1, 0]


def test_teachers_are_what_the_recipe_trains():
    training = in_steps(GRID, 60) | {"updates": 3}
    found = train_teachers({"training": training, "seeds": [0, 1], "episodes": 8})["teachers"]
    alone = Training(training, [0, 1])
    for _ in range(3):
        alone.update()
    assert len(found)
    assert all(any(torch.equal(row, theta) for theta in alone.theta) for row in found)


def test_the_gradient_of_all_weights_one_is_the_likelihoods():
    """What imitation steps along is E35 with Q̂ = 1."""
    theta = some_theta(GRID)
    training = Imitation(in_steps(GRID, 60), [0], theta[0])
    (batch,) = training.batches
    ones = torch.ones_like(batch.trajectories.rewards) * batch.trajectories.mask
    ours = batch_gradient(training.policy, training.theta[0], batch.trajectories, ones)
    assert torch.equal(ours, training.gradient(0, batch))
