"""Rows that run after one another, as there is no memory for all at a time, do what they do side by side."""

import pytest
import torch
import unit.handmade_envs  # noqa: F401  registers them
from samples import ACROBOT, assert_same, recipe, some_theta

from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps
from pgpipe.envs.single import ContractError
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.recording import Recording
from pgpipe.rollout import policy_for, record
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.training.loop import Training, train

SOMETIMES: EnvironmentSpec = {
    "name": "sometimes",
    "id": "Handmade/AtOnce-v0",
    "kwargs": {"sometimes": True},
    "max_episode_steps": None,
    "gamma": 0.9,
    "policy": {"kind": "categorical_mlp", "hidden": [8]},
}
CAR: EnvironmentSpec = ACROBOT | {"name": "car", "id": "MountainCar-v0"}


def batches(environment, episodes, most):
    """Of three agents, with so many instances at most."""
    episodes.env.most = most
    theta = some_theta(environment, agents=3)
    streams = ([stream(0, word, agent) for agent in range(3)] for word in ("environment", "actions"))
    recording = Recording(policy_for(environment), episodes, keep_tape=False)
    record(recording, theta, *streams)
    made = [recording.batch(agent).trajectories for agent in range(3)]
    alive = len(episodes.env.idle) + len(episodes.env.at_work)
    episodes.close()
    return made, alive


@pytest.mark.parametrize("environment", [SOMETIMES, CAR], ids=["sometimes", "car"])
@pytest.mark.parametrize("most", [1, 4, 7])
def test_episodes_do_not_depend_on_the_waves(environment, most):
    """Bit for bit: 3 × 5 episodes with 1, 4 or 7 instances, and with all 15."""
    together, _ = batches(environment, ParallelEpisodes(environment, 3, 5), 15)
    apart, alive = batches(environment, ParallelEpisodes(environment, 3, 5), most)
    assert_same(together, apart)
    assert alive <= most


def test_batches_of_steps_do_not_depend_on_the_waves():
    """All of an agent's rows run in one wave."""
    together, _ = batches(SOMETIMES, ParallelSteps(SOMETIMES, 3, 20), 100)
    apart, alive = batches(SOMETIMES, ParallelSteps(SOMETIMES, 3, 20), 5)
    assert_same(together, apart)
    assert alive <= 4


def test_a_batch_of_steps_that_no_memory_is_for_is_refused():
    with pytest.raises(ContractError) as error:
        batches(SOMETIMES, ParallelSteps(SOMETIMES, 3, 20), 1)
    assert str(error.value) == (
        "Handmade/AtOnce-v0: a batch of 20 steps takes 2 environments at a time; there is room for 1. "
        "Allowed: episodes instead of steps, or fewer steps"
    )


@pytest.mark.parametrize("batch", [{"episodes": 4}, {"episodes": None, "steps": 20}])
def test_training_does_not_depend_on_the_waves(batch):
    spec = recipe(SOMETIMES, seed=5, learning_rate=0.05, updates=3) | batch
    together = list(train(spec, [0, 1]))[-1]
    training = Training(spec, [0, 1])
    training.recording.episodes.env.most = 2 if "steps" in batch else 3
    *_, last = (t.progress() for t in training.updates())
    assert torch.equal(together.theta, last.theta)
    assert torch.equal(together.mean_return, last.mean_return)
    assert torch.equal(together.env_steps, last.env_steps)


def test_heavy_environments_stay_within_the_memory_of_the_job(monkeypatch):
    """4 MB each where 100 MB are promised: half of it for instances, so about a dozen of 96 are alive."""
    heavy = SOMETIMES | {"id": "Handmade/Heavy-v0", "kwargs": {"megabytes": 4}}
    monkeypatch.setenv("PGPIPE_MEM_MB", "100")
    episodes = ParallelEpisodes(heavy, 3, 32)
    assert 8 <= episodes.env.most <= 13
    _, alive = batches(heavy, episodes, episodes.env.most)
    assert alive == episodes.env.most


def test_light_environments_all_run_at_a_time():
    assert ParallelEpisodes(SOMETIMES, 30, 32).env.most == 960


def test_one_simulator_in_a_process_trains_and_is_evaluated():
    """It raises if a second one is made while it runs."""
    licensed = SOMETIMES | {"id": "Handmade/Licensed-v0", "kwargs": {}, "single": True}
    many = SOMETIMES | {"id": "Handmade/Countdown-v0", "kwargs": {}}
    spec = recipe(licensed, seed=5, learning_rate=0.05, episodes=3, updates=2)
    for ours, theirs in zip(Training(spec, [0, 1]).updates(), Training(spec | {"environment": many}, [0, 1]).updates(), strict=True):  # fmt: skip
        assert (ours.progress().mean_return >= 0).all()
        assert ours.evaluate(2).shape == theirs.evaluate(2).shape == (2,)
    theta = some_theta(licensed)[0]
    assert len(list(sample_batches(licensed, theta, 0, ("a",), 3, 2))) == 3
