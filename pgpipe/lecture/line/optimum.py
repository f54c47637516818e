"""The best parameters on the line, exactly: by horizon, by discount, by what an action costs (C22)."""

from collections.abc import Sequence
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Floats = NDArray[np.float64]

HORIZONS = (2, 5, 10, 20, 50, inf)
# The lecture's reward is -s² - c a² with c = 1.
ACTION_COSTS = (1.0, 0.1, 0.01, 0.0)


def best_parameters(gammas: Sequence[float]) -> pd.DataFrame:
    """One row for each discount, horizon and cost c of an action in r = -s² - c a².

    Without noise J(k, σ = 0) = -m₀ (1 + c k²) Σ_t (γ(1+k)²)ᵗ, so neither the start's spread m₀ > 0 nor its
    shape decides the best k. `closed` is the best k that no horizon limits, -γP/(c + γP) with the fixed point
    P of the Riccati equation; `loss` is how much worse the lecture's k = -1 is, of J at the best k.
    """
    rows = []
    for gamma in dict.fromkeys(gammas):
        for horizon in HORIZONS:
            for cost in ACTION_COSTS:
                k = best_gain(gamma, horizon, cost)
                best, lectures = (loss(gain, gamma, horizon, cost) for gain in (k, -1.0))
                closed = riccati_gain(gamma, cost)
                rows.append((gamma, horizon, cost, k, closed, best, lectures, lectures / best - 1))
    names = ["gamma", "horizon", "action_cost", "k", "closed", "least", "at_minus_one", "loss"]
    return pd.DataFrame(rows, columns=names)


def loss(k: float, gamma: float, horizon: float, action_cost: float) -> float:
    """-J(k, 0)/m₀ = (1 + c k²) Σ_{t<T} (γ(1+k)²)ᵗ; infinite where walks do not settle."""
    rate = gamma * (1 + k) ** 2
    if horizon == inf:
        return (1 + action_cost * k**2) / (1 - rate) if rate < 1 else inf
    return (1 + action_cost * k**2) * float((rate ** np.arange(horizon)).sum())


def best_gain(gamma: float, horizon: float, action_cost: float) -> float:
    """The k between -1 and 0 at which `loss` is least; it has one minimum there.

    Raises `ArithmeticError`, with the reason, if the search for it does not converge.
    """
    found = minimize_scalar(
        lambda k: loss(k, gamma, horizon, action_cost), bounds=(-1, -1e-9), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    if not found.success:
        raise ArithmeticError(f"least loss at gamma={gamma}, horizon={horizon}: {found.message}")
    return float(found.x)


def riccati_gain(gamma: float, action_cost: float) -> float:
    """k = -γP/(c + γP) with P = 1 + c γP/(c + γP), the infinite horizon's.

    γ P² + (c(1 - γ) - γ) P - c = 0; without a cost P = 1 and k = -1.
    """
    b = action_cost * (1 - gamma) - gamma
    P = (-b + (b**2 + 4 * gamma * action_cost) ** 0.5) / (2 * gamma)
    return -gamma * P / (action_cost + gamma * P)
