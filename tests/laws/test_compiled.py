"""The compiled code gives what the plain code gives, but for the last bits, and a step's bits are its own."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from samples import ACROBOT, CARTPOLE, PENDULUM, PROMPTS, assert_same, recipe, recorded, some_theta, two_kinds

from pgpipe import compiler
from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps, make_rows
from pgpipe.envs.spec import EnvironmentSpec, alone
from pgpipe.estimators.ratios import log_probs
from pgpipe.estimators.scores import batch_gradient
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.recording import Recording
from pgpipe.rollout import policy_for, record, recording_of
from pgpipe.seeding import stream
from pgpipe.training.loop import train
from pgpipe.training.value_network import PlainRegression

if not compiler.COMPILES:
    pytest.skip("numba is not installed", allow_module_level=True)

from pgpipe.fused import environments, kernel, moves, network
from pgpipe.fused.compiled import compiled
from pgpipe.fused.compiled_network import CompiledRegression
from pgpipe.fused.functions import exp32, sin_cos, tanh32
from pgpipe.fused.recording import FusedRecording
from pgpipe.fused.tiles import add_products

CAR: EnvironmentSpec = PENDULUM | {"name": "car", "id": "MountainCarContinuous-v0", "max_episode_steps": 40}
GYMNASIUMS = {spec["name"]: spec for spec in (ACROBOT, CARTPOLE, PENDULUM, CAR)}
PARTIAL: EnvironmentSpec = PROMPTS | {"kwargs": {"targets": [2, 5], "limit": 3, "partial": True}}
WRITERS: EnvironmentSpec = alone(PROMPTS) | {"policy": {"kind": "categorical_mlp", "hidden": [8]}}
COMPILED = GYMNASIUMS | {"writers": WRITERS, "partly": alone(PARTIAL) | {"policy": WRITERS["policy"]}}
EPS = float(np.finfo(np.float32).eps)


@pytest.fixture(params=sorted(COMPILED))
def known(request):
    """Each environment that the compiled code knows."""
    return COMPILED[request.param]


@pytest.fixture(params=sorted(GYMNASIUMS))
def gymnasiums(request):
    """Those of Gymnasium's."""
    return GYMNASIUMS[request.param]


def network_of(*hidden):
    return CARTPOLE | {"policy": {"kind": "categorical_mlp", "hidden": list(hidden)}}


@pytest.mark.parametrize("which", [0, 1], ids=["episodes", "steps"])
def test_rollouts_are_those_of_the_plain_code(known, which):
    """From the same streams: the same actions, ends and batches.

    Rounding differs by some 10⁻⁷ a step, and a motion may double that in a few steps, so 60 steps stay within
    10⁻³. A choice would be another one if its u were as near to the probability, once in 10⁵ steps or so; the
    streams are fixed, and it is not among these 1,500.
    """
    theta = some_theta(known, 3)
    ours = recorded(recording_of, known, theta, two_kinds(known, 3)[which])
    theirs = recorded(Recording, known, theta, two_kinds(known, 3)[which])
    for one, other in zip(ours, theirs, strict=True):
        one, other = one.trajectories, other.trajectories
        for name in ("mask", "terminated", "truncated"):
            assert torch.equal(getattr(one, name), getattr(other, name)), name
        for name in ("obs", "actions", "rewards", "final_obs"):
            torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-3, atol=1e-3)


def test_a_batch_is_seen_from_another_theta_as_by_the_plain_code(known):
    """log π to 20 roundings of numbers below 4; the gradient as at the θ that acted."""
    here, there = some_theta(known, 2)
    (batch,) = recorded(recording_of, known, here[None], ParallelSteps(known, 1, 200))
    policy, trajectories = policy_for(known), batch.trajectories
    torch.testing.assert_close(
        batch.log_probs(there), log_probs(policy, there, trajectories), rtol=1e-5, atol=20 * 4 * EPS
    )
    weights = (trajectories.rewards + 1) * trajectories.mask
    ours = batch.scores_elsewhere(there, weights) / trajectories.n_trajectories
    theirs = batch_gradient(policy, there, trajectories, weights)
    scale = max(1.0, float(theirs.abs().max()))
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=200 * EPS / 2 * scale)


