"""Policy + environment -> Trajectories."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from pgpipe import compiler
from pgpipe.envs.parallel import ParallelEpisodes, make_rows
from pgpipe.envs.quantities import action_names, state_names
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.errors import fits
from pgpipe.network import Array
from pgpipe.policies.build import make_policy
from pgpipe.policies.policy import Policy
from pgpipe.spaces import action_shape, choices
from pgpipe.trajectories import Trajectories

if TYPE_CHECKING:
    from pgpipe.fused.batch import FusedBatch
    from pgpipe.fused.recording import FusedRecording

# Steps of noise drawn at a time: an agent's stream is the same whatever the block, it is only faster.
NOISE_BLOCK = 64
# Steps for which there is room at first, where an episode may be of any length.
ROOM = 1_000
# Steps of a tape that are computed with at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 1_024


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


class Recording:
    """What A agents did in W rows each, as it ran, side by side in time: arrays are (A, T, W, ·).

    How an episode ended stands by its number: `terminated`, `truncated`, (A, E), and `final_obs` (A, E, D).

    It is written over by the next rollout, so a training that holds one allocates once. Without `keep_tape`
    what the policy computed on the way is forgotten.
    """

    def __init__(self, policy: Policy, episodes: ParallelEpisodes, keep_tape: bool) -> None:
        self.policy, self.episodes, self.keep_tape = policy, episodes, keep_tape
        A, W, room = episodes.agents, episodes.rows, episodes.env.longest or ROOM
        observed, acted = episodes.env.single_observation_space, episodes.env.single_action_space
        self.tape = policy.tape((A, room if keep_tape else 1, W), policy.numpy_dtype)
        self.obs = np.empty((A, room, W, *observed.shape), policy.numpy_dtype)
        if keep_tape:
            self.obs = self.tape[0][..., : observed.shape[0]]  # the same memory
        kind = policy.numpy_dtype if choices(acted) is None else np.int64
        self.actions = np.empty((A, room, W, *action_shape(acted)), kind)
        self.rewards = np.empty((A, room, W), policy.numpy_dtype)
        self.number = np.empty((A, room, W), dtype=np.int64)  # of the episode, -1 for none
        self.terminated, self.truncated = np.zeros((2, A, episodes.most), dtype=bool)
        self.final_obs = np.empty((A, episodes.most, *observed.shape), policy.numpy_dtype)
        self.n_obs = int(observed.shape[0])
        self.T = 0

    def grow(self) -> None:
        """Make room for twice as many steps."""
        names = ("obs", "actions", "rewards", "number")
        for name in names[self.keep_tape :]:
            setattr(self, name, _grown(getattr(self, name)))
        if self.keep_tape:
            self.tape = [_grown(part) for part in self.tape]
            self.obs = self.tape[0][..., : self.obs.shape[-1]]

    def take(self, wave: "Recording", rows: Array) -> None:
        """Add what a wave of some of the rows (A, W) has recorded; how its episodes ended, too."""
        while self.obs.shape[1] < wave.T:
            self.grow()
        self.number[:, self.T : wave.T] = -1  # what room is grown by is one
        self.T = max(self.T, wave.T)
        names = ("actions", "rewards", "number", *(() if self.keep_tape else ("obs",)))
        pairs = [(getattr(self, name), getattr(wave, name)) for name in names]
        for ours, theirs in (*pairs, *(zip(self.tape, wave.tape, strict=True) if self.keep_tape else ())):
            agent, row = np.nonzero(rows)
            ours[agent, : wave.T, row] = theirs[agent, : wave.T, row]
        agent, step, row = np.nonzero((wave.number[:, : wave.T] >= 0) & rows[:, None])
        ended = agent, wave.number[agent, step, row]
        for name in ("terminated", "truncated", "final_obs"):
            getattr(self, name)[ended] = getattr(wave, name)[ended]

    def batch(self, agent: int) -> "RecordedBatch":
        """One agent's part: its batch and how that lies in the recording."""
        return RecordedBatch(self, agent)


