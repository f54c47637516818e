"""The weights of whole trajectories by horizon: distribution, moments, and what they leave of a sample."""

from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pgpipe.lecture.off_policy.problem import Problem, Target
from pgpipe.statistics import mean_interval

# Below this share of its samples a weighted mean speaks for too few of them.
LEAST_SHARE = 0.1

Warning_ = Literal["", "infinite second moment", "effective sample size under 10 %"]

# Shares of the distribution of log-weights that the table names.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTILE_NAMES = tuple(f"log_q{round(100 * share):02d}" for share in QUANTILES)


def weight_rows(problem: Problem, target: Target, log_ratios: Tensor) -> pd.DataFrame:
    """Rows of `off_policy_weights.csv`: the product of the first t ratios, for some t up to the longest.

    An episode that is over keeps its weight. The interval of the second moment takes E[w⁴] < ∞, and is left
    out where the oracle denies it.
    """
    log_weights = log_ratios.cumsum(-1)  # (N, T)
    T = log_weights.shape[1]
    exact = {
        n: problem.ask("weight_moments", target.theta, n) if problem.known else np.full(T, np.nan)
        for n in (2, 4)
    }
    kl = problem.kl(target.theta, log_ratios)
    rows = [
        {"horizon": t, "exact_second_moment": exact[2][t - 1], "exact_fourth_moment": exact[4][t - 1]}
        | describe(log_weights[:, t - 1], exact[2][t - 1], exact[4][t - 1])
        for t in horizons(T)
    ]
    return pd.DataFrame(rows).assign(direction=target.direction, distance=target.distance, kl=kl)


def horizons(longest: int) -> list[int]:
    """Some dozen numbers of steps from 1 to the longest, evenly spaced in their logarithm."""
    return sorted({round(t) for t in np.geomspace(1, longest, 14)})


def describe(log_weights: Tensor, second: float, fourth: float) -> dict[str, Any]:
    """Distribution, mean, second moment and effective sample size of weights (N,)."""
    weights = log_weights.exp().numpy()
    quantiles = torch.quantile(log_weights, torch.tensor(QUANTILES, dtype=log_weights.dtype)).tolist()
    squares = mean_interval(weights**2)
    # a sample moment has an interval only if twice its order has a moment
    squares = squares if np.isfinite(fourth) or np.isnan(fourth) else squares.without_bounds()
    mean = mean_interval(weights)
    mean = mean if second != np.inf else mean.without_bounds()
    share = effective_share(log_weights)
    return {
        **dict(zip(QUANTILE_NAMES, quantiles, strict=True)),
        **mean.columns("mean"),
        "above_one": float((weights > 1 + 1e-9).mean()),
        **squares.columns("second_moment"),
        "effective_share": share,
        "largest_share": float((log_weights.max() - log_weights.logsumexp(0)).exp()),
        "n": len(weights),
        "warning": warning(None if np.isnan(second) else second, share),
    }


def effective_share(log_weights: Tensor) -> float:
    """(Σ w)² / (N Σ w²), the effective sample size as a share of the N samples, in logarithms.  (N,)."""
    n = len(log_weights)
    log_share = 2 * log_weights.logsumexp(0) - (2 * log_weights).logsumexp(0)
    return float(log_share.exp()) / n


def warning(exact_moment: float | None, share: float) -> Warning_:
    """What to say of a mean with these weights."""
    if exact_moment == np.inf:
        return "infinite second moment"
    return "effective sample size under 10 %" if share < LEAST_SHARE else ""
