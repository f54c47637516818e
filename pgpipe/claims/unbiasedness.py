"""What several sections ask of the same tables: whether an estimator's mean is the exact gradient."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from pgpipe.evidence import Check, Claim, verdict
from pgpipe.statistics import weighted_mean

# Of all components of all checks of an equation together, how often a right estimator fails.
CHANCE = 1e-4

# How far from one the projection on the exact gradient may be and still count as unbiased.
MARGIN = 0.05


class Pooled(NamedTuple):
    """A precision-weighted mean of projections ḡ·∇J/‖∇J‖² with its 95 % interval."""

    estimate: float
    low: float
    high: float
    n: int  # gradient estimates behind it


def largest_deviations(components: pd.DataFrame, names: Sequence[str]) -> list[Check]:
    """For every estimator, environment and stage the largest |mean - exact| in standard errors.

    At the largest batch of the study, where the mean is nearest to normal.
    """
    rows = components[components["estimator"].isin(names) & components["exact"].notna()]
    rows = rows[rows["batch_size"] == rows["batch_size"].max()]
    off = (rows["mean"] - rows["exact"]).abs()
    # a component without any variance has to be right as it is
    z = np.where(rows["standard_error"] > 0, off / rows["standard_error"], np.where(off < 1e-9, 0.0, np.inf))
    limit = CHANCE / 2 / max(1, len(rows))
    return [
        Check(
            what=f"largest deviation in standard errors, {estimator}, {environment}, {policy}",
            value=float(group["z"].max()),
            reference=0.0,
            tolerance=float(t.ppf(1 - limit, group["replicates"].iloc[0] - 1)),
            n=int(group["replicates"].iloc[0] * group["batch_size"].iloc[0]),
        )
        for (estimator, environment, policy), group in rows.assign(z=z).groupby(
            ["estimator", "environment", "policy"], sort=False
        )
    ]


def pooled_projection(projections: pd.DataFrame, names: Sequence[str]) -> Pooled:
    """The mean of ḡ·∇J/‖∇J‖² over environments with an exact gradient, and stages; one if unbiased."""
    rows = projections[projections["estimator"].isin(names) & (projections["kind"] == "exact")]
    rows = rows[(rows["batch_size"] == rows["batch_size"].max()) & (rows["standard_error"] > 0)]
    if rows.empty:
        return Pooled(np.nan, np.nan, np.nan, 0)
    mean, error = weighted_mean(rows["projection"].to_numpy(), rows["standard_error"].to_numpy())
    half = float(norm.ppf(0.975)) * error
    return Pooled(mean, mean - half, mean + half, int(rows["replicates"].sum()))


def unbiased_claim(deviations: Sequence[Check], projection: Pooled) -> Claim:
    """Supported if the projection is one within its margin and no component deviates."""
    within = projection.low > 1 - MARGIN and projection.high < 1 + MARGIN
    outside = projection.low > 1 + MARGIN or projection.high < 1 - MARGIN
    deviates = not all(check.passed for check in deviations)
    worst = max((check.value for check in deviations), default=np.nan)
    return Claim(
        measure=f"ḡ·∇J/‖∇J‖² over all exact gradients; largest deviation of a component {worst:.2f} errors",
        estimate=projection.estimate,
        low=projection.low,
        high=projection.high,
        n=projection.n,
        criterion=f"interval within 1 ± {MARGIN:g}, no component beyond Student's t at {CHANCE:g} over all",
        verdict=verdict(supported=within and not deviates, refuted=outside or deviates),
        figure="P4",
    )
