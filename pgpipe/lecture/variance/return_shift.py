"""What a constant added to the return does to the gradient's variance and direction (C6, C7, P2)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.envs.spec import LinearSampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import batch_gradient
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.oracles import bandit
from pgpipe.policies.policy import Policy
from pgpipe.rollout import parameter_names, policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.statistics import bootstrap_interval, bootstrap_mean, cosines, resample_counts, share_interval
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]


class ContrastSpec(TypedDict):
    """The estimator whose step is shown beside the plain one's."""

    estimator: PlainEstimatorSpec


class ReturnShiftSpec(LinearSampledSpec):
    """The constants, the plain estimator, and batches, of which `few` trajectories give a direction."""

    estimator: PlainEstimatorSpec
    contrast: ContrastSpec
    constants: list[float]
    batch_size: int
    few: int
    replicates: int
    resamples: int


def shift_returns(spec: ReturnShiftSpec) -> dict[str, pd.DataFrame]:
    """The tables return_shift, return_parabola and step_direction, all from the same rollouts.

    Steps are taken with the first `few` trajectories of every batch, by the plain estimator and, for
    contrast, by one with a baseline.
    """
    environment, constants = spec["environment"], spec["constants"]
    policy, rng = policy_for(environment), stream(spec["seed"], environment["name"], "return_shift")
    theta = policy.initial(rng)
    sampled = sample_batches(
        environment, theta, spec["seed"], ("return_shift",), spec["replicates"], spec["batch_size"]
    )
    batches = [batch for part in sampled for batch in part.split()]
    counts = resample_counts(len(batches), spec["resamples"], rng)
    plain = Estimator.from_spec(spec["estimator"], environment["gamma"])
    estimates = estimates_by_constant(policy, theta, batches, plain, constants)
    d, sigma = bandit.offset(theta.numpy(), environment)
    exact = np.stack([bandit.variance_with_constant(d, sigma, constant) for constant in constants])
    names = parameter_names(environment)
    excess = np.stack([bandit.kurtosis_with_constant(theta.numpy(), environment, c) for c in constants])
    exact_error = variance_error(exact, excess, spec["replicates"], spec["batch_size"])
    variances = variance_table(estimates, constants, names, spec["batch_size"], exact, exact_error, counts)
    gradient = bandit.exact(theta.numpy(), environment)[1]
    few, directions = [batch.first(spec["few"]) for batch in batches], []
    for line in (spec["estimator"], spec["contrast"]["estimator"]):
        estimator = Estimator.from_spec(line, environment["gamma"])
        unmoved, *moved = estimates_by_constant(policy, theta, few, estimator, [0.0, *constants])
        table = direction_table(np.stack(moved), unmoved, constants, counts)
        directions.append(table.assign(baseline=line["baseline"], n_trajectories=spec["few"]))
    return {
        "return_shift": variances.assign(exact=np.repeat(gradient, len(constants))),
        "return_parabola": parabola_table(d, sigma, names),
        "step_direction": pd.concat(directions).set_index(["baseline", "n_trajectories"]).reset_index(),
    }


def parabola_table(d: float, sigma: float, names: Sequence[str]) -> pd.DataFrame:
    """Var(c) = least_variance + curvature (c - best_constant)², by k, which is μ here, and by σ: exact."""
    best = bandit.best_constant(d, sigma)
    least = [bandit.variance_with_constant(d, sigma, c)[p] for p, c in enumerate(best)]
    return pd.DataFrame(
        {
            "parameter": names,
            "best_constant": best,
            "least_variance": least,
            "curvature": bandit.score_second_moment(sigma),
        }
    )


def shifted(batch: Trajectories, constant: float) -> Trajectories:
    """The same trajectories with c added to every return: to its first reward, which no discount changes."""
    rewards = batch.rewards.clone()
    rewards[..., 0] += constant
    return replace(batch, rewards=rewards)