@pytest.mark.parametrize("entropy", [0.0, 0.3])
@pytest.mark.parametrize("hidden", [(), (5,), (16, 40), (33, 7, 65)])
def test_the_gradient_is_that_of_the_plain_code(hidden, entropy):
    """Whatever the widths. Sums of some 200 terms of mixed sign, in single precision: 200 half-ulps of the largest."""
    environment = network_of(*hidden)
    theta = some_theta(environment, 1)
    (batch,) = recorded(recording_of, environment, theta, ParallelSteps(environment, 1, 200))
    policy, trajectories = policy_for(environment), batch.trajectories
    weights = (trajectories.rewards + 1) * trajectories.mask
    n = trajectories.n_trajectories
    ours = batch.scores(theta[0], weights, entropy) / n
    theirs = batch_gradient(policy, theta[0], trajectories, weights)
    parameters = theta[0].clone().requires_grad_()
    bonus = policy.entropy(parameters, trajectories.obs[trajectories.mask]).sum() / n
    (by_bonus,) = torch.autograd.grad(entropy * bonus, parameters)
    theirs = theirs + by_bonus
    scale = max(1.0, float(theirs.abs().max()))
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=200 * EPS / 2 * scale)


def test_what_is_made_of_a_known_kind_is_for_the_plain_code(known):
    """It may act or move otherwise."""

    def kind_of(made):
        return type("Own", (type(made),), {"__module__": "my_lab"})

    episodes, policy = ParallelEpisodes(known, 1, 1), policy_for(known)
    assert isinstance(recording_of(policy, episodes, keep_tape=True), FusedRecording)
    assert isinstance(policy, CategoricalMLP | GaussianMLP)
    own = kind_of(policy)(policy.widths)
    assert isinstance(recording_of(own, episodes, keep_tape=True), Recording)
    episodes.env = kind_of(episodes.env)(1)
    assert isinstance(recording_of(policy, episodes, keep_tape=True), Recording)


def test_parameters_in_double_precision_are_for_the_same_code(known):
    """Those of studies that compute with them elsewhere. Nothing is compiled for them."""
    theta, found, compiled_for = some_theta(known, 2).float(), [], set()
    for form in (theta, theta.double(), theta.T.contiguous().T):
        found.append(recorded(recording_of, known, form, ParallelEpisodes(known, 2, 3))[1].trajectories.obs)
        compiled_for.add((len(kernel.run.signatures), len(network.spread.signatures)))
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])
    assert len(compiled_for) == 1


