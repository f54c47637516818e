"""Where a curve of scores over the learning rate is good, and between which learning rates (P14)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


class GoodRanges(NamedTuple):
    """The widest contiguous range of good learning rates on each of B curves: log₁₀ of its ends, (B,).

    An end is censored where the grid ends before the range does.
    """

    low: Floats
    high: Floats
    low_censored: Booleans
    high_censored: Booleans

    @property
    def width(self) -> Floats:
        """In decades; 0 where no learning rate is good.  (B,)."""
        return self.high - self.low


def good_ranges(log_rates: Floats, scores: Floats, good: float) -> GoodRanges:
    """Where the scores, joined by straight lines over log₁₀ α, are at least `good`.  (L,), (B, L)."""
    B, L = scores.shape
    is_good = np.zeros((B, L + 2), bool)  # nothing is good beyond the grid
    is_good[:, 1:-1] = scores >= good
    start = np.zeros(B)
    from_edge = np.zeros(B, bool)
    best = GoodRanges(np.zeros(B), np.zeros(B), np.zeros(B, bool), np.zeros(B, bool))
    for i in range(L):
        begins = is_good[:, i + 1] & ~is_good[:, i]
        start = np.where(begins, _passes(log_rates, scores, good, i, i - 1), start)
        from_edge = np.where(begins, i == 0, from_edge)
        end = _passes(log_rates, scores, good, i, i + 1)
        wider = is_good[:, i + 1] & ~is_good[:, i + 2] & (end - start > best.width)
        found = (start, end, from_edge, np.full(B, i == L - 1))
        best = GoodRanges(*(np.where(wider, new, old) for new, old in zip(found, best, strict=True)))
    return best


def _passes(log_rates: Floats, scores: Floats, good: float, inside: int, outside: int) -> Floats:
    """Where the line from a good rate to its neighbour outside passes `good`; the rate itself at an edge."""
    if not 0 <= outside < len(log_rates):
        return np.full(len(scores), log_rates[inside])
    drop = scores[:, inside] - scores[:, outside]
    share = np.divide(scores[:, inside] - good, drop, out=np.zeros(len(scores)), where=drop > 0)
    return log_rates[inside] + share * (log_rates[outside] - log_rates[inside])
