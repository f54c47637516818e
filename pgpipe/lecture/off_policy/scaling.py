"""What the weights of each form cost in variance, by the number of steps (C16).

The cost is tr Cov of a trajectory's contribution to ĝ at θ', over that of the same credit without weights on
rollouts of θ' itself: one if the weights cost nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.estimators.composed import Composed
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.intervals import Interval
from pgpipe.lecture.off_policy.problem import Problem
from pgpipe.sampling import sample_batches
from pgpipe.statistics import normal_interval
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]
Row = dict[str, Any]


class Spread:
    """V = tr Cov of X, from trajectories of which i stands for v_i of those that X is about.

    V = E[v ‖X‖²] - ‖E[v X]‖²; what trajectory i adds to an estimate of it is v_i ‖X_i‖² - 2 v_i X_i · E[v X].
    """

    def __init__(self, rows: Floats, shares: Floats) -> None:
        mean = (shares[:, None] * rows).mean(0)
        square = shares * (rows**2).sum(1)
        self.value = float(square.mean() - mean @ mean)
        self.influences = (square - 2 * shares * (rows @ mean)) / self.value  # on the logarithm


def cost_of(ours: Spread, plain: Spread, together: bool) -> Interval:
    """The ratio of two variances with its interval in logarithms, of the same trajectories or of others."""
    n = len(ours.influences)
    if together:
        error = (ours.influences - plain.influences).std(ddof=1)
    else:
        error = np.hypot(ours.influences.std(ddof=1), plain.influences.std(ddof=1))
    log = float(np.log(ours.value / plain.value))
    return normal_interval(log, float(error) / n**0.5, n).through(lambda x: float(np.exp(x)))


def cost_rows(
    problem: Problem, target: Tensor, group: Mapping[str, EstimatorSpec], horizon: int, n: int
) -> Iterator[Row]:
    """Rows of `off_policy_scaling.csv` for a line of this many steps, from n trajectories of each policy.

    A form that multiplies many ratios is measured on trajectories of θ', of which each stands for 1/w:
    E_θ[h] = E_θ'[h/w]. There its second moment is a mean of w, and an interval takes E[w³] < ∞.
    """
    second, third = (float(problem.ask("weight_moments", target, m)[-1]) for m in (2, 3))
    own, others = (
        _sampled(problem, theta, f"{name} {horizon}", n)
        for name, theta in (("target", target), ("behaviour", problem.theta))
    )
    known = {True: (own, problem.ratios(target, own)), False: (others, problem.ratios(target, others))}
    plain: dict[str, Spread] = {}  # forms of one credit share what they are set beside
    for name, line in group.items():
        product = Composed.from_line(line).importance.facts.product
        unweighted: EstimatorSpec = {**line, "importance": "none"}
        if (credit := str(unweighted)) not in plain:
            plain[credit] = _spread(problem, target, own, unweighted, None)
        batch, ratios = known[product]
        weighted = _spread(problem, target, batch, line, ratios, from_target=product)
        cost = cost_of(weighted, plain[credit], product)
        cost = cost if not product or np.isfinite(third) else cost.without_bounds()
        moments = {"exact_second_moment": second, "exact_third_moment": third}
        yield {"horizon": horizon, "estimator": name} | moments | cost.columns("cost") | {"n": cost.n}


def _spread(
    problem: Problem,
    target: Tensor,
    batch: Trajectories,
    line: EstimatorSpec,
    ratios: Ratios | None,
    from_target: bool = False,
) -> Spread:
    """That of the contributions to an estimate at the target; trajectories of the target stand for 1/w."""
    estimator = Estimator.from_spec(line, problem.gamma)
    rows = trajectory_estimates(problem.policy, target, batch, estimator, ratios).double().numpy()
    if from_target and ratios is not None:
        return Spread(rows, (-ratios["log_ratios"].sum(-1)).exp().numpy())
    return Spread(rows, np.ones(len(rows)))


def scaling_table(
    problems: Mapping[int, Problem], shift: float, group: Mapping[str, EstimatorSpec], n: int
) -> pd.DataFrame:
    """Rows of `off_policy_scaling.csv`, from the line at each number of steps."""
    rows: list[Row] = []
    for horizon, problem in problems.items():
        target = problem.theta + torch.tensor([shift, 0.0], dtype=problem.theta.dtype)
        place: Row = {"environment": problem.environment["name"], "shift": shift}
        rows += [place | row for row in cost_rows(problem, target, group, horizon, n)]
    return pd.DataFrame(rows)


def _sampled(problem: Problem, theta: Tensor, word: str, n: int) -> Trajectories:
    """Trajectories (N, T) of a policy."""
    words = ("off_policy", "scaling", word)
    return next(iter(sample_batches(problem.environment, theta, problem.seed, words, 1, n))).joined()
