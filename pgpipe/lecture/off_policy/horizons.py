"""The line by its horizon: where E[w²] becomes infinite (P9), and what that does to each form (C16).

A sample moment cannot show that there is none. But E_θ[w²] = E_θ'[w], so rollouts of the *target* measure it
by a mean of weights, whose interval takes E_θ'[w²] = E_θ[w³] < ∞.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import ReadOnly

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.intervals import Interval
from pgpipe.lecture.off_policy.problem import Problem, ProblemSpec
from pgpipe.lecture.off_policy.scaling import scaling_table
from pgpipe.oracles.line import gain_and_spread
from pgpipe.policies.spec import Stage
from pgpipe.sampling import sample_batches
from pgpipe.statistics import mean_interval

Floats = NDArray[np.float64]

# How many times the longest horizon the cost of weights is followed. At the default lecture's shift E[w²]
# grows two to three times from 40 steps to 160, and 12,800 trajectories tell a cost to some 10 %: a factor
# of one and that of E[w²] are then each three standard errors from the root of it, where C16 sets its bar.
BEYOND = (2, 4)

# How many gains k' on the axis of distances, for the exact boundary.
POINTS = 121


class HorizonsSpec(ProblemSpec):
    """The stage that samples on a line, the gains that are asked about, and the numbers of steps."""

    environment: ReadOnly[LinearEnvironmentSpec]
    policy: Stage
    shifts: list[float]  # of the gain k, where moments are followed
    horizons: list[int]
    scaling_shift: float  # where the estimators of the group are compared by horizon
    trajectories: int  # behind each moment
    farthest: int  # steps up to which an infinite moment is looked for
    batch_size: int
    replicates: int
    group: dict[str, EstimatorSpec]


def follow_horizon(spec: HorizonsSpec, policies: Mapping[str, Tensor]) -> dict[str, pd.DataFrame]:
    """The tables at the stage of training that the spec names."""
    return horizon_tables(spec, policies[spec["policy"]])


def horizon_tables(spec: HorizonsSpec, theta: Tensor) -> dict[str, pd.DataFrame]:
    """The tables of the line, by name, for the behaviour theta (2,)."""
    longest = max(spec["horizons"])
    followed = sorted({*spec["horizons"], *(longest * times for times in BEYOND)})
    problems = {h: _problem(spec, with_horizon(spec["environment"], h), theta) for h in followed}
    n = spec["replicates"] * spec["batch_size"]
    return {
        "off_policy_moments": moments_table(spec, theta),
        "off_policy_boundary": boundary_table(spec, theta),
        "off_policy_scaling": scaling_table(problems, spec["scaling_shift"], spec["group"], n),
    }


def with_horizon(environment: LinearEnvironmentSpec, horizon: int) -> LinearEnvironmentSpec:
    """The same line with another number of steps."""
    return {**environment, "kwargs": {**environment["kwargs"], "horizon": horizon}}


def _problem(spec: HorizonsSpec, environment: LinearEnvironmentSpec, theta: Tensor) -> Problem:
    """That of the spec in another environment."""
    elsewhere: HorizonsSpec = {**spec, "environment": environment}
    return Problem.from_spec(elsewhere, theta)


def moments_table(spec: HorizonsSpec, theta: Tensor) -> pd.DataFrame:
    """Rows of `off_policy_moments.csv`: E[w_t²] for every t and shift of the gain, exact and measured."""
    environment = with_horizon(spec["environment"], max(spec["horizons"]))
    problem = _problem(spec, environment, theta)
    rows = []
    for shift in spec["shifts"]:
        target = theta + torch.tensor([shift, 0.0], dtype=theta.dtype)
        second, third = (problem.ask("weight_moments", target, n) for n in (2, 3))
        words = ("off_policy", "moments", f"{shift:g}")
        parts = sample_batches(environment, target, problem.seed, words, 1, spec["trajectories"])
        walks = next(parts).joined()
        log_weights = problem.ratios(target, walks)["log_ratios"].cumsum(-1)
        for t, (exact, next_moment) in enumerate(zip(second, third, strict=True), start=1):
            weights = log_weights[:, t - 1].exp().numpy()
            known = mean_interval(weights) if np.isfinite(exact) else Interval.unknown()
            # an interval takes a variance, and that is the next moment
            known = known if np.isfinite(next_moment) else known.without_bounds()
            row = {"shift": shift, "horizon": t, "exact": exact}
            rows.append(row | known.columns("measured") | {"n": len(weights)})
    table = pd.DataFrame(rows)
    k, sigma, _ = gain_and_spread(theta.numpy(), environment)
    return table.assign(environment=environment["name"], k=k, sigma=sigma)


def boundary_table(spec: HorizonsSpec, theta: Tensor) -> pd.DataFrame:
    """Rows of `off_policy_boundary.csv`: the first horizon at which E[w²] is infinite, by shift of the gain.

    Zero where none is, up to `farthest` steps.  `kl` is that of the environment's own horizon.
    """
    long = with_horizon(spec["environment"], spec["farthest"])
    problem = _problem(spec, long, theta)
    own = Problem.from_spec(spec, theta)
    reach = 1.8 * max(abs(shift) for shift in spec["shifts"])
    rows = []
    for shift in np.linspace(-reach, reach, POINTS):
        target = theta + torch.tensor([shift, 0.0], dtype=theta.dtype)
        infinite = np.isinf(problem.ask("weight_moments", target))
        first = int(infinite.argmax()) + 1 if infinite.any() else 0
        rows.append((shift, first, own.ask("kl", target)))
    table = pd.DataFrame(rows, columns=["shift", "first_infinite", "kl"])
    return table.assign(environment=long["name"], farthest=spec["farthest"])
