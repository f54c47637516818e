"""What constants do to the variance of the total return, exactly: none, the mean, the best one (C10)."""

import numpy as np

from pgpipe.oracles.outcomes import Floats, Outcomes

# Of a variance: below it, a difference of equal numbers.
ROUNDING = 1e-12


def best_constants(outcomes: Outcomes, gamma: float) -> Floats:
    """b = E[g² r]/E[g²] for each component g of ∇log p_θ(τ); zero where g always is.  -> (P,).  E21."""
    g, r = _scores_and_returns(outcomes, gamma)
    square = outcomes.mean(g**2)
    return np.divide(outcomes.mean(g**2 * r), square, out=np.zeros_like(square), where=square > 0)


def variance_with_constant(outcomes: Outcomes, gamma: float, b: Floats | float) -> float:
    """tr Cov of ∇log p_θ(τ) (r - b), which is N tr Cov ĝ, for one b, or one for each parameter (P,)."""
    g, r = _scores_and_returns(outcomes, gamma)
    each = g * (r - b)
    return float(outcomes.covariance(each, each).sum())


def reduction(outcomes: Outcomes, gamma: float) -> dict[str, float]:
    """A row of `gradient_reduction.csv`: total variances V, and what a mean takes off them.

    `possible` is 1 - V_optimal/V_none, `achieved` 1 - V_mean/V_none, `share` the second of the first.
    The mean is E[r] itself: that of N - 1 other trajectories adds its own noise, of order 1/N.
    """
    _, r = _scores_and_returns(outcomes, gamma)
    mean = outcomes.mean(r).item()
    none, with_mean, optimal = (
        variance_with_constant(outcomes, gamma, b) for b in (0.0, mean, best_constants(outcomes, gamma))
    )
    optimal = optimal if optimal > ROUNDING * max(none, with_mean) else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        possible, achieved = 1 - np.float64(optimal) / none, 1 - np.float64(with_mean) / none
        shares = {"possible": possible, "achieved": achieved, "share": achieved / possible}
    return {"none": none, "mean": with_mean, "optimal": optimal, **{k: float(v) for k, v in shares.items()}}


def _scores_and_returns(outcomes: Outcomes, gamma: float) -> tuple[Floats, Floats]:
    """g = ∇log p_θ(τ), (M, P), and the discounted return, (M, 1)."""
    discounts = gamma ** np.arange(outcomes.rewards.shape[1])
    return outcomes.scores.sum(1), (outcomes.rewards @ discounts)[:, None]
