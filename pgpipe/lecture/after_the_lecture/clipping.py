"""The bandit's gradient at θ' from the samples of θ: plain, clipped and truncated ratios, by KL (P20, E47, E48).

A batch of θ is asked about targets θ' that lie uphill, ever farther. Everything is known exactly; the same
numbers are measured from rollouts, whose estimates are composed of the package's parts.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture.clipping_identities import clipping_identities
from pgpipe.lecture.after_the_lecture.clipping_samples import (
    ClippingSpec,
    exact_moments,
    sampled_rows,
    uphill,
)
from pgpipe.oracles import bandit
from pgpipe.oracles.bandit_clipping import WeightMoments
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.statistics import mean_interval, normal_interval

Floats = NDArray[np.float64]

POINTS = 60  # of an exact curve
PARAMETERS = ("k", "sigma")  # μ and σ, by the policy's names


def compare_clipping(spec: ClippingSpec) -> dict[str, pd.DataFrame]:
    """The tables `clipping`, `clipping_factors` and `clipping_identities`."""
    environment, policy = spec["environment"], policy_for(spec["environment"])
    behaviour = policy.initial(np.random.default_rng(0))  # the configured one, whatever the generator
    pieces = sample_batches(environment, behaviour, spec["seed"], ("clipping",), 1, spec["trajectories"])
    batch = next(pieces).joined()
    curve = np.linspace(0, 1.05 * max(spec["kls"]) ** 0.5, POINTS) ** 2
    rows: list[dict[str, Any]] = []
    factors: list[dict[str, Any]] = []
    for kl in sorted({*spec["kls"], *curve}):
        target = uphill(behaviour, environment, kl)
        gradient = bandit.exact(target.numpy(), environment)[1]
        for form in spec["forms"]:
            exact, measured = exact_moments(spec, form, behaviour, target), None
            if kl in spec["kls"]:
                measured = sampled_rows(spec, form, behaviour, target, batch).numpy()
            keys = {"form": form, "kl": kl, "n": 0 if measured is None else len(measured)}
            rows += [keys | row for row in component_rows(exact, gradient, measured)]
            factors.append(keys | factor_row(exact, gradient, measured))
    return {
        "clipping": pd.DataFrame(rows).assign(environment=environment["name"]),
        "clipping_factors": pd.DataFrame(factors).assign(environment=environment["name"]),
        "clipping_identities": clipping_identities(spec, behaviour, batch),
    }


def component_rows(
    exact: WeightMoments, gradient: Floats, measured: Floats | None
) -> list[dict[str, Any]]:
    """For each parameter: ∂J(θ'), mean and variance of an estimate, exact and from measured rows (N, 2)."""
    found = []
    for i, parameter in enumerate(PARAMETERS):
        mean = spread = Interval.unknown()
        if measured is not None:
            mean, spread = mean_interval(measured[:, i]), variance_interval(measured[:, i])
        row = {"parameter": parameter, "gradient": gradient[i], "mean": exact.mean[i]}
        row |= {"variance": exact.variance[i]} | mean.columns("measured_mean")
        found.append(row | spread.columns("measured_variance"))
    return found


def factor_row(
    exact: WeightMoments, gradient: Floats, measured: Floats | None
) -> dict[str, Any]:
    """By what E ĝ is longer than ∇J(θ') along it, how far apart both parameters' factors are, its cosine."""
    along = gradient / (gradient @ gradient)
    apart = np.array([1.0, -1.0]) / gradient
    row = {"along": exact.mean @ along, "apart": exact.mean @ apart}
    row["cosine"] = row["along"] / np.linalg.norm(exact.mean) * np.linalg.norm(gradient)
    row["bias"] = float(np.linalg.norm(exact.mean - gradient))
    for name, weights in (("along", along), ("apart", apart)):
        found = Interval.unknown() if measured is None else mean_interval(measured @ weights)
        row |= found.columns(f"measured_{name}")
    return row


def variance_interval(values: Floats) -> Interval:
    """The variance of values (n,) with its 95 % interval, by the spread of their squared deviations."""
    squares = (values - values.mean()) ** 2
    error = float(squares.std(ddof=1)) / len(values) ** 0.5
    return normal_interval(float(values.var(ddof=1)), error, len(values))
