"""The bandit's gradient at θ' from the samples of θ: plain, clipped and truncated ratios (P20, E47, E48).

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
    own_and_wide,
    sampled_rows,
    second_moments,
    uphill,
)
from pgpipe.oracles import bandit
from pgpipe.oracles.bandit_clipping import WeightMoments
from pgpipe.rollout import policy_for
from pgpipe.statistics import cosines, mean_interval

Floats = NDArray[np.float64]

POINTS = 60  # of an exact curve
PARAMETERS = ("k", "sigma")  # μ and σ, by the policy's names


def compare_clipping(spec: ClippingSpec) -> dict[str, pd.DataFrame]:
    """The tables `clipping`, `clipping_factors` and `clipping_identities`."""
    environment = spec["environment"]
    behaviour = policy_for(environment).initial(np.random.default_rng(0))  # the configured one
    own, wide = own_and_wide(spec, behaviour)
    curve = np.linspace(0, 1.05 * max(spec["kls"]) ** 0.5, POINTS) ** 2
    rows: list[dict[str, Any]] = []
    factors: list[dict[str, Any]] = []
    for kl in sorted({*spec["kls"], *curve}):
        target = uphill(behaviour, environment, kl)
        gradient = bandit.exact(target.numpy(), environment)[1]
        for form in spec["forms"]:
            exact, estimates, squares = exact_moments(spec, form, behaviour, target), None, None
            if kl in spec["kls"]:
                estimates = sampled_rows(spec, form, behaviour, target, own).numpy()
                squares = second_moments(spec, form, behaviour, target, wide)
            keys = {"form": form, "kl": kl, "n": 0 if estimates is None else len(estimates)}
            rows += [keys | row for row in component_rows(exact, gradient, estimates, squares)]
            factors.append(keys | factor_row(exact, gradient, estimates))
    return {
        "clipping": pd.DataFrame(rows).assign(environment=environment["name"]),
        "clipping_factors": pd.DataFrame(factors).assign(environment=environment["name"]),
        "clipping_identities": clipping_identities(spec, behaviour, own),
    }


def component_rows(
    exact: WeightMoments, gradient: Floats, estimates: Floats | None, squares: Floats | None
) -> list[dict[str, Any]]:
    """For each parameter: ∂J(θ'), mean and variance of an estimate, exact and from measured rows (N, 2)."""
    found = []
    for i, parameter in enumerate(PARAMETERS):
        mean = spread = Interval.unknown()
        if estimates is not None and squares is not None:
            mean = mean_interval(estimates[:, i])
            spread = variance_interval(estimates[:, i], squares[:, i])
        row = {"parameter": parameter, "gradient": gradient[i], "mean": exact.mean[i]}
        row |= {"variance": exact.variance[i]} | mean.columns("measured_mean")
        found.append(row | spread.columns("measured_variance"))
    return found


def factor_row(exact: WeightMoments, gradient: Floats, estimates: Floats | None) -> dict[str, Any]:
    """By what E ĝ is longer than ∇J(θ') along it, how far apart both parameters' factors are, its cosine."""
    along = gradient / (gradient @ gradient)
    # where ∂J/∂μ is zero nothing is a factor of it
    apart = np.divide([1.0, -1.0], gradient, out=np.full(2, np.nan), where=gradient != 0)
    row = {"along": float(exact.mean @ along), "apart": float(exact.mean @ apart)}
    row["cosine"] = float(cosines(exact.mean, gradient))
    row["bias"] = float(np.linalg.norm(exact.mean - gradient))
    for name, weights in (("along", along), ("apart", apart)):
        found = Interval.unknown() if estimates is None else mean_interval(estimates @ weights)
        row |= found.columns(f"measured_{name}")
    return row


def variance_interval(values: Floats, squares: Floats) -> Interval:
    """E[x²] - (E x)² with its 95 % interval, from independent rows of means E x and E[x²], (n,) each."""
    mean, second = mean_interval(values), mean_interval(squares)
    half = np.hypot((second.high - second.low) / 2, mean.estimate * (mean.high - mean.low))
    found = second.estimate - mean.estimate**2
    return Interval.by_chance(found, found - half, found + half, second.n)
