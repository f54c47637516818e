"""A value function that is learned along with the policy, by a network for every agent."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from pgpipe import compiler, network
from pgpipe.discounting import tail_sums
from pgpipe.network import Array
from pgpipe.policies.policy import summed
from pgpipe.training.optimisers import Adam
from pgpipe.training.spec import ValueNetworkSpec
from pgpipe.trajectories import Trajectories

if TYPE_CHECKING:
    from pgpipe.fused.compiled_network import CompiledRegression

# Steps that are computed with at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 1_024


class ValueNetwork:
    """V(s) = μ + σ f_φ(s), a tanh network f for each of A agents; μ, σ mean and spread of its latest targets.

    It is fitted on a batch only after that batch's gradient was estimated with it: a V that has seen the
    rewards of the steps it corrects would take part of the gradient away.
    """

    def __init__(self, spec: ValueNetworkSpec, n_obs: int, streams: Sequence[np.random.Generator]) -> None:
        widths = (n_obs, *spec["hidden"], 1)
        self.network = regression(widths)
        start = np.stack([network.initial(widths, rng) for rng in streams])
        self.phi = torch.as_tensor(start, dtype=torch.float32)
        self.scale = torch.tensor([[0.0, 1.0]]).repeat(len(streams), 1)  # (A, 2): μ, σ
        self.optimiser = Adam(self.phi, spec["learning_rate"])
        self.gradient_steps = spec["gradient_steps"]

    def values(self, agent: int, trajectories: Trajectories) -> Tensor:
        """V of every observation, zero where nothing follows.  (N, T, D) -> (N, T+1)."""
        center, spread = self.scale[agent]
        follows = trajectories.has_value
        obs = trajectories.all_obs[follows].float().numpy()
        values = torch.zeros(follows.shape, dtype=trajectories.rewards.dtype)
        outputs = torch.from_numpy(self.network.outputs(self.phi[agent].numpy(), obs))
        values[follows] = (center + spread * outputs).to(values.dtype)
        return values

    def fit(self, batches: Sequence[Trajectories], gamma: float) -> None:
        """Steps down the mean squared error to the rewards to go, agent i's on its batch (N, T)."""
        obs, targets = [], []
        for agent, batch in enumerate(batches):
            to_go = tail_sums(batch.rewards, gamma)[batch.mask].float()
            self.scale[agent] = torch.stack([to_go.mean(), to_go.std(correction=0).clamp(min=1e-6)])
            targets.append(((to_go - self.scale[agent, 0]) / self.scale[agent, 1]).numpy())
            obs.append(batch.obs[batch.mask].float().numpy())
        for _ in range(self.gradient_steps):
            gradient = np.stack(
                [
                    self.network.ascent(phi.numpy(), *of)
                    for phi, *of in zip(self.phi, obs, targets, strict=True)
                ]
            )
            self.phi = self.optimiser.step(self.phi, torch.from_numpy(gradient))


class PlainRegression:
    """A tanh network with one output, and steps down its squared error, in numpy."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        self.widths = widths

    def outputs(self, phi: Array, obs: Array) -> Array:
        """f(s).  (P,), (S, D) -> (S,)."""
        return self._tape(network.matrices(self.widths, phi), obs)[-1][..., 0]

    def ascent(self, phi: Array, obs: Array, targets: Array) -> Array:
        """-∇ of half the mean squared error.  (P,), (S, D), (S,) -> (P,)."""
        layers, total = network.matrices(self.widths, phi), np.zeros_like(phi)
        for start in range(0, len(obs), STEPS_AT_A_TIME):
            some = slice(start, start + STEPS_AT_A_TIME)
            tape = self._tape(layers, obs[some])
            error = targets[some, None] - tape[-1]
            total += summed(network.factors(layers, tape, error))
        return total / len(obs)

    def _tape(self, layers: Sequence[Array], obs: Array) -> list[Array]:
        tape = network.tape(self.widths, obs.shape[:-1], obs.dtype)
        tape[0][..., :-1] = obs
        network.forward(layers, tape)
        return tape


def regression(widths: tuple[int, ...]) -> "PlainRegression | CompiledRegression":
    """By the compiled code where numba is installed."""
    if compiler.COMPILES:
        from pgpipe.fused.compiled_network import CompiledRegression  # numba takes a while

        return CompiledRegression(widths)
    return PlainRegression(widths)
