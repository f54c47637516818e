"""What a rollout leaves: every step of every agent, the batches that these make, and their scores."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.network import Array
from pgpipe.policies.policy import Policy
from pgpipe.spaces import action_shape, choices
from pgpipe.trajectories import Trajectories

if TYPE_CHECKING:
    from pgpipe.fused.batch import FusedBatch

# Steps for which there is room at first, where an episode may be of any length.
ROOM = 1_000
# Steps of a tape that are computed with at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 1_024


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
        self.T = self.rollouts = 0

    def grow(self) -> None:
        """Make room for twice as many steps."""
        for name in self._beside_the_tape:
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
        pairs = [(getattr(self, name), getattr(wave, name)) for name in self._beside_the_tape]
        for ours, theirs in (*pairs, *(zip(self.tape, wave.tape, strict=True) if self.keep_tape else ())):
            agent, row = np.nonzero(rows)
            ours[agent, : wave.T, row] = theirs[agent, : wave.T, row]
        agent, step, row = np.nonzero((wave.number[:, : wave.T] >= 0) & rows[:, None])
        ended = agent, wave.number[agent, step, row]
        for name in ("terminated", "truncated", "final_obs"):
            getattr(self, name)[ended] = getattr(wave, name)[ended]

    @property
    def _beside_the_tape(self) -> tuple[str, ...]:
        """Names of the arrays that are no part of it."""
        return ("actions", "rewards", "number") if self.keep_tape else ("obs", "actions", "rewards", "number")

    def begin(self) -> None:
        """Whatever is recorded is written over from now on."""
        self.T, self.rollouts = 0, self.rollouts + 1

    def batch(self, agent: int) -> "RecordedBatch":
        """One agent's part: its batch and how that lies in the recording."""
        return RecordedBatch(self, agent)


class RecordedBatch:
    """One agent's trajectories (N, T), with the tape of their steps."""

    def __init__(self, recording: Recording, agent: int) -> None:
        self.recording, self.agent, self.rollout = recording, agent, recording.rollouts
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
        """Σ w ∇log π + β ∇H over the batch, at the θ (P,) that acted, weights (N, T).  -> (P,).

        Raises `ValueError` once another rollout has been recorded over it.
        """
        if self.rollout != self.recording.rollouts:
            raise ValueError(
                "a batch's own scores: found another rollout in its recording; allowed: before it"
            )
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


def _grown(rows: Array) -> Array:
    """Twice the room along the second axis; what is new is one, as a tape wants it."""
    return np.concatenate([rows, np.ones_like(rows)], axis=1)
