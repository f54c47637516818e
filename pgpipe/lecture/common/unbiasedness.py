"""What several sections ask of the same tables: whether an estimator's mean is the exact gradient."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, lacking, place_of, problems, stretched
from pgpipe.lecture.common.evidence import Case, Check, Claim, Says, verdict
from pgpipe.statistics import normal_interval, weighted_mean

# Of all components of all checks of an equation together, how often a right estimator fails.
CHANCE = 1e-4

# A mean that a smaller share of the batches decides is that of rare events, of a cell that is hardly ever
# visited: not t-distributed, so not compared. Of a normal one it is a third.
SHARE = 0.15

# How the projections are pooled: a sentence's part, for the tests of claims.
POOLED = (
    "the projection is pooled, stages by precision and environments equally, as a single case is mostly too "
    "noisy to judge"
)

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
    """The mean of ḡ·∇J/‖∇J‖² over environments with an exact gradient; one if unbiased.

    An environment's stages are weighted by precision, and environments count equally: a problem of one step
    is so precise that nothing else would count.
    """
    rows = _exact_projections(projections, names)
    if rows.empty:
        return Interval.unknown()
    found = np.array([
        weighted_mean(own["projection"].to_numpy(), own["standard_error"].to_numpy())
        for _, own in rows.groupby("environment")
    ])  # fmt: skip
    error = float(np.linalg.norm(found[:, 1])) / len(found)
    return normal_interval(float(found[:, 0].mean()), error, rows["replicates"].sum())


def projection_cases(projections: pd.DataFrame, names: Sequence[str]) -> list[Case]:
    """ḡ·∇J/‖∇J‖² in each of them."""
    cases = []
    for _, row in _exact_projections(projections, names).iterrows():
        interval = normal_interval(row["projection"], row["standard_error"], row["replicates"])
        says: Says = "for" if interval.within(1, MARGIN) else "against" if is_biased(interval) else "neither"
        name = place_of(row) + (f", {row['estimator']}" if len(names) > 1 else "")
        cases.append(Case(name, interval, says, "ḡ·∇J/‖∇J‖²"))
    return cases


def weak_signal(cases: Sequence[Case]) -> str:
    """Where nothing is learned from a projection: its interval is wider than what it estimates."""
    weak = "; ".join(case.name for case in cases if case.interval.high - case.interval.low > 1)
    return f" Where ∇J is too small the projection says nothing ({weak})." if weak else ""


def is_biased(projection: Interval) -> bool:
    """Whether an interval that misses only once in 1/`PROMISE` times lies outside 1 ± `MARGIN`."""
    low, high = stretched(projection, PROMISE)
    return low > 1 + MARGIN or high < 1 - MARGIN


def _exact_projections(projections: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Rows at the largest batch, against an exact gradient, of what varies at all."""
    rows = projections[projections["estimator"].isin(names) & (projections["kind"] == "exact")]
    return rows[(rows["batch_size"] == rows["batch_size"].max()) & (rows["standard_error"] > 0)]


def lacks_projection(projection: Interval, names: Sequence[str], parts: str) -> str:
    """Why there is no projection on the exact gradient of estimators made of these parts."""
    return lacking(
        (not names, f"the config has no estimator of {parts}"),
        (
            bool(names) and not projection.is_known,
            "the gradient study has no environment with an exact gradient",
        ),
    )


def unbiased_claim(
    deviations: Sequence[Check], projection: Interval, cases: Sequence[Case], lacks: str
) -> Claim:
    """Supported if the projection is one within its margin and no component deviates."""
    off = [check for check in deviations if not check.passed]
    worst = max((check.value for check in deviations), default=np.nan)
    reason = ""
    if off:
        reason = f"The mean gradient is off by {off[0].value:.1f} standard errors: {off[0].what}."
    elif is_biased(projection):
        reason = f"Along ∇J the mean gradient is {projection.estimate:.2f} times as long as it should be."
    elif projection.is_known and not projection.within(1, MARGIN):
        reason = f"The length is known too coarsely, {projection:.2f}, to tell it from 1 ± {MARGIN:g}."
    environments = problems(case.name.partition(",")[0] for case in cases)
    return Claim(
        test="The mean gradient of many batches is compared with the exact one, component by component and "
        f"by its projection on it, for the policies of one training run at three stages ({environments}); "
        f"{POOLED}.",
        found=f"Along the exact gradient the mean estimate has {projection:.3f} times its length; the "
        f"largest deviation of a component is {worst:.1f} standard errors.{weak_signal(cases)}",
        rule=f"Supported if the pooled projection's 95 % interval lies within 1 ± {MARGIN:g} and no "
        f"component deviates; refuted if it lies outside at {PROMISE:g}, or a component is off by Student's "
        f"t at {CHANCE:g} over all components together (Bonferroni).",
        quantity="ḡ·∇J/‖∇J‖², environments weighted equally",
        interval=projection,
        n_counts="batches",
        verdict=verdict(
            supported=projection.within(1, MARGIN) and not off,
            refuted=is_biased(projection) or bool(off),
        ),
        figure="P4",
        reason=reason,
        lacks=lacks,
        cases=cases,
    )
