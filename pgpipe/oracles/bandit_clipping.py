"""The bandit under one policy, seen from another: what cutting the weights makes of the gradient (E47, E48).

One step, advantage A(a) = r(a) - V with the exact V of the behaviour θ = (μ, u); a target θ' is asked about.
A single trajectory's estimate is w A ∇log π_θ', its weight w being the ratio ρ = π_θ'/π_θ on some intervals
of a, a constant on others. There every integral is one of a polynomial against a normal density.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles.bandit import offset
from pgpipe.oracles.line import gain_and_spread
from pgpipe.oracles.truncated import integral

Floats = NDArray[np.float64]


class WeightMoments(NamedTuple):
    """Mean and variance of one trajectory's estimate, (2,) each; infinite where they are."""

    mean: Floats
    variance: Floats


class _Pair(NamedTuple):
    """Two normal policies, and what an action of theirs is worth."""

    mu: float
    sigma: float
    mu_new: float
    sigma_new: float
    advantage: Polynomial
    scores: tuple[Polynomial, Polynomial]  # of θ'

    @property
    def log_ratio(self) -> Polynomial:
        """log ρ(a), of degree two."""
        z, z_new = (_standard(m, abs(s)) for m, s in ((self.mu, self.sigma), (self.mu_new, self.sigma_new)))
        return (z**2 - z_new**2) / 2 + np.log(abs(self.sigma / self.sigma_new))


def plain(behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec) -> WeightMoments:
    """Of w = ρ, whose mean is ∇J(θ')."""
    pair = _pair(behaviour, target, environment)
    return _moments(pair, [(-np.inf, np.inf, None)])


def clipped(
    behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec, clip: float = 0.2
) -> WeightMoments:
    """Of PPO's surrogate: w = ρ unless A > 0 and ρ > 1 + ε, or A < 0 and ρ < 1 - ε; there it is 0.  E47."""
    pair = _pair(behaviour, target, environment)
    bounds = [pair.advantage, pair.log_ratio - np.log1p(clip), pair.log_ratio - np.log1p(-clip)]

    def kept(a: float) -> bool:
        A, rho = pair.advantage(a), np.exp(pair.log_ratio(a))
        return not ((A > 0 and rho > 1 + clip) or (A < 0 and rho < 1 - clip))

    return _moments(pair, [(*ends, None) for ends in _intervals(bounds) if kept(_inside(*ends))])


def v_trace(
    behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec, truncation: float = 1.0
) -> WeightMoments:
    """Of w = min(ρ̄, ρ).  E48."""
    pair = _pair(behaviour, target, environment)
    bound = pair.log_ratio - np.log(truncation)
    pieces = [(*ends, None if bound(_inside(*ends)) < 0 else truncation) for ends in _intervals([bound])]
    return _moments(pair, pieces)


FORMS: Mapping[str, Callable[..., WeightMoments]] = {"plain": plain, "clipped": clipped, "v_trace": v_trace}


def _pair(behaviour: Floats, target: Floats, environment: LinearEnvironmentSpec) -> _Pair:
    mu, sigma, _ = gain_and_spread(behaviour, environment)
    mu_new, sigma_new, slope = gain_and_spread(target, environment)
    d, _ = offset(behaviour, environment)
    off_target = Polynomial([d - mu, 1.0])  # a - target
    z = _standard(mu_new, sigma_new)
    scores = (z / sigma_new, (z**2 - 1) * (slope / sigma_new))
    return _Pair(mu, sigma, mu_new, sigma_new, -(off_target**2) + d**2 + sigma**2, scores)


def _moments(pair: _Pair, pieces: list[tuple[float, float, float | None]]) -> WeightMoments:
    """From the pieces (low, high, weight) on which the weight is this constant, or ρ if it is None."""
    means, squares = np.zeros(2), np.zeros(2)
    for (low, high, weight), (i, score) in ((p, s) for p in pieces for s in enumerate(pair.scores)):
        x = pair.advantage * score
        means[i] += _weighted(pair, x, low, high, weight, 1)
        squares[i] += _weighted(pair, x**2, low, high, weight, 2)
    return WeightMoments(means, squares - means**2)


def _weighted(pair: _Pair, x: Polynomial, low: float, high: float, weight: float | None, power: int) -> float:
    """∫ w^power x q da over an interval, q the behaviour's density; ∞ where it is not finite.

    ρⁿ q = c N(m, s²) with 1/s² = n/σ'² - (n-1)/σ² and m = s² (n μ'/σ'² - (n-1) μ/σ²).
    """
    if weight is not None:
        return weight**power * integral(x, pair.mu, abs(pair.sigma), low, high)
    old, new = 1 / pair.sigma**2, 1 / pair.sigma_new**2
    precision = power * new - (power - 1) * old
    if precision <= 0:
        return np.inf
    m = (power * pair.mu_new * new - (power - 1) * pair.mu * old) / precision
    exponent = power * pair.mu_new**2 * new - (power - 1) * pair.mu**2 * old - m**2 * precision
    scale = new ** (power / 2) / (old ** ((power - 1) / 2) * precision**0.5) * np.exp(-exponent / 2)
    return float(scale) * integral(x, m, precision**-0.5, low, high)


def _standard(mean: float, sd: float) -> Polynomial:
    return Polynomial([-mean / sd, 1 / sd])


def _intervals(bounds: list[Polynomial]) -> Iterator[tuple[float, float]]:
    """The real line, cut wherever one of the polynomials is zero."""
    roots = [root for bound in bounds for root in bound.trim(1e-13).roots()]
    real = sorted(float(root.real) for root in roots if abs(root.imag) < 1e-12)
    edges = [-np.inf, *real, np.inf]
    yield from pairwise(edges)


def _inside(low: float, high: float) -> float:
    if np.isinf(low) and np.isinf(high):
        return 0.0
    return high - 1 if np.isinf(low) else low + 1 if np.isinf(high) else (low + high) / 2
