"""The gradient of a batch from the tape of its steps, compiled."""

import numpy as np

from pgpipe.fused.compiled import compiled, inlined
from pgpipe.fused.functions import exp32
from pgpipe.fused.layout import OUT, TO
from pgpipe.fused.network import backward

AT_A_TIME = 64  # steps, so that what is computed with lies in the innermost cache
SUMMED = 16  # times so many, after which sums in single precision start anew


@inlined
def _by_logits(output, n, action, credit, bonus, delta):  # type: ignore[no-untyped-def]
    """w (1[a] - π) - β π (log π + H)."""
    most = output[0]
    for j in range(1, n):
        most = output[j] if output[j] > most else most
    total = np.float32(0)
    for j in range(n):
        delta[j] = exp32(output[j] - most)
        total += delta[j]
    entropy = np.float32(0)
    if bonus:
        for j in range(n):
            entropy -= delta[j] / total * (output[j] - most - np.log(total))
    for j in range(n):
        pi = delta[j] / total
        delta[j] = credit * ((np.float32(1) if j == action else np.float32(0)) - pi)
        if bonus:
            delta[j] -= bonus * pi * (output[j] - most - np.log(total) + entropy)


@inlined
def _by_mean(output, action, sigma, credit, bonus, delta, by_sigma):  # type: ignore[no-untyped-def]
    """w z / σ, and by log σ w (z² - 1) + β, with z = (a - f) / σ."""
    for e in range(len(sigma)):
        z = (action[e] - output[e]) / sigma[e]
        delta[e] = credit * z / sigma[e]
        by_sigma[e] += credit * (z * z - 1) + bonus


@compiled
def add_gradient(choices, layers, back, sigma, steps, written, n, credit, bonus, room, total, by_sigma):  # type: ignore[no-untyped-def]
    """Σ w ∇log π + β ∇H over the steps of the first n episodes, added to total, as the weights lie, and by_sigma.

    credit (N, T); room: deltas twice, (2, ·, widest), and sums, as the weights lie.
    """
    deltas, sums = room
    place = layers[-1, TO]
    for start in range(0, written, AT_A_TIME):
        rows = min(AT_A_TIME, written - start)
        deltas[0, :rows, : layers[-1, OUT]] = 0
        for r in range(rows):
            s = start + r
            i = steps.episode[s]
            if i >= n:
                continue
            w, output, delta = credit[i, steps.when[s]], steps.tape[s, place:], deltas[0, r]
            if choices:
                _by_logits(output, choices, steps.choices[s], w, bonus, delta)
            else:
                _by_mean(output, steps.numbers[s], sigma, w, bonus, delta, by_sigma)
        backward(layers, back, steps.tape[start:], deltas[0], deltas[1], rows, sums)
        if (start // AT_A_TIME) % SUMMED == SUMMED - 1 or start + rows == written:
            total += sums
            sums[:] = 0