def test_a_step_depends_on_its_own_row_alone():
    """A product's bits, by how many rows and columns there are beside."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(40, 21)).astype("f4"), rng.normal(size=(21, 48)).astype("f4")
    all_rows, some = np.zeros((40, 48), "f4"), np.zeros((40, 48), "f4")
    flat = [a.reshape(-1) for a in (x, w, all_rows, some)]
    add_products(flat[0], 21, 1, flat[1], 48, flat[2], 48, 40, 21, 48)
    add_products(flat[0][5 * 21 :], 21, 1, flat[1], 48, flat[3], 48, 4, 21, 16)
    assert (some[:4, :16] == all_rows[5:9, :16]).all()
    # 21 products, each of two numbers below 4, added one by one
    np.testing.assert_allclose(all_rows, x.astype("f8") @ w.astype("f8"), rtol=0, atol=21 * 16 * EPS)


@pytest.mark.parametrize("steps", [5, 300])
def test_a_tape_that_was_not_kept_is_written_again(known, steps, monkeypatch):
    """Bit for bit, whichever agent is asked first, so that what is kept changes nothing."""
    theta, scores = some_theta(known, 2), []
    for most, order in ((16e6, [0, 1]), (16e6, [1, 0]), (0.0, [0, 1])):
        monkeypatch.setattr("pgpipe.fused.recording.MOST_KEPT", most)
        batches = recorded(recording_of, known, theta, ParallelSteps(known, 2, steps))
        by_agent = {i: batches[i].scores(theta[i], batches[i].trajectories.rewards + 1, 0.1) for i in order}
        scores.append(np.stack([by_agent[0], by_agent[1]]))
    assert (scores[0] == scores[1]).all()
    assert (scores[0] == scores[2]).all()


@pytest.mark.parametrize("steps", [5, 300])
def test_few_start_states_are_the_first_of_all(known, steps, monkeypatch):
    """Those of one episode for each row, so that more are drawn while it runs."""
    theta, batches = some_theta(known), []
    for starts in (1, 2, 10**6):
        monkeypatch.setattr("pgpipe.fused.recording.STARTS", starts)
        (batch,) = recorded(recording_of, known, theta, ParallelSteps(known, 1, steps))
        batches.append(batch.trajectories)
    assert_same(batches[:-1], 2 * batches[-1:])


def test_a_batch_outlives_the_next_rollout(known):
    """Its gradient is the same, bit for bit, when the room for its steps has been written over."""
    theta = some_theta(known)
    recording = recording_of(policy_for(known), ParallelSteps(known, 1, 300), keep_tape=True)

    def again(seed):
        record(recording, theta, [stream(seed, "environment")], [stream(seed, "actions")])
        return recording.batch(0)

    batch = again(0)
    weights = batch.trajectories.rewards + 1
    before = batch.scores(theta[0], weights, 0.1)
    assert (again(1).scores(theta[0], again(1).trajectories.rewards + 1, 0.1) != before).any()
    assert (batch.scores(theta[0], weights, 0.1) == before).all()


def test_steps_after_the_batch_do_not_count():
    """Though the square of z of a policy this sure is infinite where they are read again as zeros."""
    short = PENDULUM | {"max_episode_steps": 7}
    theta = some_theta(short, 1)
    theta[0, -1] = -50.0  # log σ
    recording = recording_of(policy_for(short), ParallelSteps(short, 1, 20), keep_tape=True)
    record(recording, theta, [stream(0, "environment")], [stream(0, "actions")])
    batch = recording.batch(0)
    weights = batch.trajectories.mask.float()
    before = batch.scores(theta[0], weights, 0.0)
    assert np.isfinite(before).all()
    record(recording, theta, [stream(1, "environment")], [stream(1, "actions")])
    assert (batch.scores(theta[0], weights, 0.0) == before).all()


def test_weights_have_the_shape_of_their_batch():
    """The compiled loops look nowhere else."""
    theta = some_theta(CARTPOLE, 1)
    (batch,) = recorded(recording_of, CARTPOLE, theta, ParallelSteps(CARTPOLE, 1, 20))
    with pytest.raises(ValueError, match="weights"):
        batch.scores(theta[0], batch.trajectories.rewards[:, 1:], 0.0)


@pytest.mark.parametrize("made", [recording_of, Recording], ids=["compiled", "plain"])
@pytest.mark.parametrize("other", [-1, 1], ids=["short", "long"])
def test_parameters_of_another_policy_are_refused(made, other):
    """Compiled code would read whatever lies behind them."""
    theta = some_theta(CARTPOLE, 1)
    wrong = torch.zeros(1, theta.shape[1] + other)
    with pytest.raises(ValueError, match="theta: found shape"):
        recorded(made, CARTPOLE, wrong, two_kinds(CARTPOLE, 1)[0])


def test_a_policy_of_other_observations_is_refused():
    with pytest.raises(ValueError, match=r"obs of the policy: found shape \(3,\); allowed: \(4,\)"):
        recording_of(CategoricalMLP((3, 8, 2)), ParallelEpisodes(CARTPOLE, 1, 2), False)


def test_a_value_network_takes_what_has_its_shape():
    critic, phi = CompiledRegression((4, 8, 1)), np.zeros(49, np.float32)
    obs, targets = np.zeros((5, 4), np.float32), np.zeros(5, np.float32)
    for wrong in ((phi[1:], obs, targets), (phi, obs[:, 1:], targets), (phi, obs[1:], targets)):
        with pytest.raises(ValueError, match="found shape"):
            critic.ascent(*wrong)


def test_generators_of_any_kind_will_do():
    """Though few kinds can step over numbers."""
    theta = some_theta(CARTPOLE, 1)
    ours, theirs = (
        make(policy_for(CARTPOLE), ParallelSteps(CARTPOLE, 1, 60), True) for make in (recording_of, Recording)
    )
    for recording in (ours, theirs):
        record(recording, theta, [np.random.Generator(np.random.MT19937(0))], [stream(0, "actions")])
    assert torch.equal(ours.batch(0).trajectories.mask, theirs.batch(0).trajectories.mask)


def test_rooms_that_are_too_small_grow():
    """A long batch, whose first piece of noise is for 256 steps of each row, and one that is longer still."""
    environment = network_of(8) | {"max_episode_steps": 500}
    theta = torch.zeros(1, policy_for(environment).n_parameters)
    recording = recording_of(policy_for(environment), ParallelSteps(environment, 1, 4_000), keep_tape=True)
    assert isinstance(recording, FusedRecording)
    for repeat in range(2):
        record(recording, theta, [stream(repeat, "environment")], [stream(repeat, "actions")])
        batch = recording.batch(0)
        lengths = batch.trajectories.lengths
        assert lengths.sum() >= 4_000 > lengths[:-1].sum()
        assert (batch.trajectories.rewards.sum(-1) == lengths).all()


@pytest.mark.parametrize("place", [0, -1], ids=["weights", "output"])
def test_a_policy_that_diverged_has_no_numbers(known, place, monkeypatch):
    """Its rollouts go on, by the same rules as the plain code's, and its returns say so."""
    spec = recipe(known, learning_rate=1e30, updates=2, episodes=4, optimizer="sgd")
    last = []
    for installed in (True, False):
        monkeypatch.setattr("pgpipe.compiler.COMPILES", installed)
        last.append(list(train(spec, [0, 1])))
    for ours, theirs in zip(*last, strict=True):
        assert torch.equal(ours.theta.isfinite().all(-1), theirs.theta.isfinite().all(-1))
        assert torch.equal(ours.mean_return.isnan(), theirs.mean_return.isnan())
    theta = some_theta(known, 1)
    theta[0, place] = torch.nan
    ours, theirs = (
        recorded(make, known, theta, ParallelEpisodes(known, 1, 4))[0].trajectories
        for make in (recording_of, Recording)
    )
    assert torch.equal(ours.mask, theirs.mask)
    torch.testing.assert_close(ours.obs, theirs.obs, rtol=1e-3, atol=1e-3, equal_nan=True)
    torch.testing.assert_close(ours.actions, theirs.actions, rtol=1e-3, atol=1e-3, equal_nan=True)


