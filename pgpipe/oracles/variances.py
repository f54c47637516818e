"""The exact variance of an estimator, where all trajectories that can happen can be listed.

What a trajectory contributes is X - H b̂: a sum X of scores times credits, minus sums H times coefficients b̂
that the other N - 1 trajectories decide: a mean, a mean for every step, an optimal constant, a critic's
weights. Such coefficients are their limit plus a mean of influences, b̂ = b + (1/(N-1)) Σ_{j≠i} h_j: exactly
for a mean over equally many, else up to O(1/N²). With Y = X - H b - E[H] h, for every parameter

    N Var ĝ = Var Y + Σ_{f,f'} [Cov(H_f, H_f') Cov(h_f, h_f') + Cov(H_f, h_f') Cov(h_f, H_f')] / (N - 1),

which for one coefficient is math.md's variance with the mean of the others subtracted.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pgpipe.estimators.composed import Composed
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.oracles.least_squares import features, least_squares
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]


class Fitted(NamedTuple):
    """F coefficients that other trajectories decide; where P is 1 they are the same for all parameters."""

    slopes: Floats  # H, (M, P, F)
    limits: Floats  # b, (P, F)
    influences: Floats  # h, (M, P, F)


def exact_variance(
    outcomes: Outcomes, spec: EstimatorSpec, gamma: float, n: int, values: Floats, group: int = 1
) -> Floats | None:
    """N Var ĝ of an estimator's config line for batches of n, (P,); None where no formula is known.

    values (M, T+1) is the exact V along the outcomes, for lines that say `value: exact`. In groups of so many
    episodes from one start s, which are batches of their own, it is E[N Var(ĝ_s|s)] + G Var(E[ĝ_s|s]), with G
    in place of N; no formula is known for what a baseline takes from other groups.
    """
    line = Composed.from_line(spec)
    if line.needs_groups != (group > 1 and line.baseline.facts.source in ("others", "batch")):
        return None
    if group > 1 and "values" in line.asks and not line.exact:  # a critic is fitted on all groups
        return None
    if group == 1:
        found = _moments(outcomes, line, spec, gamma, n, values)
        return None if found is None else found[1]
    parts = [(p, _moments(s, line, spec, gamma, group, values[own])) for p, s, own in outcomes.by_start()]
    known = [(p, *found) for p, found in parts if found is not None]
    if len(known) < len(parts):
        return None
    chances, means, variances = (np.array(x) for x in zip(*known, strict=True))
    between: Floats = chances @ (means - chances @ means) ** 2
    return chances @ variances + group * between


def _moments(
    outcomes: Outcomes, line: Composed, spec: EstimatorSpec, gamma: float, n: int, values: Floats
) -> tuple[Floats, Floats] | None:
    """E ĝ and N Var ĝ, (P,) each, of a batch of n independent trajectories."""
    subtracted, shrunk = line.baseline.facts, 1.0
    if subtracted.source == "batch" and subtracted.average == "all steps" and line.whole_trajectory:
        # the estimate is 1 - 1/N of the one with the mean of the others
        line, shrunk = _with_others(line), 1 - 1 / n
    g = _factors(outcomes, line)
    if not _is_known(line) or g is None:
        return None
    if line.score_discount and not line.whole_trajectory:
        g = g * gamma ** np.arange(g.shape[1])[:, None]
    credit, fitted = _credit(outcomes, line, g, gamma * _lambda(line, spec), gamma, values)
    if line.leaves_own_out:
        fitted = _FITS[str(line.baseline.facts.average)](outcomes, g, credit, line.whole_trajectory)
    X = np.einsum("mtp,mt->mp", g, credit)
    mean = outcomes.mean(X)
    if fitted is not None:
        mean = mean - (outcomes.mean(fitted.slopes) * fitted.limits).sum(-1)
    return shrunk * mean, shrunk**2 * _variance(outcomes, X, fitted, n)


def _factors(outcomes: Outcomes, line: Composed) -> Floats | None:
    """The scores, (M, T, P), with what stands before each trajectory's sum; None if others decide that."""
    divides = line.aggregate.facts.divides
    if divides == "number":
        return outcomes.scores
    if divides == "constant":
        return outcomes.scores / float(line.longest or 1)
    if line.aggregate.name == "each":
        return outcomes.scores / outcomes.mask.sum(1)[:, None, None]
    return None


def _with_others(line: Composed) -> Composed:
    """The same with a baseline that leaves the own trajectory out."""
    facts = replace(line.baseline.facts, source="others")
    return replace(line, baseline=replace(line.baseline, facts=facts))


def _is_known(line: Composed) -> bool:
    """Whether there is a formula: of a λ-return less zero, V, or a mean over the others' credits."""
    facts = line.baseline.facts
    subtracts = facts.source in ("nothing", "value") or (facts.source == "others" and facts.average in _FITS)
    twice_fitted = line.leaves_own_out and "fitted value" in line.biases
    return line.signal.facts.lambda_return is not None and subtracts and not (line.normalize or twice_fitted)


