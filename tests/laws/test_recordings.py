"""What training computes from a recording is what the definition gives, whatever the batch and who runs beside."""

import pytest
import torch
from samples import CARTPOLE, CREDITS, estimator_spec, recipe, sample, some_theta, suited

from pgpipe.discounting import tail_sums
from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.parts import part_names
from pgpipe.estimators.pseudo_loss import differentiated, pseudo_loss
from pgpipe.estimators.scores import batch_gradient, estimate, recorded_gradient
from pgpipe.recording import Recording
from pgpipe.rollout import policy_for, record
from pgpipe.seeding import stream
from pgpipe.training.loop import Training, train
from pgpipe.training.spec import ValueNetworkSpec

STEPS = 50


def step_batches(environment, theta, agents, steps=STEPS):
    """Each agent's recorded batch of so many steps, and its streams' numbers are `agents`."""
    recording = Recording(
        policy_for(environment), ParallelSteps(environment, len(agents), steps), keep_tape=True
    )
    words = ("environment", "actions")
    record(recording, theta, *([stream(0, word, agent) for agent in agents] for word in words))
    return [recording.batch(row) for row in range(len(agents))]


def close(ours, theirs):
    """To rounding, at the scale of the whole gradient."""
    scale = max(1.0, float(theirs.abs().max()))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=3e-5 * scale)


@pytest.mark.parametrize("signal", CREDITS)
@pytest.mark.parametrize("baseline", part_names("baselines"))
def test_the_gradient_is_that_of_the_pseudo_loss(environment, signal, baseline):
    """Products of factors against autograd, every estimator on every policy kind."""
    theta = some_theta(environment)[0]
    spec = estimator_spec(signal, baseline)
    (batch,) = sample(suited(environment, spec), theta[None], 6).split()
    estimator = Estimator.from_spec(spec, environment["gamma"])
    policy = policy_for(environment)
    close(estimate(policy, theta, batch, estimator), differentiated(policy, theta, batch, estimator))


@pytest.mark.parametrize("entropy", [0.0, 0.3])
def test_a_recording_gives_the_gradient_of_its_trajectories(environment, entropy):
    """With the bonus: ∇(J̃ + β/N Σ H), by autograd."""
    theta = some_theta(environment, 2)
    policy = policy_for(environment)
    for row, recorded in zip(theta, step_batches(environment, theta, [0, 1]), strict=True):
        batch = recorded.trajectories
        weights = (batch.rewards + 1) * batch.mask
        ours = recorded_gradient(policy, row, recorded, weights, entropy)
        parameters = row.clone().requires_grad_()
        bonus = policy.entropy(parameters, batch.obs[batch.mask]).sum() / batch.n_trajectories
        (pseudo_loss(policy, parameters, batch, weights) + entropy * bonus).backward()
        close(ours, parameters.grad)
        if not entropy:
            close(ours, batch_gradient(policy, row, batch, weights))


def test_a_batch_of_steps_is_the_shortest_run_of_whole_episodes(environment):
    theta = some_theta(environment, 3)
    for recorded in step_batches(environment, theta, [0, 1, 2]):
        batch = recorded.trajectories
        assert (batch.terminated ^ batch.truncated).all()
        lengths = batch.lengths
        assert lengths.sum() >= STEPS > lengths[:-1].sum()


def test_a_batch_of_steps_is_the_agents_own(environment):
    """Bit for bit: whoever runs beside, and whether rows that are over are dropped early."""
    theta = some_theta(environment, 3)
    together = step_batches(environment, theta, [0, 1, 2])
    for row in (0, 2):
        (alone,) = step_batches(environment, theta[row : row + 1], [row])
        ours, theirs = together[row].trajectories, alone.trajectories
        assert all(torch.equal(value, getattr(theirs, name)) for name, value in ours.fields.items())
        weights = ours.rewards + ours.mask
        policy = policy_for(environment)
        gradients = [recorded_gradient(policy, theta[row], b, weights) for b in (together[row], alone)]
        assert torch.equal(*gradients)


def test_dropping_rows_changes_nothing(environment, monkeypatch):
    theta = some_theta(environment, 2)
    dropped = (
        [b.trajectories for b in step_batches(environment, theta, [0, 1])],
        sample(environment, theta, 9),
    )
    monkeypatch.setattr("pgpipe.envs.parallel.TIDY_EVERY", 10**9)
    kept = [b.trajectories for b in step_batches(environment, theta, [0, 1])], sample(environment, theta, 9)
    for ours, theirs in zip((*dropped[0], dropped[1]), (*kept[0], kept[1]), strict=True):
        assert all(torch.equal(value, getattr(theirs, name)) for name, value in ours.fields.items())


