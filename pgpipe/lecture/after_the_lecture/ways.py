"""One gradient in several ways: scores, all actions, paths of the noise; by horizon, and over ripples (P23).

On the line everything is known exactly, and measured from walks through the package's parts.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.lecture.after_the_lecture.ripples import RipplesSpec, over_ripples
from pgpipe.lecture.after_the_lecture.ways_identities import ways_identities
from pgpipe.lecture.after_the_lecture.ways_samples import less_constants, measured_moments
from pgpipe.oracles import line, line_moments
from pgpipe.oracles.line_field import parameters
from pgpipe.oracles.values import exact_value
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

PARAMETERS = ("k", "sigma")


class WaysSpec(TypedDict):
    """The line, policies on it, its horizons, an estimator for each way, and a bandit with ripples."""

    seed: int
    environment: LinearEnvironmentSpec
    points: list[list[float]]  # (k, σ)
    horizons: list[int]
    trajectories: int
    forms: dict[str, EstimatorSpec]  # score_function, value, all_actions, pathwise
    ripples: RipplesSpec


def compare_ways(spec: WaysSpec) -> dict[str, pd.DataFrame]:
    """The tables `gradient_ways`, `gradient_ripples` and `gradient_ways_identities`."""
    points, horizons = spec["points"], spec["horizons"]
    rows = [row for k, sigma in points for horizon in horizons for row in _on_line(spec, k, sigma, horizon)]
    (k, sigma), longest = points[0], max(horizons)
    walks, theta, environment = _walks(spec, k, sigma, longest)
    estimates = {form: _rows(spec, form, environment, theta, walks) for form in ("all_actions", "pathwise")}
    return {
        "gradient_ways": pd.DataFrame(rows),
        "gradient_ripples": over_ripples(spec["ripples"]),
        "gradient_ways_identities": ways_identities(environment, theta, walks, estimates),
    }


def _walks(
    spec: WaysSpec, k: float, sigma: float, horizon: int
) -> tuple[Trajectories, Tensor, LinearEnvironmentSpec]:
    """Walks of so many steps, their policy, and the line that is as long."""
    own = spec["environment"]
    environment: LinearEnvironmentSpec = {**own, "kwargs": {**own["kwargs"], "horizon": horizon}}
    theta = torch.from_numpy(parameters(environment, k, sigma))
    words = ("ways", f"{k:g}", f"{sigma:g}", str(horizon))
    batch = next(sample_batches(environment, theta, spec["seed"], words, 1, spec["trajectories"]))
    return batch.joined(), theta, environment


def _on_line(spec: WaysSpec, k: float, sigma: float, horizon: int) -> Iterator[dict[str, Any]]:
    """Every way's variance at one policy and horizon, a row for each parameter."""
    walks, theta, environment = _walks(spec, k, sigma, horizon)
    at = theta.numpy()
    gradient = line.exact(at, environment)[1]
    place = {"environment": environment["name"], "k": k, "sigma": sigma, "horizon": horizon}
    constants, least = line_moments.best_constants(at, environment)
    for form in spec["forms"]:
        variance = least if form == "score_function" else _exact_variance(form, at, environment)
        rows = _rows(spec, form, environment, theta, walks, constants).double().numpy()
        for i, parameter in enumerate(PARAMETERS):
            known = {"parameter": parameter, "form": form, "gradient": gradient[i], "variance": variance[i]}
            yield place | known | measured_moments(rows[:, i])


def _exact_variance(form: str, theta: Floats, environment: LinearEnvironmentSpec) -> Floats:
    """N Var ĝ of a way without constants.  -> (2,)."""
    name = "score_function_less_value" if form == "value" else form
    return line_moments.moments(theta, environment, line_moments.FORMS[name])[1]


def _rows(
    spec: WaysSpec,
    form: str,
    environment: LinearEnvironmentSpec,
    theta: Tensor,
    walks: Trajectories,
    constants: Floats | None = None,
) -> Tensor:
    """What every walk contributes; to the score function less the constants.  -> (N, 2)."""
    value, policy = exact_value("pgpipe.oracles.line", theta, environment), policy_for(environment)
    estimator = Estimator.from_spec(spec["forms"][form], environment["gamma"], value)
    if form == "score_function" and constants is not None:
        return less_constants(policy, theta, walks, estimator, constants)
    return trajectory_estimates(policy, theta, walks, estimator)
