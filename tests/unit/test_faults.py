"""What is no number is never a result: it stops its seed or its cell, which say where."""

import numpy as np
import pytest
import torch
import unit.handmade_envs  # noqa: F401  registers them
from samples import estimator_spec, recipe, sample, some_theta

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.normalization import normalized
from pgpipe.faults import Fault, first_fault
from pgpipe.lecture.gradients.rollouts import collect_rollouts
from pgpipe.lecture.variance_reduction.learning_tables import summarise_learning
from pgpipe.policies.spec import CategoricalMLPSpec
from pgpipe.statistics import (
    bootstrap_interval,
    cosines,
    effective_number,
    interquartile_mean_intervals,
    stratified_interquartile_mean,
)
from pgpipe.training.curves import BlockSpec, learning_curves
from pgpipe.training.loop import Training, train
from pgpipe.training.snapshots import take_snapshots

POLICY: CategoricalMLPSpec = {"kind": "categorical_mlp", "hidden": [8]}


def handmade(name: str, kind: str | None = None) -> EnvironmentSpec:
    kwargs = {"kind": kind} if kind else {}
    return {
        "name": "mine",
        "id": f"Handmade/{name}-v0",
        "kwargs": kwargs,
        "max_episode_steps": None,
        "gamma": 0.9,
        "policy": POLICY,
    }


# action 1 in the third step pays no number: of one episode a batch, about every other batch has it
NAN = recipe(
    handmade("Paid", "nan"),
    estimator=estimator_spec("reward_to_go", "none"),
    learning_rate=0.02,
    episodes=1,
    updates=6,
)
BLOCK: BlockSpec = {"recipe": "mine", "seeds": list(range(6)), "training": NAN, "evaluation": None}


@pytest.fixture(scope="module")
def curves():
    return learning_curves(BLOCK)


def test_the_first_fault_of_a_batch_is_where_it_was():
    """The reward of step 3 of the episodes that act so, the first of them."""
    batch = sample(handmade("Paid", "nan"), some_theta(handmade("Paid", "nan"))[:1], 20).split()[0]
    third = batch.actions[:, 2] == 1
    assert (batch.lengths == torch.where(third, 3, 5)).all()
    assert first_fault(batch) == Fault(int(third.nonzero()[0]), 3, "reward nan")
    assert str(first_fault(batch)).endswith("at step 3 of episode " + str(int(third.nonzero()[0])))
    assert (
        first_fault(sample(handmade("Countdown"), some_theta(handmade("Countdown"))[:1], 4).split()[0])
        is None
    )
    # what led to an observation that is no number pays none, so that nothing is made of it
    shown = sample(handmade("NoNumbers"), some_theta(handmade("NoNumbers"))[:1], 4).split()[0]
    assert first_fault(shown) == Fault(0, 3, "observation nan")
    assert shown.returns.isnan().all()


def test_a_seed_stops_where_its_environment_does(curves):
    """Up to there the seed has numbers, from there on none; it takes no more steps; a row says why."""
    stops = curves[curves["found"].notna()].set_index("seed")
    assert 2 <= len(stops) <= 6
    assert set(stops["found"]) == {"reward nan"}
    assert set(stops["step"]) == {3}
    for seed, rows in curves.groupby("seed"):
        at = stops["update"].get(seed, 7)
        assert rows["mean_return"].isna().tolist() == [update >= at for update in range(7)]
        assert (rows["env_steps"].iloc[min(at + 1, 6) :] == rows["env_steps"].iloc[-1]).all()


def test_the_other_seeds_of_its_block_go_on_as_they_would_alone(curves):
    goes_on = next(
        seed for seed, rows in curves.groupby("seed") if rows["mean_return"].iloc[:3].notna().all()
    )
    alone = torch.cat([progress.mean_return for progress in train(NAN, [goes_on])])
    together = curves[curves["seed"] == goes_on]["mean_return"].to_numpy()
    assert np.array_equal(together, alone.numpy(), equal_nan=True)