def test_rows_are_dropped(monkeypatch):
    """Or the test above says nothing: of 40 episodes of very different lengths few rows run to the end."""
    theta, widths = some_theta(CARTPOLE), []
    recording = Recording(policy_for(CARTPOLE), ParallelSteps(CARTPOLE, 1, 2_000), keep_tape=False)
    step = recording.episodes.step

    def watched(actions):
        widths.append(len(actions))
        return step(actions)

    monkeypatch.setattr(recording.episodes, "step", watched)
    record(recording, theta, [stream(0, "environment")], [stream(0, "actions")])
    assert widths[-1] < widths[0]


def test_episodes_of_a_batch_of_steps_are_fair_samples():
    """The first episode of each batch of steps is as long as any: 400 of them against 4,000 by quota."""
    theta = some_theta(CARTPOLE)
    first = [b.trajectories.lengths[0] for b in step_batches(CARTPOLE, theta.expand(400, -1), range(400))]
    ours, theirs = torch.stack(first).double(), sample(CARTPOLE, theta, 4_000, seed=3).lengths.double()
    error = (ours.var() / len(ours) + theirs.var() / theirs.numel()).sqrt()
    assert abs(ours.mean() - theirs.mean()) < 4 * error


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 3 * STEPS},
        {"steps": 3 * STEPS, "entropy": 0.1, "max_gradient_norm": 0.5},
        {"steps": 2 * STEPS, "value_network": {"hidden": [5], "learning_rate": 0.01, "gradient_steps": 3},
         "estimator": estimator_spec("gae", "value", gae_lambda=0.9)},
    ],
)  # fmt: skip
def test_training_by_steps_does_not_depend_on_the_block(environment, changes):
    spec = recipe(environment, updates=3, **{"learning_rate": 0.05, **changes})
    together, alone = list(train(spec, [3, 4, 9])), list(train(spec, [9]))
    for ours, theirs in zip(together, alone, strict=True):
        assert torch.equal(ours.theta[2], theirs.theta[0])
        assert torch.equal(ours.mean_return[2:], theirs.mean_return)
        assert torch.equal(ours.env_steps[2:], theirs.env_steps)


def test_a_gradient_that_is_too_long_is_cut():
    """With plain ascent at rate 1 a step is as long as its gradient, at most the limit."""
    spec = recipe(CARTPOLE, optimizer="sgd", learning_rate=1.0, max_gradient_norm=0.01, updates=1)
    before, after = (progress.theta for progress in train(spec, [0, 1]))
    assert (after - before).norm(dim=1).tolist() == pytest.approx([0.01, 0.01], rel=1e-3)


def test_a_value_network_learns_what_a_state_is_worth():
    """After 30 updates it explains more of the rewards to go of a fresh batch than their mean does."""
    network: ValueNetworkSpec = {"hidden": [16], "learning_rate": 0.02, "gradient_steps": 10}
    estimator = estimator_spec("reward_to_go", "value")
    spec = recipe(CARTPOLE, estimator=estimator, learning_rate=1e-6, value_network=network)
    training = Training(spec, [0, 1])
    for _ in range(30):
        training.update()
    for row, batch in enumerate(training.batches):
        own = batch.trajectories
        assert training.critic is not None
        values = training.critic.values(row, own)[:, :-1][own.mask]
        to_go = tail_sums(own.rewards, 0.97)[own.mask]
        assert (to_go - values).var() < 0.8 * to_go.var()


def test_a_value_network_is_fitted_after_it_was_used():
    """The first gradient sees the untrained one: V = μ + σ f with μ = 0, σ = 1."""
    network: ValueNetworkSpec = {"hidden": [8], "learning_rate": 0.1, "gradient_steps": 20}
    estimator = estimator_spec("reward_to_go", "value")
    one, more = (
        Training(recipe(CARTPOLE, estimator=estimator, value_network=network | {"gradient_steps": n}), [0])
        for n in (1, 20)
    )
    for training in (one, more):
        training.update()
    assert torch.equal(one.theta, more.theta)
    assert one.critic is not None
    assert more.critic is not None
    assert not torch.equal(one.critic.phi, more.critic.phi)


def test_a_batch_has_no_scores_of_its_own_once_the_next_is_recorded():
    """Its steps are written over: of another shape that was an index error, of the same one wrong numbers."""
    theta = some_theta(CARTPOLE, 1)
    recording = Recording(policy_for(CARTPOLE), ParallelEpisodes(CARTPOLE, 1, 4), keep_tape=True)
    batches = []
    for seed in range(2):
        record(recording, theta, [stream(seed, "environment")], [stream(seed, "actions")])
        batches.append(recording.batch(0))
        batches[-1].scores(theta[0], batches[-1].trajectories.rewards, 0.0)
    with pytest.raises(ValueError, match="another rollout"):
        batches[0].scores(theta[0], batches[0].trajectories.rewards, 0.0)
