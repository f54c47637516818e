"""What several sections ask of the same tables: whether an estimator's mean is the exact gradient."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import lacking
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.statistics import pooled_mean

# Of all components of all checks of an equation together, how often a right estimator fails.
CHANCE = 1e-4

# A mean that a smaller share of the batches decides is that of rare events, of a cell that is hardly ever
# visited: not t-distributed, so not compared. Of a normal one it is a third.
SHARE = 0.15

# How far from one the projection on the exact gradient may be and still count as unbiased.
MARGIN = 0.05


def largest_deviations(components: pd.DataFrame, names: Sequence[str]) -> list[Check]:
    """For every estimator, environment and stage the largest |mean - exact| in standard errors.

    At the largest batch of the study, where the mean is nearest to normal, of the components that more than
    a few batches decide.
    """
    rows = components[components["estimator"].isin(names) & components["exact"].notna()]
    rows = rows[rows["batch_size"] == rows["batch_size"].max()]
    varies = rows["standard_error"] > 0
    rare = varies & (rows["effective"] < SHARE * rows["replicates"])
    rows = rows[~rare & ~_unseen(rows)]
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


def _unseen(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Components that are zero in every batch, while others are not: nothing visited them."""
    still = (rows["standard_error"] == 0) & (rows["mean"] == 0)
    return still & ~still.groupby([rows[name] for name in ("estimator", "environment", "policy")]).transform(
        "all"
    )


def pooled_projection(projections: pd.DataFrame, names: Sequence[str]) -> Interval:
    """The mean of ḡ·∇J/‖∇J‖² over environments with an exact gradient, and stages; one if unbiased."""
    rows = projections[projections["estimator"].isin(names) & (projections["kind"] == "exact")]
    rows = rows[(rows["batch_size"] == rows["batch_size"].max()) & (rows["standard_error"] > 0)]
    if rows.empty:
        return Interval.unknown()
    values, errors = (rows[name].to_numpy() for name in ("projection", "standard_error"))
    return pooled_mean(values, errors, rows["replicates"].sum())


def lacks_projection(projection: Interval, names: Sequence[str], parts: str) -> str:
    """Why there is no projection on the exact gradient of estimators made of these parts."""
    return lacking(
        (not names, f"the config has no estimator of {parts}"),
        (
            bool(names) and not projection.is_known,
            "the gradient study has no environment with an exact gradient",
        ),
    )


def unbiased_claim(deviations: Sequence[Check], projection: Interval, lacks: str) -> Claim:
    """Supported if the projection is one within its margin and no component deviates."""
    deviates = not all(check.passed for check in deviations)
    worst = max((check.value for check in deviations), default=np.nan)
    return Claim(
        test="",
        found=f"ḡ·∇J/‖∇J‖² over all exact gradients; largest deviation of a component {worst:.2f} errors",
        quantity="",
        n_counts="",
        interval=projection,
        rule=f"interval within 1 ± {MARGIN:g}, no component beyond Student's t at {CHANCE:g} over all",
        verdict=verdict(
            supported=projection.within(1, MARGIN) and not deviates,
            refuted=projection.outside(1, MARGIN) or deviates,
        ),
        figure="P4",
        lacks=lacks,
    )
