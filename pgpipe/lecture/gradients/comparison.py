"""What replicate estimates say of an estimator: bias, variance, signal-to-noise, direction (P3, P4, P5)."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.gradients.bias import Reference, bias_z, projection
from pgpipe.rollout import parameter_names
from pgpipe.seeding import stream
from pgpipe.statistics import (
    bootstrap_interval,
    bootstrap_mean,
    cosines,
    effective_number,
    resample_counts,
    total_variances,
)

Floats = NDArray[np.float64]

# Policies with more parameters than this have no row for each of them in the tables.
MAX_COMPONENTS = 64

KEY = ("environment", "policy", "estimator", "batch_size", "replicates")
QUALITY_COLUMNS = (
    *KEY,
    *("bias_z", "bias_norm", "total_variance", "variance_ratio", "variance_ratio_low", "variance_ratio_high"),
    *("snr", "cosine", "cosine_low", "cosine_high"),
)
COMPONENT_COLUMNS = (*KEY, "parameter", "mean", "standard_error", "variance", "effective", "exact")


class GradientsSpec(TypedDict):
    """Estimators that are compared, by name; the variance of all is set beside the yardstick's, if any."""

    seed: int
    environment: EnvironmentSpec
    estimators: list[str]
    yardstick: str | None
    batch_sizes: list[int]
    resamples: int


def quality(estimates: Floats, yardstick: Floats, reference: Reference, counts: Floats) -> dict[str, float]:
    """One row of `gradient_quality.csv`: estimates (R, P) against the reference and the yardstick.

    `counts` (1 + B, R) is how often each replicate is drawn: once in the first row, by chance in the others.
    The yardstick (1 + B,) is the total variance of total_return on the same rollouts, resampled together.
    """
    R, mean = len(estimates), estimates.mean(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        V, *_ = spreads = total_variances(estimates, counts)
        ratio, *ratios = spreads / yardstick
        difference = float(((mean - reference.mean) ** 2).sum()) - V / R - reference.error
        bias = float(np.maximum(0.0, difference)) ** 0.5  # NaN stays NaN
        row = {
            "bias_z": bias_z(estimates, reference),
            "bias_norm": bias / reference.norm if reference.norm else np.nan,
            "total_variance": float(V),
            "variance_ratio": float(ratio) if np.isfinite(ratio) else np.nan,
            "snr": float(np.maximum(0.0, mean @ mean - V / R)) / V if V else np.nan,
        }
    row |= bootstrap_interval(row["variance_ratio"], np.array(ratios), R).columns("variance_ratio")
    return row | bootstrap_mean(cosines(estimates, reference.mean), counts[1:]).columns("cosine")


def components(
    estimates: Floats, reference: Reference, batch_size: int, names: Sequence[str]
) -> pd.DataFrame:
    """Rows of `gradient_components.csv`, one for each parameter; `exact` is NaN where none is known."""
    R = len(estimates)
    variance = estimates.var(0, ddof=1)
    return pd.DataFrame(
        {
            "parameter": names,
            "mean": estimates.mean(0),
            "standard_error": (variance / R) ** 0.5,
            "variance": variance * batch_size,
            "effective": effective_number(estimates),
            "exact": reference.mean if reference.exact else np.nan,
        }
    )


def compare_gradients(
    spec: GradientsSpec,
    policies: pd.DataFrame,
    reference: Mapping[str, Tensor],
    estimates: Mapping[str, Tensor],
) -> dict[str, pd.DataFrame]:
    """The tables gradient_quality, _components, _projection and _reference of one environment.

    `estimates["estimator.policy.n"]` is (R, P); `reference` holds "policy.returns" and "policy.gradients".
    All estimators of a policy and batch size are resampled alike, as they stand on the same rollouts.
    """
    qualities, parts, projections, references = [], [], [], []
    environment, parameters = spec["environment"]["name"], parameter_names(spec["environment"])
    for policy in policies["policy"]:

        def estimated(name: str, n: int, policy: str = policy) -> Floats:
            return estimates[f"{name}.{policy}.{n}"].double().numpy()

        truth = Reference(reference[f"{policy}.gradients"].numpy())
        where = {"environment": environment, "policy": policy}
        references.append(where | _reference_row(truth, reference[f"{policy}.returns"].numpy()))
        counts, yardsticks = {}, {}
        for n in spec["batch_sizes"]:
            rng = stream(spec["seed"], environment, "bootstrap", policy, n)
            R = len(estimated(spec["estimators"][0], n))
            counts[n] = np.concatenate([np.ones((1, R)), resample_counts(R, spec["resamples"], rng)])
            yardsticks[n] = np.full(len(counts[n]), np.nan)
            if spec["yardstick"]:
                yardsticks[n] = total_variances(estimated(spec["yardstick"], n), counts[n])
        for estimator, n in product(spec["estimators"], spec["batch_sizes"]):
            ours = estimated(estimator, n)
            key = where | {"estimator": estimator, "batch_size": n, "replicates": len(ours)}
            qualities.append(key | quality(ours, yardsticks[n], truth, counts[n]))
            projections.append(key | {"kind": truth.kind} | projection(ours, truth))
            if ours.shape[1] <= MAX_COMPONENTS:
                parts.append(components(ours, truth, n, parameters).assign(**key))
    no_parts = pd.DataFrame(columns=COMPONENT_COLUMNS)
    return {
        "gradient_quality": pd.DataFrame(qualities)[list(QUALITY_COLUMNS)],
        "gradient_components": (pd.concat(parts) if parts else no_parts)[list(COMPONENT_COLUMNS)],
        "gradient_projection": pd.DataFrame(projections),
        "gradient_reference": pd.DataFrame(references),
    }


def _reference_row(reference: Reference, returns: Floats) -> dict[str, Any]:
    """One row of `gradient_reference.csv`: what the estimates are compared with, and its own error."""
    n = len(returns)
    return {
        "kind": reference.kind,
        "trajectories": 0 if reference.exact else n,
        "objective": returns.mean(),
        "objective_se": 0.0 if reference.exact else returns.std(ddof=1) / n**0.5,
        "gradient_norm": reference.norm,
        "gradient_rms_error": reference.error**0.5,
    }
