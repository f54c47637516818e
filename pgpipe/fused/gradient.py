"""The gradient of a batch from the tape of its steps, compiled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pgpipe.fused.compiled import compiled
from pgpipe.fused.functions import exponentials, log_softmax
from pgpipe.fused.layout import OUT, TO
from pgpipe.fused.network import backward, forward, see

AT_A_TIME = 64  # steps, so that what is computed with lies in the innermost cache
SUMMED = 16  # times so many, after which sums in single precision start anew


class Room(NamedTuple):
    """What is computed with for so many steps."""

    deltas: NDArray[np.float32]  # (2, ·, widest)
    powers: NDArray[np.float32]  # (2, n, ·)
    weights: NDArray[np.float32]  # (4, ·): w, β, and two sums
    sums: NDArray[np.float32]  # as the weights lie


@compiled
def _by_logits(n, rows, first, choices, room):
    """w (1[a] - π) - β π (log π + H)."""
    powers, delta = room.powers, room.deltas[0]
    w, beta, total, entropy = room.weights[0], room.weights[1], room.weights[2], room.weights[3]
    for r in range(rows):
        total[r] = entropy[r] = 0
    for j in range(n):
        power = powers[0, j]
        for r in range(rows):
            total[r] += power[r]
    for j in range(n):
        power = powers[0, j]
        for r in range(rows):
            power[r] /= total[r]
    for r in range(rows):
        if beta[r] != 0:
            log_total = np.float32(np.log(total[r]))
            for j in range(n):
                powers[1, j, r] -= log_total
                entropy[r] -= powers[0, j, r] * powers[1, j, r]
        for j in range(n):
            pi = powers[0, j, r]
            delta[r, j] = w[r] * (np.float32(choices[first + r] == j) - pi)
            if beta[r] != 0:
                delta[r, j] -= beta[r] * pi * (powers[1, j, r] + entropy[r])


@compiled
def _by_mean(rows, steps, first, tape, place, sigma, n, room, by_sigma):
    """w z / σ, and by log σ w (z² - 1) + β, z = (a - f) / σ. A step that does not count may have z² = ∞."""
    w, beta, delta = room.weights[0], room.weights[1], room.deltas[0]
    for r in range(rows):
        if steps.episode[first + r] >= n:
            continue
        for e in range(len(sigma)):
            z = (steps.numbers[first + r, e] - tape[r, place + e]) / sigma[e]
            delta[r, e] = w[r] * z / sigma[e]
            by_sigma[e] += w[r] * (z * z - np.float32(1)) + beta[r]


@compiled
def add_gradient(
    choices, layers, weights, back, sigma, steps, tape, kept, written, n, credit, bonus, room, total, by_sigma
):
    """Add Σ w ∇log π + β ∇H over the steps of the first n episodes to total, as weights lie, and by_sigma.

    w stands in credit (N, T). Where the tape was not kept, it is written again: the same, bit for bit.
    """
    place, out = layers[-1, TO], layers[-1, OUT]
    for start in range(0, written, AT_A_TIME):
        rows = min(AT_A_TIME, written - start)
        room.deltas[0, :rows, :out] = 0
        for r in range(rows):
            i = steps.episode[start + r]
            room.weights[0, r] = credit[i, steps.when[start + r]] if i < n else np.float32(0)
            room.weights[1, r] = bonus if i < n else np.float32(0)
        now = tape[start if kept else 0 :]
        if not kept:
            see(steps.obs[start:], now, rows)
            forward(layers, weights, now, rows)
        if choices:
            exponentials(now, place, choices, rows, room.powers)
            _by_logits(choices, rows, start, steps.choices, room)
        else:
            _by_mean(rows, steps, start, now, place, sigma, n, room, by_sigma)
        backward(layers, back, now, room.deltas[0], room.deltas[1], rows, room.sums)
        if (start // AT_A_TIME) % SUMMED == SUMMED - 1 or start + rows == written:
            total += room.sums
            room.sums[:] = 0


@compiled
def log_probs(choices, layers, weights, sigma, steps, tape, written, powers, found):
    """log π(a|s) of the steps of the first N episodes, in their places in found (N, T)."""
    place = layers[-1, TO]
    for start in range(0, written, AT_A_TIME):
        rows = min(AT_A_TIME, written - start)
        see(steps.obs[start:], tape, rows)
        forward(layers, weights, tape, rows)
        if choices:
            log_softmax(tape, place, choices, rows, powers)
        for r in range(rows):
            i, t = steps.episode[start + r], steps.when[start + r]
            if i >= len(found):
                continue
            if choices:
                found[i, t] = powers[1, steps.choices[start + r], r]
            for e in range(len(sigma)):
                z = (steps.numbers[start + r, e] - tape[r, place + e]) / sigma[e]
                found[i, t] -= 0.5 * z * z + np.log(sigma[e]) + 0.5 * np.log(2 * np.pi)


@compiled
def outputs(layers, weights, obs, tape, values):
    """The one output of a network for every observation.  (S, D) -> (S,)."""
    place = layers[-1, TO]
    for start in range(0, len(obs), AT_A_TIME):
        rows = min(AT_A_TIME, len(obs) - start)
        see(obs[start:], tape, rows)
        forward(layers, weights, tape, rows)
        for r in range(rows):
            values[start + r] = tape[r, place]


@compiled
def add_ascent(layers, weights, back, obs, targets, tape, room, total):
    """Add -∇ of half the sum of squared errors of a network's one output to total.  (S, D), (S,)."""
    place, out = layers[-1, TO], layers[-1, OUT]
    for start in range(0, len(obs), AT_A_TIME):
        rows = min(AT_A_TIME, len(obs) - start)
        see(obs[start:], tape, rows)
        forward(layers, weights, tape, rows)
        room.deltas[0, :rows, :out] = 0
        for r in range(rows):
            room.deltas[0, r, 0] = targets[start + r] - tape[r, place]
        backward(layers, back, tape, room.deltas[0], room.deltas[1], rows, room.sums)
        if (start // AT_A_TIME) % SUMMED == SUMMED - 1 or start + rows == len(obs):
            total += room.sums
            room.sums[:] = 0
