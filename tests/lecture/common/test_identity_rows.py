"""Sums of terms that have mean zero whatever came before: how far off is off."""

import numpy as np
import pytest
import torch

from pgpipe.lecture.common.identity_rows import martingale_row

N, REPETITIONS = 400, 20_000
RARE = 0.02  # probability of the rare action, whose score is large


def sums(scores, weights, off=0.0):
    """S, V and R of many repetitions of Σ w (score + off): scores and weights (REPETITIONS, N)."""
    terms = weights * (scores + off)
    return torch.from_numpy(terms.sum(1)), torch.from_numpy(np.abs(terms).max(1)), terms


def rare_scores(rng):
    """1 - p of a rare action, -p of the other: mean zero, variance p(1 - p)."""
    return (rng.random((REPETITIONS, N)) < RARE) - RARE


@pytest.mark.parametrize("tail", [1.5, 3.0])
def test_heavy_tails_and_rare_actions_are_not_taken_for_mistakes(tail):
    """A fifth part in ten thousand goes beyond z = 3.7; standard errors of the samples go there far too often."""
    rng = np.random.default_rng(0)
    weights, scores = rng.pareto(tail, (REPETITIONS, N)), rare_scores(rng)
    S, R, terms = sums(scores, weights)
    V = torch.from_numpy((weights**2).sum(1) * RARE * (1 - RARE))
    rows = [martingale_row("E16", "", *parts, N)[0] for parts in zip(S, V, R, strict=True)]
    beyond = sum(row["value"] > 3.7 for row in rows)
    naive = np.abs(terms.mean(1)) / (terms.std(1) / N**0.5)
    assert beyond <= 12  # 4.3 of 20,000 if normal
    assert (naive > 3.7).sum() > 100


def test_a_mean_that_is_not_zero_is_seen():
    rng = np.random.default_rng(0)
    scores, weights = rare_scores(rng)[:100], 1 + rng.pareto(3.0, (100, N))
    S, R, _ = sums(scores, weights, off=0.1)
    V = torch.from_numpy((weights**2).sum(1) * RARE * (1 - RARE))
    assert all(martingale_row("E16", "", *parts, N)[0]["value"] > 4 for parts in zip(S, V, R, strict=True))


def test_sums_without_variance_are_left_out():
    S, V, R = torch.tensor([[1.0, 0.0], [2.0, 0.0], [2.0, 0.0]])
    (row,) = martingale_row("E16", "mean", S, V, R, N)
    assert row["comparisons"] == 1
    assert row["value"] == pytest.approx(1 / (2 + 2 / 3) ** 0.5)
    assert martingale_row("E16", "mean", S[1:], V[1:], R[1:], N) == []
