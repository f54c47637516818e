"""What an estimator is worth on each problem: bias, variance and direction, measured and exact, and cost."""

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.pseudo_loss import differentiated
from pgpipe.estimators.spec import E11
from pgpipe.lecture.certificate.expectations import off
from pgpipe.lecture.certificate.findings import listed
from pgpipe.lecture.certificate.problems import SEED, Problem
from pgpipe.lecture.certificate.subject import Subject
from pgpipe.lecture.common.operations import OperationCount
from pgpipe.lecture.gradients.bias import Reference
from pgpipe.lecture.gradients.comparison import Floats, quality
from pgpipe.lecture.gradients.estimates import estimate_chunk
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.statistics import mean_interval, resample_counts, total_variances
from pgpipe.trajectories import Trajectories

Row = dict[str, Any]

RESAMPLES = 500  # of a 95 % interval
ROUNDING = 1e-9  # of ‖∇J‖

# What every certificate's variance and cost are compared with.
YARDSTICK = Subject("total return", Estimator.from_spec(E11, 1.0))


def measurements(subject: Subject) -> list[Row]:
    """A row for each problem. Biases are in percent of ‖∇J‖, the measured ones along ∇J."""
    return [_row(subject, problem) for problem in subject.problems]


def _row(subject: Subject, problem: Problem) -> Row:
    estimates, plain = _estimates(subject, problem), _plain(problem)
    gradient = problem.gradient(problem.start)
    R = len(estimates)
    counts = np.concatenate([np.ones((1, R)), resample_counts(R, RESAMPLES, stream(SEED, problem.name))])
    found = quality(estimates, total_variances(plain, counts), Reference(gradient[None]), counts)
    along = mean_interval(estimates @ gradient / (gradient @ gradient) - 1).columns("bias")
    names = [f"{name}{bound}" for name in ("variance_ratio", "cosine") for bound in ("", "_low", "_high")]
    # where nothing varies, what rounding leaves is many standard errors
    z = 0.0 if abs(along["bias"]) <= ROUNDING else found["bias_z"]
    row = {"bias_z": z, **{name: 100 * value for name, value in along.items()}}
    row |= {name: found[name] for name in names} | _exactly(subject, problem)
    place: Row = {"problem": problem.name, "batch_size": problem.batch_size, "replicates": R}
    return place | {name: float(value) if np.isfinite(value) else None for name, value in row.items()}


def _exactly(subject: Subject, problem: Problem) -> dict[str, float]:
    """‖E ĝ - ∇J‖ and the variance over the total return's, where all batches are listed."""
    if not (known := listed([problem])):
        return {"exact_bias": np.nan, "exact_variance_ratio": np.nan}
    mean, variance = known[0].on_policy(subject.at(problem))
    plain = known[0].on_policy(YARDSTICK.at(problem))[1]
    return {
        "exact_bias": 100 * off(mean, problem.gradient(problem.start)),
        "exact_variance_ratio": variance.sum() / plain.sum(),
    }


def relative_cost(subject: Subject) -> float:
    """Counted operations of one batch of the last problem, as a multiple of the total return's."""
    problem = subject.problems[-1]
    return _operations(subject, problem) / _operations(YARDSTICK, problem)


def _operations(subject: Subject, problem: Problem) -> int:
    batch = _rollouts(problem).split()[0]
    with OperationCount() as count:
        differentiated(problem.policy, problem.start, batch, subject.at(problem))
    return count.total


def _estimates(subject: Subject, problem: Problem) -> Floats:
    """ĝ of every batch, (R, P)."""
    named = {"own": subject.at(problem)}
    found: Tensor = estimate_chunk(problem.policy, problem.start, _rollouts(problem), named)["own"]
    return found.numpy()


@cache
def _plain(problem: Problem) -> Floats:
    return _estimates(YARDSTICK, problem)


@cache
def _rollouts(problem: Problem) -> Trajectories:
    """Independent batches, (R, N, T)."""
    words, sizes = ("certificate",), (problem.replicates, problem.batch_size)
    parts = list(sample_batches(problem.environment, problem.start, SEED, words, *sizes))
    with torch.no_grad():
        return Trajectories.concatenate(parts)
