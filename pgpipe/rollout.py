"""Policy + environment -> Trajectories."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from pgpipe import compiler
from pgpipe.envs.parallel import ParallelEpisodes, make_rows
from pgpipe.envs.quantities import action_names, state_names
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.errors import fits
from pgpipe.network import Array
from pgpipe.policies.build import make_policy
from pgpipe.policies.policy import Policy
from pgpipe.recording import Batch, Recording
from pgpipe.trajectories import Trajectories

if TYPE_CHECKING:
    from pgpipe.fused.recording import FusedRecording

# Steps of noise drawn at a time: an agent's stream is the same whatever the block, it is only faster.
NOISE_BLOCK = 64


def policy_for(environment: EnvironmentSpec) -> Policy:
    """The policy of an environment's spec, fitted to its spaces."""
    return make_policy(environment["policy"], *_spaces(environment))


def parameter_names(environment: EnvironmentSpec) -> tuple[str, ...]:
    """What tables call the parameters of an environment's policy: k and sigma, cell 3 left, or numbers."""
    observed, acted = _spaces(environment)
    states = state_names(environment["id"], (observed.shape or (1,))[0])
    actions = action_names(environment["id"], int(getattr(acted, "n", 0)))
    return make_policy(environment["policy"], observed, acted).parameter_names(states, actions)


def _spaces(environment: EnvironmentSpec) -> tuple[Any, Any]:
    """What is observed and what is done in one of these environments."""
    one = make_rows(environment, 1)
    one.close()
    return one.single_observation_space, one.single_action_space


def recording_of(policy: Policy, episodes: ParallelEpisodes, keep_tape: bool) -> "Recording | FusedRecording":
    """Room for rollouts: of the compiled code, where numba is and it knows policy and environment."""
    if compiler.COMPILES:
        from pgpipe.fused.recording import fused  # numba takes a while

        if recording := fused(policy, episodes, keep_tape):
            return recording
    return Recording(policy, episodes, keep_tape)


@np.errstate(over="ignore", invalid="ignore")  # a policy that diverged walks out of the numbers
def record(
    recording: "Recording | FusedRecording",
    theta: Tensor,
    env_streams: Sequence[np.random.Generator],
    action_streams: Sequence[np.random.Generator],
    *,
    told: Callable[[int, Batch], None] | None = None,
) -> None:
    """Run a batch of every agent, agent i by row i of theta (A, P), and record it.

    The environment draws from `env_streams`, the policy from `action_streams`, one of each for each agent.
    Where agents run one after the other, `told` hears of each one's batch while its tape is at hand.
    Raises `ValueError` for a theta that is another policy's.
    """
    if not isinstance(recording, Recording):
        recording.record(theta, env_streams, action_streams, told)
        return
    policy, episodes = recording.policy, recording.episodes
    fits("theta", theta.shape, (episodes.agents, policy.n_parameters))
    pieces = policy.unflatten(np.ascontiguousarray(theta.numpy()))
    obs = episodes.reset(env_streams)
    recording.begin()
    if not len(episodes.waiting):
        _run(recording, pieces, _noise(policy, action_streams, episodes.rows), obs)
    else:
        _run_in_waves(recording, pieces, action_streams, obs)
    episodes.rest()


def _run_in_waves(
    recording: Recording, pieces: list[Array], streams: Sequence[np.random.Generator], obs: Array
) -> None:
    """Run some rows after the others; each draws what it would draw if all ran at a time."""
    policy, episodes = recording.policy, recording.episodes
    wave = Recording(policy, episodes, recording.keep_tape)
    recording.number[:] = -1
    while True:
        rows = episodes.number >= 0  # (A, W)
        _run(wave, pieces, _noise(policy, deepcopy(streams), episodes.rows), obs)
        recording.take(wave, rows)
        if not len(episodes.waiting):
            return
        obs = episodes.next_wave()


def _run(recording: Recording, pieces: list[Array], noises: Iterator[Array], obs: Array) -> None:
    """Run until no row has an episode left, and record it."""
    policy, episodes, t = recording.policy, recording.episodes, 0
    each = np.arange(episodes.agents)[:, None]
    D = obs.shape[-1]
    while not episodes.complete:
        if t == recording.obs.shape[1]:
            recording.grow()
        shape = episodes.number.shape  # (A, W'): rows that nobody needs any more are dropped now and then
        now = (slice(None), t, slice(shape[1]))
        tape = [part[:, t if recording.keep_tape else 0, : shape[1]] for part in recording.tape]
        recording.obs[now] = obs.reshape(*shape, D)
        if not recording.keep_tape:
            tape[0][..., :D] = recording.obs[now]
        policy.forward(pieces, tape, None if episodes.even else episodes.widths)
        noise = next(noises)
        if shape[1] < episodes.rows or not episodes.even:  # some rows were dropped, the others have moved up
            noise = noise[each, episodes.columns]
        actions = policy.sample(pieces, tape[-1], noise)
        recording.actions[now] = actions
        recording.number[now] = episodes.number
        recording.number[:, t, shape[1] :] = -1
        next_obs, rewards, terminates, truncates = episodes.step(actions.reshape(-1, *actions.shape[2:]))
        recording.rewards[now] = rewards.reshape(shape)
        t += 1
        over = np.flatnonzero((terminates | truncates) & (episodes.number.reshape(-1) >= 0))
        if len(over):
            which = over // shape[1], episodes.number.flat[over]
            recording.final_obs[which] = next_obs[over]
            recording.terminated[which] = terminates[over]
            recording.truncated[which] = (truncates & ~terminates)[over]
            episodes.finish(over)
        # rows in which another episode begins, or that have moved up, show something else now
        obs = episodes.env.observe() if episodes.tidy() or len(over) else next_obs
    recording.T = t


def rollout(
    policy: Policy,
    theta: Tensor,
    episodes: ParallelEpisodes,
    env_streams: Sequence[np.random.Generator],
    action_streams: Sequence[np.random.Generator],
) -> Trajectories:
    """Run a batch of every agent, as `record` does.  -> Trajectories (A, N, T)."""
    recording = recording_of(policy, episodes, keep_tape=False)
    record(recording, theta, env_streams, action_streams)
    return Trajectories.stack([recording.batch(agent).trajectories for agent in range(episodes.agents)])


def _noise(policy: Policy, streams: Sequence[np.random.Generator], n: int) -> Iterator[Array]:
    """Noise for one step of all agents, (A, n), for ever."""
    while True:
        block = [policy.noise(stream, (NOISE_BLOCK, n)) for stream in streams]
        yield from np.stack(block, axis=1).astype(policy.numpy_dtype)