def test_a_stopped_seed_stays_stopped_when_its_training_goes_on():
    whole, broken = Training(NAN, range(6)), Training(NAN, range(6))
    for updated, _ in zip(whole.updates(), range(4), strict=False):
        updated.progress()
    broken.restore(whole.state())
    assert whole.stopped
    assert broken.stopped == whole.stopped
    left_alone = [training.recording.episodes.env.stopped for training in (broken, whole)]
    assert (left_alone[0] == left_alone[1]).all()


def test_the_tables_name_environment_seed_and_step(curves):
    spec = {"seed": 0, "estimators": {"mine": "mean_baseline"}, "resamples": 100}
    tables = summarise_learning(spec, {"block": curves.assign(recipe="mine")})  # type: ignore[arg-type]
    stopped = tables["stopped_seeds"]
    assert list(stopped) == ["environment", "recipe", "seed", "update", "episode", "step", "found"]
    assert (stopped["environment"] == "mine").all()
    assert len(stopped) == curves["found"].notna().sum()
    assert "found" not in tables["learning_curves"]


def test_a_cell_of_the_study_is_empty_and_says_why():
    environment = handmade("NoNumbers")
    policies = {"untrained": some_theta(environment)[0]}
    made = collect_rollouts({"seed": 0, "environment": environment, "replicates": 2, "n": 3}, policies)
    (row,) = made["stopped_cells"].to_dict("records")
    assert row == {"environment": "mine", "policy": "untrained", "batch": 0, "episode": 0, "step": 3, "found": "observation nan"}  # fmt: skip
    sound = handmade("Countdown")
    assert collect_rollouts({"seed": 0, "environment": sound, "replicates": 2, "n": 3}, policies)[
        "stopped_cells"
    ].empty


def test_training_is_not_blamed_for_what_the_environment_did():
    always = recipe(handmade("NoNumbers"), learning_rate=0.02, episodes=3, updates=2)
    assert [(s.policy, s.update, s.diverged_at) for s in take_snapshots(always)] == [
        ("untrained", 0, None), ("half_trained", 0, None), ("trained", 0, None),
    ]  # fmt: skip


@pytest.mark.parametrize("batch", [{"reuse": 2}, {"kl": 0.01, "optimizer": "sgd", "learning_rate": 1.0}, {"max_gradient_norm": 1.0}, {"value_network": {"hidden": [4], "learning_rate": 0.01, "gradient_steps": 2}}, {"entropy": 0.1}, {"episodes": None, "steps": 12}])  # fmt: skip
def test_a_stopped_seed_stops_with_every_kind_of_recipe(batch):
    *_, last = train(NAN | batch | {"updates": 4, "episodes": batch.get("episodes", 4)}, [0, 1, 2])
    assert last.mean_return.isnan().all()


def test_nothing_that_is_no_number_counts_as_zero():
    """Neither a direction, nor normalised advantages, nor how many rows decide; what is zero still does."""
    rows = np.array([[np.nan, 1.0], [0.0, 0.0], [3.0, 4.0]])
    assert cosines(rows, np.array([3.0, 4.0])) == pytest.approx([np.nan, 0.0, 1.0], nan_ok=True)
    credit = torch.tensor([[1.0, torch.nan]])
    both = torch.ones(1, 2, dtype=torch.bool)
    assert normalized(credit, both, credit).isnan().all()
    assert (normalized(torch.ones(1, 2), both, torch.ones(1, 2)) == 0).all()
    assert np.isnan(effective_number(np.array([[np.nan], [1.0]]))).all()
    assert effective_number(np.ones((3, 1))) == 0


def test_one_row_has_no_interval():
    """Of two there is one, however wide."""
    rng = np.random.default_rng(0)
    one = bootstrap_interval(16.0, np.full(100, 16.0), 1)
    assert one.estimate == 16
    assert np.isnan([one.low, one.high]).all()
    (seed,) = interquartile_mean_intervals(np.full((1, 1), 16.0), 100, rng)
    assert seed.estimate == 16
    assert np.isnan([seed.low, seed.high]).all()
    strata = stratified_interquartile_mean([np.ones(1), np.zeros(1)], 100, rng)
    assert np.isnan([strata.low, strata.high]).all()
    assert bootstrap_interval(16.0, np.full(100, 16.0), 2).low == 16
