"""Several updates from one batch: the first on-policy, the others weighed."""

import pytest
import torch
from samples import CARTPOLE, GRID, LINE, estimator_spec, recipe

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.ratios import log_probs
from pgpipe.estimators.scores import estimate
from pgpipe.training.loop import Training, train
from pgpipe.training.spec import TrainingSpec

FORMS = ("none", "trajectory", "per_decision", "no_future", "first_order")


def reusing(environment: EnvironmentSpec, form: str, reuse: int) -> TrainingSpec:
    estimator = estimator_spec("reward_to_go", "mean", importance=form)
    return recipe(environment, estimator=estimator, reuse=reuse, learning_rate=0.02, updates=2)


@pytest.mark.parametrize("form", FORMS)
def test_one_update_from_a_batch_is_what_it_was(form):
    """No form of weights changes a training that is on-policy, bit for bit."""
    plain = recipe(GRID, learning_rate=0.02, updates=2)
    for ours, before in zip(train(reusing(GRID, form, 1), [0, 1]), train(plain, [0, 1]), strict=True):
        assert torch.equal(ours.theta, before.theta)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("environment", [LINE, CARTPOLE], ids=lambda spec: spec["name"])
def test_later_updates_step_along_the_weighted_gradient(environment, form):
    """Three updates, the last two by hand, from the ratios to the policy that sampled."""
    training = Training(reusing(environment, form, 3) | {"optimizer": "sgd", "episodes": 8}, [0])
    batches, theta = training.batches, training.theta[0].clone()
    batch, behaviour = batches[0].trajectories, theta.clone()
    for _ in range(3):
        new, old = (log_probs(training.policy, each, batch) for each in (theta, behaviour))
        gradient = estimate(training.policy, theta, batch, training.estimator, {"log_ratios": new - old})
        theta = theta + 0.02 * gradient
    training.update()
    torch.testing.assert_close(training.theta[0], theta, rtol=1e-4, atol=1e-5)
    assert training.env_steps.item() == batch.mask.sum()
    assert training.n_updates == 1


def test_a_seed_ignores_the_seeds_that_reuse_beside_it():
    spec = reusing(CARTPOLE, "per_decision", 3) | {"episodes": 6}
    *_, together = train(spec, [0, 1, 2])
    *_, alone = train(spec, [1])
    assert torch.equal(together.theta[1], alone.theta[0])
