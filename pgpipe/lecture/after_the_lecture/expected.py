"""The expected gradient beside the score function, on the same trajectories (E51, C43)."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.intervals import Interval
from pgpipe.oracles import expected_gradient, grid_terms, line_moments
from pgpipe.oracles.values import exact_value
from pgpipe.oracles.variances import exact_variance
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.statistics import normal_interval

Floats = NDArray[np.float64]


class ExpectedSpec(TypedDict):
    """An environment whose Q an oracle's `module` knows, and both estimators."""

    seed: int
    environment: EnvironmentSpec
    module: str
    trajectories: int
    score_function: EstimatorSpec  # less the exact value
    all_actions: EstimatorSpec  # by the exact Q


def compare_expected(spec: ExpectedSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """The table `expected_gradients`: a row for each of an environment's policies."""
    rows = [
        {"environment": spec["environment"]["name"], "policy": name} | _compared(spec, name, theta)
        for name, theta in policies.items()
    ]
    return pd.DataFrame(rows)


def _compared(spec: ExpectedSpec, name: str, theta: Tensor) -> dict[str, Any]:
    # sums of squares less squares of sums: of rounding alone they may be below zero
    score, expected = (max(0.0, variance) for variance in exact_variances(spec, theta.double().numpy()))
    measured = _measured_share(spec, name, theta)
    return {
        "score_variance": score,
        "expected_variance": expected,
        "share": expected / score if score > 0 else np.nan,
        "n": measured.n,
    } | measured.columns("measured_share")


def exact_variances(spec: ExpectedSpec, theta: Floats) -> tuple[float, float]:
    """N tr Cov ĝ of the score function less the exact V, and of the expected gradient."""
    environment: Any = spec["environment"]
    if spec["module"].endswith(".line"):
        names = ("score_function_less_value", "all_actions")
        found = [line_moments.moments(theta, environment, line_moments.FORMS[name])[1] for name in names]
    elif spec["module"].endswith(".grid"):
        terms = grid_terms.terms(theta, environment, less_value=True)
        found = [terms.total, expected_gradient.grid_variance(theta, environment)]
    else:
        oracle: Any = import_module(spec["module"])
        listed = oracle.outcomes(theta, environment)
        values = oracle.values(theta, environment, listed.obs)
        score = exact_variance(listed, spec["score_function"], environment["gamma"], 1, values)
        assert score is not None  # of rewards to go less the exact V there is a formula
        known = (theta, environment, oracle.values_of_actions)
        found = [score, expected_gradient.listed_variance(listed, *known)]
    return float(found[0].sum()), float(found[1].sum())


def _measured_share(spec: ExpectedSpec, name: str, theta: Tensor) -> Interval:
    """The expected gradient's variance as a share of the score function's, on the same trajectories."""
    environment = spec["environment"]
    value, policy = exact_value(spec["module"], theta, environment), policy_for(environment)
    words = ("expected", name)
    batch = next(sample_batches(environment, theta, spec["seed"], words, 1, spec["trajectories"])).joined()
    score, expected = (
        _square_deviations(
            trajectory_estimates(policy, theta, batch, Estimator.from_spec(line, environment["gamma"], value))
        )
        for line in (spec["score_function"], spec["all_actions"])
    )
    return ratio_of_means(expected, score)


def _square_deviations(rows: Tensor) -> Floats:
    """‖x - x̄‖² of each row.  (N, P) -> (N,)."""
    numbers = rows.double().numpy()
    found: Floats = ((numbers - numbers.mean(0)) ** 2).sum(1)
    return found


def ratio_of_means(x: Floats, y: Floats) -> Interval:
    """Mean x over mean y of paired values, with its 95 % interval to first order; unknown if y is zero."""
    if not y.mean() > 0:
        return Interval.unknown(len(y))
    ratio = float(x.mean() / y.mean())
    error = float((x - ratio * y).std(ddof=1) / y.mean() / len(y) ** 0.5)
    return normal_interval(ratio, error, len(y))
