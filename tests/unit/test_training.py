"""Training climbs, counts its steps, and says so when it diverges."""

import itertools

import pytest
import torch
from safetensors.torch import save_file
from samples import CARTPOLE, GRID, LINE, recipe, some_theta

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.lecture.practice.batch_sizes import InStepsSpec, batch_returns
from pgpipe.lecture.practice.learning_rates import AnyOptimizerSpec, learning_rate_column
from pgpipe.lecture.practice.stages import stages_of
from pgpipe.training.curves import EvaluationSpec, learning_curves
from pgpipe.training.imitation import Imitation
from pgpipe.training.loop import Training, train
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


# The one loop of all trainings


def spy(monkeypatch, owner, name, note):
    """Call `note` with the arguments, then what stood there."""
    was = getattr(owner, name)

    def noted(*arguments):
        note(*arguments)
        return was(*arguments)

    monkeypatch.setattr(owner, name, noted)


@pytest.fixture
def closings(monkeypatch):
    """How often the environments of each batch that was prepared were closed."""
    counts = {}
    spy(monkeypatch, ParallelEpisodes, "_lay_out", lambda rows, *of: counts.update({rows: 0}))
    spy(monkeypatch, ParallelEpisodes, "close", lambda rows: counts.update({rows: counts[rows] + 1}))
    return counts


class SeenEnoughError(Exception):
    pass


def see_enough(*arguments, **more):
    raise SeenEnoughError


def by_reinforce():
    return Training(recipe(GRID, updates=4), [0, 1])


def by_imitation():
    return Imitation(recipe(GRID, updates=4), [0, 1], some_theta(GRID)[0])


def to_the_end(training):
    assert [each.n_updates for each in training.updates()] == [0, 1, 2, 3, 4]


def broken_off(training):
    for _ in training.updates():
        if training.n_updates == 2:
            break


def broken_by_the_consumer(training):
    def first_look():
        for _ in training.updates():
            see_enough()

    with pytest.raises(SeenEnoughError) as raised:
        first_look()
    assert raised.traceback  # its frames still stand


def broken_by_the_update(training):
    training.optimiser.step = see_enough
    with pytest.raises(SeenEnoughError):
        list(training.updates())


@pytest.mark.parametrize(
    "consume",
    [to_the_end, broken_off, broken_by_the_consumer, broken_by_the_update],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("make", [by_reinforce, by_imitation], ids=lambda f: f.__name__)
def test_environments_are_closed_once(make, consume, closings):
    consume(make())
    assert list(closings.values()) == [1]


def test_who_wants_the_untrained_policy_alone_leaves_nothing_open(closings):
    assert next(train(recipe(GRID), [0, 1])).update == 0
    assert list(closings.values()) == [1]


def test_learning_curves_that_fail_leave_nothing_open(closings, monkeypatch):
    monkeypatch.setattr(Training, "evaluate", see_enough)
    evaluation: EvaluationSpec = {"every": 2, "episodes": 3}
    with pytest.raises(SeenEnoughError) as raised:
        learning_curves({"recipe": "r", "seeds": [0], "training": recipe(GRID), "evaluation": evaluation})
    assert list(closings.values()) == [1]
    assert raised.traceback  # its frames still stand


def test_no_batch_is_sampled_that_nobody_looks_at(closings, monkeypatch):
    """One for each update, and for each evaluation its own; where batches are measured, one more at the end."""
    monkeypatch.setattr("pgpipe.compiler.COMPILES", False)  # compiled rollouts do without `reset`
    sampled = []
    spy(monkeypatch, ParallelEpisodes, "reset", lambda *of: sampled.append(of))
    assert len(list(train(recipe(GRID, updates=4), [0, 1]))) == len(sampled) == 5
    sampled.clear()
    stages_of(by_reinforce(), [0.0], goal=0.0, episodes=3)  # everybody is there from the beginning
    assert len(sampled) == 1
    sampled.clear()
    stages_of(by_reinforce(), [0.5], goal=1e6, episodes=3)  # and never here
    assert len(sampled) == 4 + 5
    sampled.clear()
    any_optimizer: AnyOptimizerSpec = {**recipe(GRID, updates=4), "optimizer": None}
    learning_rate_column(
        {"training": any_optimizer, "optimizers": ["sgd"], "seeds": [0], "episodes": 3}, some_theta(GRID)[0]
    )
    assert len(sampled) == 2 * (4 + 2)
    sampled.clear()
    once: InStepsSpec = {**recipe(GRID, updates=1), "episodes": None, "steps": 50}
    batch_returns(  # the recipe's own number of updates does not end it
        {"training": once, "seeds": [0], "env_steps": 1, "updates": 3, "episodes": 3, "replicates": 1}
    )
    assert len(sampled) == 3 + 2
    assert set(closings.values()) == {1}


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