def test_moves_are_those_of_the_batched_environments(gymnasiums):
    """From states and actions of all sizes, one step.

    In double precision some 200 roundings of 10⁻¹⁶ each of terms up to 10³; where the plain code computes in
    single precision (the car, and the pendulum's torque), one rounding of 6 10⁻⁸ of numbers below 30.
    """
    M, rng = 500, np.random.default_rng(0)
    env = make_rows(gymnasiums, M)
    env.np_random = rng
    env.prepare(M)
    env.begin(np.arange(M), np.arange(M))
    env.state = (env.state * rng.uniform(-8, 8, size=env.state.shape)).astype(env.state.dtype)
    n = int(getattr(env.single_action_space, "n", 0))
    actions = rng.integers(n, size=M) if n else rng.normal(scale=2, size=(M, 1)).astype("f4")
    kind, state = environments.KNOWN[gymnasiums["id"]], np.ascontiguousarray(env.state.T, np.float64)
    rewards, arrived, seen = np.empty(M), np.empty(M, bool), np.empty((M, env.observe().shape[1]), "f4")
    every, clock = np.arange(M), np.zeros(M, np.int64)
    own = environments.constants(env)
    moves.move(kind, state, clock, every, M, actions.reshape(-1).astype("f8"), own, rewards, arrived)
    moves.observe(kind, own, state, every, M, seen)
    theirs, there = env.move(actions)
    atol = 3e-11 if n else 3e-6
    np.testing.assert_allclose(state.T, env.state, rtol=1e-12 if n else 3e-7, atol=atol)
    np.testing.assert_allclose(rewards, theirs, rtol=1e-6, atol=atol)
    assert (arrived == there).all()
    np.testing.assert_allclose(seen, env.observe(), rtol=1e-6, atol=max(atol, 1e-6))
    env.close()