def _lambda(line: Composed, spec: Mapping[str, Any]) -> float:
    """λ of the signal: a number, or that of an option."""
    found = line.signal.facts.lambda_return
    return float(spec[found] if isinstance(found, str) else found or 0.0)


def _credit(
    outcomes: Outcomes, line: Composed, g: Floats, reach: float, gamma: float, values: Floats
) -> tuple[Floats, Fitted | None]:
    """Credits (M, T), in which a reward counts `reach` times less a step before, and what a critic adds."""
    credit = _tails(outcomes.rewards, reach)  # what the rewards contribute, (M, T)
    if line.whole_trajectory:
        credit = np.broadcast_to(credit[:, :1], credit.shape)
    if "values" not in line.asks:
        return credit, None
    # V stands in for the rewards that a bootstrap leaves out; as a baseline it is subtracted
    phi = values[..., None] if line.exact else features(outcomes)  # (M, T+1, F)
    phi = phi * np.pad(outcomes.mask, ((0, 0), (0, 1)))[..., None]  # nothing follows the end
    subtracted = line.baseline.facts.source == "value"
    stands = (gamma - reach) * _tails(phi[:, 1:], reach) - subtracted * phi[:, :-1]
    if line.exact:
        return credit + stands[..., 0], None
    slopes = -np.einsum("mtp,mtf->mpf", g, stands)
    return credit, Fitted(slopes, *least_squares(outcomes, phi[:, :-1], _tails(outcomes.rewards, gamma)))


def is_exact(outcomes: Outcomes, spec: EstimatorSpec) -> bool:
    """Whether `exact_variance` leaves nothing out: no critic, no ratio but a mean over equally many."""
    line = Composed.from_line(spec)
    equally_many = line.whole_trajectory or bool(outcomes.mask.all())
    means = line.baseline.facts.average not in ("all steps", "each step") or equally_many
    fitted = "values" in line.asks and not line.exact
    return means and line.baseline.facts.average != "each parameter" and not fitted


def _variance(outcomes: Outcomes, X: Floats, fitted: Fitted | None, n: int) -> Floats:
    if fitted is None:
        return outcomes.covariance(X, X)
    H, h = fitted.slopes, np.broadcast_to(fitted.influences, fitted.slopes.shape)
    Y = X - (H * fitted.limits).sum(-1) - (outcomes.mean(H) * h).sum(-1)
    HH, hh, Hh = (outcomes.covariance(x[..., None], y[..., None, :]) for x, y in ((H, H), (h, h), (H, h)))
    noise = (HH * hh + Hh * Hh.swapaxes(-1, -2)).sum((-1, -2))
    return outcomes.covariance(Y, Y) + noise / (n - 1)


def _ratio(outcomes: Outcomes, numerator: Floats, denominator: Floats) -> tuple[Floats, Floats]:
    """Limit and influence of Σ_j x_j / Σ_j y_j; zero where y always is.  (M, P, F) each."""
    mean = outcomes.mean(denominator)
    scale = np.divide(1, mean, out=np.zeros_like(mean), where=mean > 0)
    limit: Floats = outcomes.mean(numerator) * scale
    return limit, (numerator - limit * denominator) * scale


def _mean(outcomes: Outcomes, g: Floats, credit: Floats, whole: bool) -> Fitted:
    counted = outcomes.mask & ((np.arange(credit.shape[1]) == 0) | (not whole))
    sums = ((credit * counted).sum(1), counted.sum(1, dtype=float))
    return Fitted(g.sum(1)[..., None], *_ratio(outcomes, *(x[:, None, None] for x in sums)))


def _time_mean(outcomes: Outcomes, g: Floats, credit: Floats, whole: bool) -> Fitted:
    if whole:
        return _mean(outcomes, g, credit, whole)
    steps = (credit * outcomes.mask, outcomes.mask.astype(float))
    return Fitted(g.swapaxes(1, 2), *_ratio(outcomes, *(x[:, None] for x in steps)))


def _optimal(outcomes: Outcomes, g: Floats, credit: Floats, whole: bool) -> Fitted:
    G, X = g.sum(1)[..., None], np.einsum("mtp,mt->mp", g, credit)[..., None]
    return Fitted(G, *_ratio(outcomes, X * G, G * G))


# Baselines that are a ratio of sums over the other trajectories, by what they are the mean of.
_FITS = {"all steps": _mean, "each step": _time_mean, "each parameter": _optimal}


def _tails(per_step: Floats, factor: float) -> Floats:
    """Σ_{k≥t} factor^{k-t} x_k over axis 1, from the last step back."""
    tails = np.array(per_step, dtype=float)
    for t in reversed(range(tails.shape[1] - 1)):
        tails[:, t] += factor * tails[:, t + 1]
    return tails
