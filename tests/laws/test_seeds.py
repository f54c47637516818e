"""A seed's result is its own: not its neighbours', not the number of them, and not another seed's."""

import pytest
import torch
from samples import sample, some_theta

from pgpipe.training.loop import train


def training(environment, **changes):
    return {
        "seed": 5,
        "environment": environment,
        "estimator": {"signal": "reward_to_go", "baseline": "mean", "score_discount": True},
        "optimizer": "adam",
        "learning_rate": 0.05,
        "episodes": 4,
        "updates": 3,
        **changes,
    }


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


def test_training_repeats(environment):
    first, second = (list(train(training(environment), [0, 1]))[-1] for _ in range(2))
    assert torch.equal(first.theta, second.theta)


def test_every_seed_trains_differently(environment):
    """The seed reaches initialisation, environment and actions: nothing of two seeds is equal."""
    final = list(train(training(environment), [0, 1]))[-1].theta
    assert not torch.equal(final[0], final[1])


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
    same_shape = outcomes[0].obs.shape == outcomes[1].obs.shape
    assert not same_shape or not torch.equal(outcomes[0].obs, outcomes[1].obs)


def test_recipes_that_differ_in_the_estimator_meet_the_same_start(environment):
    """Paired by seed: same untrained policy, same first batch."""
    other = {"signal": "total_return", "baseline": "none", "score_discount": True}
    ours = next(train(training(environment), [0, 1]))
    theirs = next(train(training(environment, estimator=other), [0, 1]))
    assert torch.equal(ours.theta, theirs.theta)
    assert torch.equal(ours.mean_return, theirs.mean_return)