@compiled
def _each(x, exps, tanhs):
    for i in range(len(x)):
        exps[i], tanhs[i] = exp32(x[i]), tanh32(x[i])


@compiled
def _turns(x, sines, cosines):
    for i in range(len(x)):
        sines[i], cosines[i] = sin_cos(x[i])


def test_exp_and_tanh_lose_little():
    """Of the numbers in double precision, over all that matters; what is no number stays none."""
    x = np.concatenate([np.linspace(-12, 12, 400_001), np.geomspace(1e-30, 80, 100_000), [0, 1e30]]).astype(
        "f4"
    )
    x = np.concatenate([x, -x])
    exps, tanhs = np.empty_like(x), np.empty_like(x)
    _each(x, exps, tanhs)
    for ours, theirs, some, ulps in ((exps, np.exp, np.abs(x) < 80, 1.1), (tanhs, np.tanh, x != 0, 2.3)):
        exact = theirs(x[some].astype("f8"))
        assert (np.abs(ours[some] - exact) <= ulps * np.spacing(np.abs(exact).astype("f4"))).all()
    assert (np.abs(tanhs) <= 1).all()
    odd = np.array([np.nan, np.inf, -np.inf, 0], "f4")
    exps, tanhs = np.empty_like(odd), np.empty_like(odd)
    _each(odd, exps, tanhs)
    assert np.isnan([exps[0], tanhs[0]]).all()
    assert tanhs[1:].tolist() == [1, -1, 0]
    assert exps[2] < 1e-37
    assert exps[3] == 1


@pytest.mark.parametrize(("far", "ulps"), [(10, 1.5), (100, 1.5), (1e6, 2.5)])
def test_sine_and_cosine_lose_little(far, ulps):
    """Beside those in extended precision; what is no number stays none."""
    x = np.random.default_rng(0).uniform(-far, far, 100_000)
    sines, cosines = np.empty_like(x), np.empty_like(x)
    _turns(x, sines, cosines)
    long = x.astype(np.longdouble)
    for ours, exact in ((sines, np.sin(long)), (cosines, np.cos(long))):
        assert (np.abs(ours - exact) <= ulps * np.spacing(np.abs(exact).astype("f8"))).all()
    _turns(np.array([np.nan]), sines[:1], cosines[:1])
    assert np.isnan([sines[0], cosines[0]]).all()


@pytest.mark.parametrize("widths", [(3, 1), (4, 32, 1), (2, 20, 7, 1)])
def test_a_value_network_is_that_of_the_plain_code(widths):
    """Outputs to some roundings, and the gradient, a mean of 300 errors below 10."""
    rng = np.random.default_rng(0)
    P = sum((a + 1) * b for a, b in pairwise(widths))
    phi, obs, targets = (rng.normal(size=s).astype("f4") for s in (P, (300, widths[0]), 300))
    ours, theirs = CompiledRegression(widths), PlainRegression(widths)
    np.testing.assert_allclose(ours.outputs(phi, obs), theirs.outputs(phi, obs), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        ours.ascent(phi, obs, targets), theirs.ascent(phi, obs, targets), rtol=1e-4, atol=300 * EPS
    )


def test_a_long_sum_keeps_its_digits():
    """Of the entropy alone, log σ's derivative is β for each step; one by one in single precision it is off by 10⁻⁵."""
    theta = some_theta(PENDULUM, 1)
    (batch,) = recorded(recording_of, PENDULUM, theta, ParallelSteps(PENDULUM, 1, 5_000))
    bonus = 0.3
    (by_log_sigma,) = batch.scores(theta[0], torch.zeros_like(batch.trajectories.rewards), bonus)[-1:]
    assert by_log_sigma == pytest.approx(bonus * int(batch.trajectories.mask.sum()), rel=EPS)
