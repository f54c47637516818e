"""What a group's baseline makes of E ĝ where a trajectory earns 1 or 0, exactly, for groups of any size.

G trajectories from one start, each right with probability p; K ~ Bin(G, p) of them are. A right one has the
advantage A₁(K), a wrong one A₀(K), and E[g|right] = ∇p/p, E[g|wrong] = -∇p/(1-p) for its sum of scores g.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]
Advantages = Callable[[Floats, int], tuple[Floats, Floats]]  # of a right and a wrong one, by K of G


class GroupMoments(NamedTuple):
    """E ĝ and G Var ĝ of one group, (P,) each."""

    mean: Floats
    variance: Floats


def leave_one_out(K: Floats, G: int) -> tuple[Floats, Floats]:
    """1 - (K-1)/(G-1) and -K/(G-1): the mean of the others subtracted (RLOO, E43)."""
    return 1 - (K - 1) / (G - 1), -K / (G - 1)


def own_mean(K: Floats, G: int) -> tuple[Floats, Floats]:
    """1 - K/G and -K/G: the mean of all subtracted."""
    return 1 - K / G, -K / G


def normalized(K: Floats, G: int) -> tuple[Floats, Floats]:
    """√((G-K)/K) and -√(K/(G-K)): divided by √(K(G-K))/G, too, and 0 where all are alike (GRPO, E44)."""
    mixed = (K > 0) & (K < G)
    odds = np.sqrt(np.divide(G - K, K, out=np.ones_like(K), where=mixed))
    return np.where(mixed, odds, 0.0), np.where(mixed, -1 / odds, 0.0)


FORMS: Mapping[str, Advantages] = {
    "leave_one_out": leave_one_out,
    "own_mean": own_mean,
    "normalized": normalized,
}


def ratio(form: str, G: int, p: float) -> float:
    """E ĝ / ∇p = E[K A₁(K)/p - (G-K) A₀(K)/(1-p)]/G: 1, 1 - 1/G, or c_G(p) = E√(K(G-K))/(G p(1-p)) (E45)."""
    K = np.arange(G + 1.0)
    right, wrong = FORMS[form](K, G)
    return float(binom.pmf(K, G, p) @ (K * right / p - (G - K) * wrong / (1 - p))) / G


def ratio_limit(p: float) -> float:
    """c_∞(p) = 1/√(p(1-p)): ascent on 2 arcsin √p."""
    return float((p * (1 - p)) ** -0.5)


def group_moments(outcomes: Outcomes, form: str, G: int) -> GroupMoments:
    """Mean and variance of the mean over a group from one start that `outcomes` lists, whatever their number.

    With g_r, S_r mean and mean square of g among those that earn r, and K given,

        E[(G ĝ)²|K] = K A₁² S₁ + (G-K) A₀² S₀ + K(K-1) A₁² g₁² + (G-K)(G-K-1) A₀² g₀² + 2K(G-K) A₁A₀ g₁g₀.

    Raises `ValueError` where a trajectory earns anything but 0 or 1.
    """
    g, r = outcomes.scores.sum(1), outcomes.rewards.sum(1)
    if not np.isin(r, (0.0, 1.0)).all():
        raise ValueError(f"returns: found {np.setdiff1d(r, (0.0, 1.0))[0]}; allowed: 0, 1")
    p = float(outcomes.mean(r))
    K = np.arange(G + 1.0)[:, None]
    A1, A0 = (x.reshape(-1, 1) for x in FORMS[form](K[:, 0], G))
    (g1, S1), (g0, S0) = (
        (outcomes.mean(g * of[:, None]) / chance, outcomes.mean(g**2 * of[:, None]) / chance)
        for of, chance in ((r, p), (1 - r, 1 - p))
    )
    mean = K * A1 * g1 + (G - K) * A0 * g0  # of G ĝ, given K
    square = K * A1**2 * (S1 - g1**2) + (G - K) * A0**2 * (S0 - g0**2) + mean**2
    chances = binom.pmf(K[:, 0], G, p)
    total: Floats = chances @ mean / G
    return GroupMoments(total, chances @ square / G - G * total**2)


def batch_moments(outcomes: Outcomes, form: str, G: int) -> GroupMoments:
    """E ĝ and N Var ĝ of batches of such groups, each from a start drawn anew.  (P,) each.

    Where the starts' p differ, a form whose ratio depends on p turns E ĝ: its length is not all that changes.
    """
    parts = [(chance, *group_moments(of_start, form, G)) for chance, of_start, _ in outcomes.by_start()]
    chances, means, variances = (np.array(x) for x in zip(*parts, strict=True))
    mean: Floats = chances @ means
    return GroupMoments(mean, chances @ variances + G * (chances @ (means - mean) ** 2))