def estimates_by_constant(
    policy: Policy,
    theta: torch.Tensor,
    batches: Sequence[Trajectories],
    estimator: Estimator,
    constants: Sequence[float],
) -> Floats:
    """ĝ(c) of every batch (N, T) under every constant.  theta (P,), C constants, R batches -> (C, R, P)."""
    estimates = []
    for batch in batches:
        weightings = [estimator.weighted_advantages(shifted(batch, constant)) for constant in constants]
        estimates.append(batch_gradient(policy, theta, batch, torch.stack(weightings)))  # (C, P)
    return torch.stack(estimates, dim=1).double().numpy()


def variance_error(exact_variance: Floats, excess: Floats, replicates: int, n: int) -> Floats:
    """Exact standard error of a variance over R batches of n, √((κ/n + 2R/(R-1))/R) Var.  (C, P).

    κ is the excess kurtosis of one trajectory's part. An error estimated from the same batches is small
    where the variance is, and would refute a right one too often.
    """
    R = replicates
    error: Floats = exact_variance * ((excess / n + 2 * R / (R - 1)) / R) ** 0.5
    return error


def variance_table(
    estimates: Floats,
    constants: Sequence[float],
    names: Sequence[str],
    n: int,
    exact_variance: Floats,
    exact_error: Floats,
    counts: Floats,
) -> pd.DataFrame:
    """Mean and n Var of ĝ(c), (C, R, P), for every parameter and constant, beside the exact n Var, (C, P).

    exact_error (C, P) is the exact standard error of n Var.

    counts (B, R) resample the batches, the same for all constants: so `ratio`, the variance over that at the
    listed constant whose exact one is least, is paired.
    """
    table = pd.concat(
        _variances(estimates[:, :, p], n, exact_variance[:, p], counts).assign(
            parameter=name,
            constant=constants,
            replicates=estimates.shape[1],
            batch_size=n,
            variance_error=exact_error[:, p],
        )
        for p, name in enumerate(names)
    )
    return table.set_index(["parameter", "constant", "replicates", "batch_size"]).reset_index()


def _variances(estimates: Floats, n: int, exact_variance: Floats, counts: Floats) -> pd.DataFrame:
    """The rows of one parameter, a constant each, from its estimates (C, R)."""
    R = estimates.shape[1]
    variances, resampled = n * estimates.var(1, ddof=1), n * _resampled_variances(estimates, counts)
    least = exact_variance.argmin()
    by_constant = _intervals("variance", variances, resampled, R)
    over_least = _intervals("ratio", variances / variances[least], resampled / resampled[least], R)
    return pd.DataFrame(
        {
            "mean": estimates.mean(1),
            "standard_error": estimates.std(1, ddof=1) / R**0.5,
            **by_constant,
            "variance_error": np.nan,
            "exact_variance": exact_variance,
            **over_least,
        }
    )


def direction_table(
    estimates: Floats, plain: Floats, constants: Sequence[float], counts: Floats
) -> pd.DataFrame:
    """How far adding c turns the step: the cosine of ĝ(c), (C, R, P), and ĝ(0), (R, P), of the same batch.

    `turned` is the share of batches whose step turns by more than 90°, with its Clopper-Pearson interval.
    """
    rows = []
    for constant, moved in zip(constants, estimates, strict=True):
        turns = cosines(moved, plain)  # (R,)
        rows.append(
            {
                "constant": constant,
                "batches": len(turns),
                **bootstrap_mean(turns, counts).columns("cosine"),
                "least_cosine": turns.min(),
                **share_interval(int((turns < 0).sum()), len(turns)).columns("turned"),
            }
        )
    return pd.DataFrame(rows)


def _resampled_variances(estimates: Floats, counts: Floats) -> Floats:
    """Sample variance over the batches in every resample.  (C, R), counts (B, R) -> (C, B)."""
    R = estimates.shape[1]
    centred = estimates - estimates.mean(1, keepdims=True)
    means, squares = centred @ counts.T / R, centred**2 @ counts.T / R
    return (squares - means**2) * R / (R - 1)


def _intervals(name: str, values: Floats, resampled: Floats, n: int) -> pd.DataFrame:
    """Columns of values from n batches with their intervals, a row for each.  (C,), (C, B) -> C rows."""
    pairs = zip(values, resampled, strict=True)
    return pd.DataFrame([bootstrap_interval(value, row, n).columns(name) for value, row in pairs])
