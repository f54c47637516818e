"""What one agent did, of a compiled recording: its batch, and sums over the steps that made it."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from pgpipe.fused import kernel
from pgpipe.fused.compiled_network import Floats
from pgpipe.fused.gradient import add_gradient, log_probs
from pgpipe.trajectories import Trajectories

if TYPE_CHECKING:
    from pgpipe.fused.recording import FusedRecording


class FusedBatch:
    """One agent's trajectories (N, T), with its steps."""

    def __init__(
        self, recording: "FusedRecording", steps: kernel.Steps, episodes: kernel.Episodes, written: int
    ) -> None:
        self.recording, self.steps, self.written = recording, steps, written
        rows = recording.rows
        N = len(episodes.length)
        if enough := rows.rule[kernel.STEPS]:
            N = int(np.searchsorted(episodes.length.cumsum(), enough)) + 1
        T, E = int(episodes.length[:N].max()), rows.n_sigma
        obs, rewards = (np.zeros((N, T, *of), np.float32) for of in (episodes.final_obs.shape[1:], ()))
        mask, numbers = np.zeros((N, T), bool), np.zeros((N, T, E), np.float32)
        choices = np.zeros((0 if E else N, T), np.int64)
        kernel.lay_out(steps, written, N, obs, choices, numbers, rewards, mask)
        ends = (episodes.terminated, episodes.truncated, episodes.final_obs)
        arrays = (obs, numbers if E else choices, rewards, mask, *(of[:N].copy() for of in ends))
        group = recording.episodes.group
        self.trajectories = Trajectories(
            *(torch.from_numpy(array) for array in arrays),
            group=None if group == 1 else torch.arange(N) // group,
        )

    def scores(self, theta: Tensor, weights: Tensor, bonus: float) -> Floats:
        """Σ w ∇log π + β ∇H over the batch, at the θ (P,) that acted, weights (N, T).  -> (P,)."""
        return self._summed(theta, weights, bonus, *self.recording.tape_of(self))

    def scores_elsewhere(self, theta: Tensor, weights: Tensor) -> Floats:
        """Σ w ∇log π over the batch, at any θ (P,), weights (N, T).  -> (P,)."""
        return self._summed(theta, weights, 0.0, self.recording.again, False)

    def log_probs(self, theta: Tensor) -> Tensor:
        """log π_θ(a_{i,t}|s_{i,t}), zero on padding.  theta (P,) -> (N, T), in double precision."""
        rows, network = self.recording.rows, self.recording.rows.network
        found = np.zeros(self.trajectories.mask.shape)
        log_probs(
            rows.choices, network.layers, network.weights, rows.read(theta), self.steps,
            self.recording.again, self.written, network.room.powers, found,
        )  # fmt: skip
        return torch.from_numpy(found)

    def _summed(self, theta: Tensor, weights: Tensor, bonus: float, tape: Floats, kept: bool) -> Floats:
        rows, network = self.recording.rows, self.recording.rows.network
        sigma, total = rows.read(theta), np.zeros_like(network.weights)
        gradient = np.zeros(len(theta), np.float32)
        credit = np.ascontiguousarray(weights.numpy(), np.float32)
        add_gradient(
            rows.choices, network.layers, network.weights, network.back, sigma, self.steps, tape, kept,
            self.written, len(credit), credit, np.float32(bonus), network.room, total,
            gradient[len(gradient) - rows.n_sigma :],
        )  # fmt: skip
        network.flat(total, gradient)
        return gradient