class RecordedBatch:
    """One agent's trajectories (N, T), with the tape of their steps."""

    def __init__(self, recording: Recording, agent: int) -> None:
        self.recording, self.agent = recording, agent
        number = recording.number[agent, : recording.T]  # (T, W)
        N, W = recording.episodes.batch_size(agent), number.shape[1]
        counts = (number >= 0) & (number < N)
        self.rows = np.flatnonzero(counts)  # of every step in (T * W), and whose it is and when:
        episode = number.reshape(-1)[self.rows]
        step = self.rows // W - recording.episodes.began[agent, episode]
        self.shape = (N, int(step.max()) + 1)
        self.place = episode * self.shape[1] + step  # in (N * T)
        last = self.rows[-1] // W + 1
        self.number, self.counts = number[:last], counts[:last]
        self.trajectories = Trajectories(
            mask=self._per_step(counts),
            **{name: self._per_step(self._own(name)) for name in ("obs", "actions", "rewards")},
            **{
                name: torch.from_numpy(getattr(recording, name)[agent, :N].copy())
                for name in ("final_obs", "terminated", "truncated")
            },
            group=None if (group := recording.episodes.group) == 1 else torch.arange(N) // group,
        )

    def steps(self, weights: Tensor) -> Iterator[tuple[list[Array], Array, Array, Array]]:
        """Tape, actions, weight and whether it counts, of the batch's steps, so many at a time.  (N, T).

        A step that does not count has no weight; some are among the others where taking them out costs more.
        """
        T, W = self.number.shape
        credit = np.zeros(T * W, self.recording.rewards.dtype)
        credit[self.rows] = weights.numpy().reshape(-1)[self.place]
        tape = [part[self.agent] for part in self.recording.tape]
        every = (*tape, self._own("actions"), credit.reshape(T, W), self.counts)
        # a weight of zero is not enough where no episode ran: what stands there may be no number
        empty = self.number.min(1) < 0
        at_a_time = max(1, STEPS_AT_A_TIME // W)
        for start in range(0, T, at_a_time):
            piece = slice(start, min(start + at_a_time, T))
            flat = [part[piece].reshape(-1, *part.shape[2:]) for part in every]
            if empty[piece].any():
                flat = [part[flat[-1]] for part in flat]
            *some, actions, credits, counts = flat
            yield some, actions, credits, counts

    def scores(self, theta: Tensor, weights: Tensor, bonus: float) -> Array:
        """Σ w ∇log π + β ∇H over the batch, at the θ (P,) that acted, weights (N, T).  -> (P,)."""
        policy = self.recording.policy
        pieces = policy.unflatten(theta.numpy())
        total = np.zeros(len(theta), policy.numpy_dtype)
        for tape, actions, credit, counts in self.steps(weights):
            entropy = counts.astype(credit.dtype) * bonus if bonus else None
            total += policy.gradient(pieces, tape, actions, credit, entropy)
        return total

    def _own(self, name: str) -> Array:
        """(A, T, W, ·) -> (T, W, ·)."""
        return getattr(self.recording, name)[self.agent, : self.recording.T]

    def _per_step(self, rows: Array) -> Tensor:
        """(T, W, ·) -> (N, T, ·), zero on padding."""
        steps = np.zeros((self.shape[0] * self.shape[1], *rows.shape[2:]), rows.dtype)
        steps[self.place] = rows.reshape(-1, *rows.shape[2:])[self.rows]
        return torch.from_numpy(steps.reshape(*self.shape, *rows.shape[2:]))


# One agent's trajectories (N, T), with what is left of their computation.
Batch: TypeAlias = "RecordedBatch | FusedBatch"


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
    obs, recording.T = episodes.reset(env_streams), 0
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


def _grown(rows: Array) -> Array:
    """Twice the room along the second axis; what is new is one, as a tape wants it."""
    return np.concatenate([rows, np.ones_like(rows)], axis=1)
