"""What one agent did, of a compiled recording: its batch, and sums over the steps that made it."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from pgpipe.fused import kernel
from pgpipe.fused.compiled_network import Floats
from pgpipe.fused.rows import Array
from pgpipe.trajectories import Trajectories

if TYPE_CHECKING:
    from pgpipe.fused.recording import FusedRecording


class FusedBatch:
    """One agent's trajectories (N, T), with its steps in the order in which they were taken."""

    def __init__(self, recording: "FusedRecording", episodes: kernel.Episodes, written: int) -> None:
        self.recording, self.written = recording, written
        rows, steps = recording.rows, recording.steps
        self.places = [of[:written].copy() for of in (steps.episode, steps.when)]
        N = len(episodes.length)
        if enough := rows.rule[kernel.STEPS]:
            N = int(np.searchsorted(episodes.length.cumsum(), enough)) + 1
        T, E, dtype = int(episodes.length[:N].max()), rows.n_sigma, rows.dtype
        obs, rewards = (np.zeros((N, T, *of), dtype) for of in (episodes.final_obs.shape[1:], ()))
        mask, numbers = np.zeros((N, T), bool), np.zeros((N, T, E), dtype)
        choices = np.zeros((0 if E else N, T), np.int64)
        kernel.lay_out(steps, written, N, obs, choices, numbers, rewards, mask)
        ends = (episodes.terminated[:N].copy(), episodes.truncated[:N].copy())
        arrays = (
            obs, numbers if E else choices, rewards, mask, *ends, episodes.final_obs[:N].astype(dtype)
        )  # fmt: skip
        group = recording.episodes.group
        groups = [] if group == 1 else [torch.arange(N) // group]
        self.trajectories = Trajectories(*(torch.from_numpy(array) for array in arrays), *groups)

    def scores(self, theta: Tensor, weights: Tensor, bonus: float) -> Array:
        """Σ w ∇log π + β ∇H over the batch, at the θ (P,) that acted, weights (N, T).  -> (P,)."""
        if self.recording.holds(self):
            return self._summed(theta, weights, bonus, self.recording.steps, *self.recording.tape_of_latest())
        return self._summed(theta, weights, bonus, self.steps, self.recording.again, False)

    def scores_elsewhere(self, theta: Tensor, weights: Tensor) -> Array:
        """Σ w ∇log π over the batch, at any θ (P,), weights (N, T).  -> (P,)."""
        return self._summed(theta, weights, 0.0, self.steps, self.recording.again, False)

    def log_probs(self, theta: Tensor) -> Tensor:
        """log π_θ(a_{i,t}|s_{i,t}), zero on padding.  theta (P,) -> (N, T), in double precision."""
        self.recording.rows.read(theta)
        found = np.zeros(self.trajectories.mask.shape)
        self.recording.rows.log_probs(self.steps, self.written, self.recording.again, found)
        return torch.from_numpy(found)

    @cached_property
    def steps(self) -> kernel.Steps:
        """Those of the batch's episodes, zeros for others, when their room has been written over."""
        of, (episode, when) = self.trajectories, self.places
        steps = self.recording.rows.steps(self.written)
        for part in steps:
            part.fill(0)
        steps.episode[:], steps.when[:] = episode, when
        counts = episode < len(of.mask)
        place = episode[counts], when[counts]
        steps.obs[counts] = of.obs.numpy()[place]
        taken = steps.choices if len(steps.choices) else steps.numbers
        taken[counts] = of.actions.numpy()[place]
        return steps

    def _summed(
        self, theta: Tensor, weights: Tensor, bonus: float, steps: kernel.Steps, tape: Floats, kept: bool
    ) -> Array:
        if weights.shape != (shape := self.trajectories.mask.shape):
            raise ValueError(f"weights: {tuple(weights.shape)}, not (N, T) = {tuple(shape)}")
        self.recording.rows.read(theta)
        credit = np.ascontiguousarray(weights.detach().numpy(), self.recording.rows.dtype)
        return self.recording.rows.scores(steps, self.written, tape, kept, credit, bonus)
