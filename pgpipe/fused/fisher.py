"""The Fisher matrix of a batch as what it does to a vector, and the KL divergence that it bends, compiled."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.errors import fits
from pgpipe.fused.compiled import compiled
from pgpipe.fused.functions import exponentials, log_softmax
from pgpipe.fused.gradient import AT_A_TIME, SUMMED
from pgpipe.fused.layout import TO, aligned
from pgpipe.fused.network import along, backward, forward, see, spread
from pgpipe.fused.policy import FusedPolicy, KnownPolicy


class FusedFisher:
    """What `pgpipe.natural.fisher.Fisher` computes, for a policy that the compiled code knows."""

    def __init__(self, policy: KnownPolicy, theta: Tensor, obs: Tensor) -> None:
        self.room, self.obs = _room(policy), np.ascontiguousarray(obs.numpy(), np.float32)
        network = self.room.network
        fits("obs", obs.shape, (len(obs), policy.widths[0]))
        self.sigma = self.room.read_network(theta)
        self.weights, self.back = network.weights.copy(), network.back.copy()
        self.tape = aligned(len(obs) + 4, network.layout.step)
        _write(network.layers, network.weights, self.obs, self.tape)

    def __call__(self, vector: NDArray[np.floating]) -> NDArray[np.float32]:
        """F v.  (P,) -> (P,)."""
        room, network = self.room, self.room.network
        fits("vector", vector.shape, (room.policy.n_parameters,))
        v, total = vector.astype(np.float32), np.zeros_like(network.weights)
        spread(network.layers, v, room.change, room.unused)
        _add_product(
            room.choices, network.layers, self.weights, self.back, room.change, self.sigma, self.tape,
            len(self.obs), network.room, total,
        )  # fmt: skip
        product = 2 * np.float32(len(self.obs)) * v  # as log σ has it; the network's own is written over it
        network.flat(total, product)
        return product / np.float32(len(self.obs))

    def kl(self, other: Tensor) -> float:
        """(1/S) Σ_s KL(π_θ(·|s) ‖ π_θ'(·|s)).  (P,)."""
        room, network = self.room, self.room.network
        sigma = room.read_network(other)
        total = _total_kl(
            room.choices, network.layers, network.weights, self.sigma, sigma, self.obs, self.tape, room.again,
            network.room.powers, room.powers,
        )  # fmt: skip
        return float(total / len(self.obs))


class _Room(FusedPolicy):
    """What all batches of a policy are computed with, one after the other."""

    def __init__(self, policy: KnownPolicy) -> None:
        super().__init__(policy)
        network = self.network
        self.change, self.unused = np.zeros_like(network.weights), np.zeros_like(network.back)
        self.again, self.powers = aligned(AT_A_TIME, network.layout.step), np.zeros_like(network.room.powers)


_room = cache(_Room)


@compiled
def _write(layers, weights, obs, tape):
    """The tape of all states."""
    for start in range(0, len(obs), AT_A_TIME):
        rows = min(AT_A_TIME, len(obs) - start)
        see(obs[start:], tape[start:], rows)
        forward(layers, weights, tape[start:], rows)


@compiled
def _add_product(choices, layers, weights, back, change, sigma, tape, states, room, total):
    """Add Σ_s F_s v to total, as weights lie, for a v that lies so in `change`.

    By the output that is π (d - πᵀd), or d / σ², where d is its derivative along v.
    """
    place, powers = layers[-1, TO], room.powers
    for start in range(0, states, AT_A_TIME):
        rows = min(AT_A_TIME, states - start)
        now = tape[start:]
        d, free = along(layers, weights, change, now, room.deltas[0], room.deltas[1], rows)
        if choices:
            exponentials(now, place, choices, rows, powers)
        for r in range(rows):
            sum_of_powers, mean = np.float32(0), np.float32(0)
            for j in range(choices):
                sum_of_powers += powers[0, j, r]
                mean += powers[0, j, r] * d[r, j]
            mean /= sum_of_powers
            for j in range(choices):
                d[r, j] = powers[0, j, r] / sum_of_powers * (d[r, j] - mean)
            for e in range(len(sigma)):
                d[r, e] /= sigma[e] * sigma[e]
        backward(layers, back, now, d, free, rows, room.sums)
        if (start // AT_A_TIME) % SUMMED == SUMMED - 1 or start + rows == states:
            total += room.sums
            room.sums[:] = 0


@compiled
def _total_kl(choices, layers, others, sigma, wide, obs, tape, again, powers, other_powers):
    """Σ_s KL(π_θ(·|s) ‖ π_θ'(·|s)), θ' by its weights and its σ, `wide`."""
    place, total = layers[-1, TO], 0.0
    for start in range(0, len(obs), AT_A_TIME):
        rows = min(AT_A_TIME, len(obs) - start)
        now = tape[start:]
        see(obs[start:], again, rows)
        forward(layers, others, again, rows)
        if choices:
            log_softmax(now, place, choices, rows, powers)
            log_softmax(again, place, choices, rows, other_powers)
        for r in range(rows):
            for j in range(choices):
                total += powers[0, j, r] * (powers[1, j, r] - other_powers[1, j, r])
            for e in range(len(sigma)):
                ratio = np.float64(sigma[e]) / wide[e]
                z = np.float64(now[r, place + e] - again[r, place + e]) / wide[e]
                total += 0.5 * (ratio * ratio + z * z - 1) - np.log(ratio)
    return total
