"""Updates that it takes on the line to come within 1 % of the optimum, with the exact gradient (C24)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.line import objective_and_gradient, second_moments
from pgpipe.oracles.line_field import find_optimum, parameters
from pgpipe.policies.spread import sigma_of, slope_of

Floats = NDArray[np.float64]

# |J - J*| ≤ this share of |J*| is within reach of the optimum.
REACHED = 0.01
# Step sizes that are tried, of which the quickest counts: α of a rule, or ε of the KL bound.
SIZES = np.logspace(-4, 1, 26)
RULES = ("vanilla", "normalised", "vanilla to a KL bound", "natural", "natural to a KL bound")


def updates_needed(
    environment: LinearEnvironmentSpec, start_stds: Sequence[float], most: int, start: tuple[float, float]
) -> pd.DataFrame:
    """The quickest step size of every rule, by the start's spread; NaN where none arrives in `most` updates.

    From (k, σ) = `start`. The rules: θ + αd along d = ∇J and d = F⁻¹∇J, both also to a KL bound, by
    √(2ε/dᵀFd) with F and ε per step, and θ + α∇J/‖∇J‖. `smooth` are those sizes alone that never carry σ
    across 0. Others may jump to and fro across it, just within the limit of stability, so that σ hardly
    falls while k goes on: how quick that is depends on how finely sizes are tried.
    """
    spreads = [
        start_std for start_std in start_stds if start_std > 0
    ]  # else J* = 0, and nothing is 1 % of it
    best = find_optimum(environment, spreads)["objective"].to_numpy()
    rows = []
    for rule in RULES:
        needed, jumped = _climb(environment, np.array(spreads), best, rule, most, start)  # (spreads, sizes)
        smooth = np.where(jumped, np.nan, needed)
        for start_std, *counts in zip(spreads, needed, smooth, strict=True):
            rows.append((start_std, rule, *_quickest(counts[0]), *_quickest(counts[1]), most))
    names = ["start_std", "rule", "size", "updates", "smooth_size", "smooth_updates", "most"]
    return pd.DataFrame(rows, columns=names)


def _quickest(counts: Floats) -> tuple[float, float]:
    """The size with the fewest updates, and these; NaN if none arrives.  (sizes,)."""
    if not np.isfinite(counts).any():
        return np.nan, np.nan
    quickest = int(np.nanargmin(counts))
    return float(SIZES[quickest]), float(counts[quickest])


@np.errstate(all="ignore")  # too large a step ends in no number, which never arrives
def _climb(
    environment: LinearEnvironmentSpec,
    spreads: Floats,
    best: Floats,
    rule: str,
    most: int,
    start: tuple[float, float],
) -> tuple[Floats, NDArray[np.bool_]]:
    """After how many updates each (spread, size) is within reach, all side by side, NaN if never; and whether
    σ had changed its sign by then.
    """
    line, name = LineVectorEnv(**environment["kwargs"]), environment["policy"]["parameterization"]
    line.start_std = spreads[:, None]  # type: ignore[assignment]  # (spreads, 1), as every m_t from here on
    theta = np.tile(parameters(environment, *start)[:, None, None], (1, len(spreads), len(SIZES)))
    needed, first = np.full(theta.shape[1:], np.nan), theta[1]
    jumped = np.zeros(needed.shape, dtype=bool)
    for update in range(most + 1):
        k, sigma, slope = theta[0], sigma_of(theta[1], name), slope_of(theta[1], name)
        J, gradient = objective_and_gradient(
            k, sigma, gamma=environment["gamma"], horizon=line.horizon, start_std=line.start_std,
            noise_std=line.noise_std,
        )  # fmt: skip
        jumped |= np.isnan(needed) & (name != "log_sigma") & (theta[1] * first < 0)
        arrived = best[:, None] - J <= REACHED * np.abs(best[:, None])
        needed[arrived & np.isnan(needed)] = update
        if not (np.isnan(needed) & np.isfinite(J)).any():
            break
        gradient = gradient * np.stack([np.ones_like(slope), slope])
        fisher = np.stack([second_moments(k, sigma, line).mean(0), 2 * slope**2]) / sigma**2
        theta = theta + _step(rule, gradient, fisher)
    return needed, jumped


def _step(rule: str, gradient: Floats, fisher: Floats) -> Floats:
    """Δθ of every size.  gradient and the Fisher matrix's diagonal (2, spreads, sizes)."""
    if rule == "normalised":
        return SIZES * gradient / np.hypot(*gradient)
    direction, _, bound = rule.partition(" to ")
    along = gradient / fisher if direction == "natural" else gradient
    length = np.sqrt(2 * SIZES / (fisher * along**2).sum(0)) if bound else SIZES
    return length * along
