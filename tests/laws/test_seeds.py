"""A seed's result is its own: not its neighbours', not the number of them, and not another seed's."""

from itertools import product

import pytest
import torch
from samples import CARTPOLE, estimator_spec, recipe, sample, some_theta

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.rollouts import SampledReferenceSpec, sampled
from pgpipe.sampling import sample_batches
from pgpipe.training.loop import train
from pgpipe.training.spec import TrainingSpec


def training(environment: EnvironmentSpec) -> TrainingSpec:
    return recipe(environment, seed=5, learning_rate=0.05, episodes=4, updates=3)


def test_rollouts_do_not_depend_on_which_agents_run_beside(environment):
    """Bit for bit, and over the longer of the two horizons."""
    theta = some_theta(environment, agents=3)
    together = sample(environment, theta, 4, agents=[0, 1, 2])
    alone = sample(environment, theta[2:], 4, agents=[2])
    T = alone.mask.shape[-1]
    assert torch.equal(together.mask[2, :, :T], alone.mask[0])
    assert not together.mask[2, :, T:].any()
    assert torch.equal(together.rewards[2, :, :T], alone.rewards[0])
    assert torch.equal(together.obs[2, :, :T], alone.obs[0])
    assert torch.equal(together.final_obs[2], alone.final_obs[0])


def test_training_does_not_depend_on_the_block(environment):
    together = list(train(training(environment), [3, 4, 9]))
    alone = list(train(training(environment), [9]))
    for ours, theirs in zip(together, alone, strict=True):
        assert torch.equal(ours.theta[2], theirs.theta[0])
        assert torch.equal(ours.mean_return[2:], theirs.mean_return)
        assert torch.equal(ours.env_steps[2:], theirs.env_steps)


def test_a_wide_network_does_not_depend_on_the_block():
    """The last bits of a product of 64-wide matrices depend on how many rows it has: they must be an agent's own."""
    wide = CARTPOLE | {"max_episode_steps": 200, "policy": {"kind": "categorical_mlp", "hidden": [64, 64]}}
    for spec in (training(wide) | {"episodes": 24}, training(wide) | {"episodes": None, "steps": 1_000}):
        together = list(train(spec, [3, 4, 5, 9]))
        alone = list(train(spec, [9]))
        assert torch.equal(together[-1].theta[3], alone[-1].theta[0])


def test_training_repeats(environment):
    first, second = (list(train(training(environment), [0, 1]))[-1] for _ in range(2))
    assert torch.equal(first.theta, second.theta)


def watch(monkeypatch, environment):
    """Record what each stream draws first in every rollout, agent by agent: start states and actions."""
    from pgpipe.rollout import record, rollout

    # the coin is hidden from the observations: its first reward shows it
    seen: dict[str, list[list[float]]] = {
        "rewards" if environment["name"] == "coin" else "obs": [],
        "actions": [],
    }

    def note(batch):
        for name, steps in seen.items():
            steps.append(getattr(batch, name)[:, 0].flatten().tolist())

    def spy(*arguments):
        batches = rollout(*arguments)
        for batch in batches.split():
            note(batch)
        return batches

    def spied_record(recording, theta, *streams, told):
        record(recording, theta, *streams, told=told)
        for row in range(len(theta)):
            note(recording.batch(row).trajectories)

    monkeypatch.setattr("pgpipe.sampling.rollout", spy)
    monkeypatch.setattr("pgpipe.training.loop.record", spied_record)
    return seen


def all_different(rows):
    return len({tuple(row) for row in rows}) == len(rows)


def test_every_seed_and_every_update_has_draws_of_its_own(environment, monkeypatch):
    """Start states and first actions of 3 seeds × 4 updates: no two batches are the same."""
    seen = watch(monkeypatch, environment)
    list(train(training(environment) | {"episodes": 24, "learning_rate": 1e-9}, [0, 1, 7]))
    for drawn in seen.values():
        assert len(drawn) == 12
        assert all_different(drawn)


def test_every_seed_starts_from_parameters_of_its_own():
    start = next(train(training(CARTPOLE), [0, 1, 7])).theta
    assert all_different(start.tolist())


def test_batches_stages_and_purposes_have_draws_of_their_own(environment, monkeypatch):
    """Study, reference and objective, two stages, two batches each: nothing is drawn twice."""
    seen = watch(monkeypatch, environment)
    theta = some_theta(environment)[0]
    for words in product(("study", "reference", "objective"), ("untrained", "trained")):
        list(sample_batches(environment, theta, 0, words, replicates=2, n=24))
    for drawn in seen.values():
        assert len(drawn) == 12
        assert all_different(drawn)


def test_the_sampled_reference_draws_from_streams_that_name_it(monkeypatch):
    """Disjoint from the study's rollouts, which it is compared with."""
    asked = []

    def spy(environment, theta, seed, words, replicates, n):
        asked.append(words)
        return sample_batches(environment, theta, seed, words, replicates, n)

    monkeypatch.setattr("pgpipe.oracles.rollouts.sample_batches", spy)
    spec: SampledReferenceSpec = {
        "environment": CARTPOLE, "module": None, "seed": 0, "replicates": 3, "n": 4,
        "estimator": estimator_spec("reward_to_go", "mean"),
    }  # fmt: skip
    returns, gradients = sampled(some_theta(CARTPOLE)[0], spec, "trained")
    assert asked == [("reference", "trained")]
    assert (len(returns), len(gradients)) == (12, 3)
    assert all_different(gradients.tolist())


@pytest.mark.parametrize("which", ["environment", "actions"])
def test_each_stream_reaches_the_rollouts(environment, which):
    """Changing one of the two streams alone changes the episodes."""
    from pgpipe.envs.parallel import ParallelEpisodes
    from pgpipe.rollout import policy_for, rollout
    from pgpipe.seeding import stream

    theta = some_theta(environment)
    outcomes = []
    for seed in (0, 1):
        seeds = {"environment": 0, "actions": 0, which: seed}
        streams = [[stream(seeds[name], name)] for name in ("environment", "actions")]
        batch = rollout(policy_for(environment), theta, ParallelEpisodes(environment, 1, 8), *streams)
        outcomes.append(batch)
    first, second = (torch.cat([batch.obs.flatten(), batch.rewards.flatten()]) for batch in outcomes)
    assert first.shape != second.shape or not torch.equal(first, second)


def test_recipes_that_differ_in_the_estimator_meet_the_same_start(environment):
    """Paired by seed: same untrained policy, same first batch."""
    ours = next(train(training(environment), [0, 1]))
    other = training(environment) | {"estimator": estimator_spec("total_return")}
    theirs = next(train(other, [0, 1]))
    assert torch.equal(ours.theta, theirs.theta)
    assert torch.equal(ours.mean_return, theirs.mean_return)
