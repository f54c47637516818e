"""The target's gradient from the behaviour's rollouts, by every form of weights (P10, C11 to C16)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios
from pgpipe.estimators.scores import batch_gradient, estimate
from pgpipe.intervals import Interval
from pgpipe.lecture.off_policy.problem import Problem
from pgpipe.statistics import bootstrap_interval, bootstrap_mean, cosines
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]
Row = dict[str, Any]


def estimates(
    problem: Problem,
    target: Tensor,
    batches: Sequence[Trajectories],
    ratios: Sequence[Ratios],
    estimators: Mapping[str, Estimator],
) -> dict[str, Floats]:
    """ĝ at the target by every estimator on each batch (N, T) of the behaviour.  -> {name: (R, P)}."""
    shared = {name: e for name, e in estimators.items() if not e.per_parameter}
    found: dict[str, list[Tensor]] = {name: [] for name in estimators}
    for batch, own in zip(batches, ratios, strict=True):
        for name, gradient in _shared(problem, target, batch, own, shared):
            found[name].append(gradient)
        for name in estimators.keys() - shared:
            found[name].append(estimate(problem.policy, target, batch, estimators[name], own))
    return {name: torch.stack(rows).double().numpy() for name, rows in found.items()}


def _shared(
    problem: Problem,
    target: Tensor,
    batch: Trajectories,
    ratios: Ratios,
    estimators: Mapping[str, Estimator],
) -> Any:
    """The estimators whose scores are computed once for all."""
    weightings = torch.stack([e.weighted_advantages(batch, ratios) for e in estimators.values()])
    return zip(estimators, batch_gradient(problem.policy, target, batch, weightings), strict=True)


class Compared:
    """Estimates (R, P) of a gradient, against what they should be and what their form's expectation is.

    `scale` is the unit of all errors, ‖∇J(θ)‖ of the behaviour: the same at every distance.
    """

    def __init__(self, reference: Floats, scale: float, counts: Floats) -> None:
        self.gradient, self.scale, self.counts = reference.mean(0), scale, counts
        self.R = counts.shape[1]
        n = len(reference)
        self.reference_noise = float(reference.var(0, ddof=1).sum() / n) if n > 1 else 0.0
        self.reference_error = reference.std(0, ddof=1) / n**0.5 if n > 1 else np.zeros(len(self.gradient))

    def row(self, rows: Floats, expectation: Floats | None) -> Row:
        """Bias and standard deviation apart, with intervals; projection on ∇J; largest deviations."""
        variance = bootstrap_interval(rows.var(0, ddof=1).sum(), variances_of(rows, self.counts), self.R)
        std = variance.through(lambda v: max(0.0, v) ** 0.5 / self.scale)
        cosine = bootstrap_mean(cosines(rows, self.gradient), self.counts)
        row: Row = self.bias(rows).columns("bias") | {"std": std.estimate, "cosine": cosine.estimate}
        row |= std.columns("std") | cosine.columns("cosine")
        error = rows.std(0, ddof=1) / self.R**0.5
        along = rows @ self.gradient / (self.gradient @ self.gradient)
        row["projection"], row["projection_error"] = along.mean(), along.std(ddof=1) / self.R**0.5
        row |= {"parameters": rows.shape[1]}
        row["deviation"] = deviation(rows.mean(0) - self.gradient, np.hypot(error, self.reference_error))
        row |= {"exact_bias": np.nan, "form_deviation": np.nan, "exact_cosine": np.nan}
        if expectation is not None:
            row["exact_bias"] = float(np.linalg.norm(expectation - self.gradient)) / self.scale
            row["form_deviation"] = deviation(rows.mean(0) - expectation, error)
            row["exact_cosine"] = float(cosines(expectation[None], self.gradient)[0])
        return row

    def variance_ratio(self, rows: Floats, others: Floats | None) -> Interval:
        """The variance over that of others on the same batches, with its interval; NaN if there are none."""
        if others is None:
            return Interval.unknown()
        ours, theirs = (variances_of(x, self.counts) for x in (rows, others))
        ratio = rows.var(0, ddof=1).sum() / others.var(0, ddof=1).sum()
        return bootstrap_interval(ratio, ours / theirs, self.R)

    def bias(self, rows: Floats) -> Interval:
        """‖E ĝ - ∇J‖ with its interval, in units of the scale, less what noise adds to a square."""
        return _length(rows - self.gradient, self.counts, self.reference_noise, self.scale)

    def gap(self, rows: Floats, others: Floats | None) -> Interval:
        """‖E[ĝ - ĝ']‖ with its interval, on the same batches: a bias with little noise if ĝ' has none."""
        if others is None:
            return Interval.unknown()
        return _length(rows - others, self.counts, 0.0, self.scale)

    def apart(self, expectation: Floats | None, other: Floats | None) -> float:
        """How far two exact expectations are apart, in units of the scale; NaN where they are not known."""
        if expectation is None or other is None:
            return np.nan
        return float(np.linalg.norm(expectation - other)) / self.scale


def named(found: Mapping[str, Floats], name: str | None) -> Floats | None:
    """The estimates of this name; None where no estimator is what a comparison needs."""
    return None if name is None else found.get(name)


def deviation(off: Floats, error: Floats) -> float:
    """The largest |off| in standard errors; what has none has to be right as it is."""
    z = np.divide(np.abs(off), error, out=np.full_like(off, np.inf), where=error > 0)
    return float(np.where((error <= 0) & (np.abs(off) < 1e-9), 0.0, z).max())


def square_means(rows: Floats, counts: Floats) -> Floats:
    """‖mean‖² of rows (R, P) in every resample (B, R), by whichever of R and P is the smaller.  -> (B,)."""
    R, P = rows.shape
    if P < R:
        return ((counts @ rows / R) ** 2).sum(1)
    return ((counts @ (rows @ rows.T)) * counts).sum(1) / R**2


def variances_of(rows: Floats, counts: Floats) -> Floats:
    """V = tr Cov of rows (R, P) in every resample (B, R).  -> (B,)."""
    R = len(rows)
    centred = rows - rows.mean(0)
    return (counts @ (centred**2).sum(1) / R - square_means(centred, counts)) * R / (R - 1)


def _length(rows: Floats, counts: Floats, noise: float, scale: float) -> Interval:
    """‖mean‖ of rows (R, P) with a bootstrap interval, less the noise of it and of what was subtracted."""
    R = len(rows)
    own = float(rows.var(0, ddof=1).sum()) / R
    resampled = square_means(rows, counts) - 2 * own - noise  # a resample's mean has the noise twice
    square = bootstrap_interval(float((rows.mean(0) ** 2).sum()) - own - noise, resampled, R)
    return square.through(lambda s: max(0.0, s) ** 0.5 / scale)
