"""Training climbs, counts its steps, and says so when it diverges."""

import itertools

import pytest
import torch
from safetensors.torch import save_file
from samples import CARTPOLE, GRID, LINE, recipe

from pgpipe.training.loop import train
from pgpipe.training.optimisers import make_optimiser
from pgpipe.training.snapshots import pick_updates, take_snapshots, untrained


@pytest.mark.parametrize(("environment", "gain"), [(GRID, 0.2), (LINE, 1.0)])
def test_training_raises_the_return(environment, gain):
    history = list(train(recipe(environment), range(8)))
    assert history[-1].mean_return.mean() > history[0].mean_return.mean() + gain


def test_steps_are_those_that_led_to_the_parameters():
    """Nothing at first; then the lengths of the episodes so far, which for CartPole are the returns."""
    history = list(train(recipe(CARTPOLE, updates=3), [0, 1]))
    assert [progress.update for progress in history] == [0, 1, 2, 3]
    assert history[0].env_steps.tolist() == [0, 0]
    for before, after in itertools.pairwise(history):
        assert torch.equal(after.env_steps - before.env_steps, (16 * before.mean_return).round().long())


def test_divergence_is_recorded_and_stays_with_its_seed():
    history = list(train(recipe(LINE, optimizer="sgd", learning_rate=1e6, updates=30), [0, 1]))
    assert history[0].mean_return.isfinite().all()
    assert history[-1].mean_return.isnan().all()


TORCHS = {
    "sgd": lambda theta: torch.optim.SGD([theta], lr=0.03, maximize=True),
    "momentum": lambda theta: torch.optim.SGD([theta], lr=0.03, momentum=0.9, maximize=True),
    "adam": lambda theta: torch.optim.Adam([theta], lr=0.03, maximize=True),
}


@pytest.mark.parametrize("name", sorted(TORCHS))
def test_optimisers_are_torchs(name):
    """Ten steps up, along the same gradients."""
    gradients = torch.randn(10, 2, 3, generator=torch.Generator().manual_seed(0))
    ours, theirs = torch.ones(2, 3), torch.ones(2, 3)
    optimiser, reference = make_optimiser(name, 0.03, ours), TORCHS[name](theirs)
    for gradient in gradients:
        ours = optimiser.step(ours, gradient)
        theirs.grad = gradient
        reference.step()
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        ([0.0, 2.0, 6.0, 4.0, 10.0], (0, 2, 4)),
        ([0.0, -2.0, -6.0, -8.0], (0, 2, 3)),  # training that makes it worse passes its midpoint downward
        ([1.0, 5.0, 3.0, torch.nan, torch.nan], (0, 1, 1)),  # diverged: the best before it
        ([1.0, 5.0, -torch.inf, 0.0], (0, 1, 1)),
        ([3.0], (0, 0, 0)),
    ],
)
def test_stages(returns, expected):
    assert tuple(pick_updates(torch.tensor(returns)).values()) == expected


def test_two_stages_at_one_update_are_two_tensors(tmp_path):
    """After a single update half-trained is trained; a file holds both."""
    snapshots = take_snapshots(recipe(GRID, updates=1))
    save_file({s.policy: s.theta for s in snapshots}, tmp_path / "policies.safetensors")
    assert len({s.theta.data_ptr() for s in snapshots}) == 3


def test_divergence_is_told_with_the_snapshots():
    snapshots = take_snapshots(recipe(LINE, optimizer="sgd", learning_rate=1e6, updates=30))
    assert snapshots[-1].diverged_at is not None
    assert snapshots[-1].update < snapshots[-1].diverged_at
    assert take_snapshots(recipe(LINE, updates=1))[-1].diverged_at is None


def test_snapshots_start_from_the_policy_that_training_starts_from():
    snapshots = take_snapshots(recipe(GRID, updates=4))
    assert [snapshot.policy for snapshot in snapshots] == ["untrained", "half_trained", "trained"]
    (start,) = untrained(recipe(CARTPOLE))
    assert torch.equal(start.theta, take_snapshots(recipe(CARTPOLE, updates=1))[0].theta)
