"""Section 5, the batch's own mean, which is E19 to the letter, and the mean of the others (E19, C9)."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import lacking
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Check, Claim, verdict
from pgpipe.lecture.common.unbiasedness import largest_deviations
from pgpipe.lecture.variance_reduction.claims._cases import told
from pgpipe.statistics import normal_interval, pooled_mean

# How often a true C9 may be refuted, and the level of the normal law that keeps it: batches are skewed, and
# those that come out low also look precise, so that the pooled tails are a few times wider than normal.
PROMISED, LEVEL = 1e-3, 1e-4

# How far a shrinkage, in units of 1/N, may be from what it should be: half-way to no shrinkage at all.
HALF = 0.5


def e19(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """With the mean of the others subtracted the expectation is ∇J, with the batch's own (1 - 1/N) ∇J."""
    others, own = composed_of(estimators, baseline="mean"), _own(estimators)
    shrunk = gradient_components["exact"] * (1 - 1 / gradient_components["batch_size"])
    by_letter = gradient_components["estimator"].isin(own)
    expected = gradient_components.assign(exact=gradient_components["exact"].mask(by_letter, shrunk))
    checks = largest_deviations(expected, [*others, *own])
    return [
        replace(check, what=f"{check.what}, from (1 - 1/N) ∇J")
        if any(f", {name}, " in check.what for name in own)
        else check
        for check in checks
    ]


def c9(gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """The batch's own mean scales the expected gradient by exactly 1 - 1/N; leaving the own trajectory out
    restores it.
    """
    names = _own(estimators), composed_of(estimators, signal="total_return", baseline="mean")[:1]
    rows = gradient_projection[
        (gradient_projection["kind"] == "exact") & (gradient_projection["standard_error"] > 0)
    ]
    # the smaller the batch, the more it shrinks: at N = 8 by an eighth, which some thousand batches can tell
    rows = rows[rows["batch_size"] == rows["batch_size"].min()]
    N = int(rows["batch_size"].iloc[0]) if len(rows) else 0
    (own, cases), (others, more) = (_shrinkage(rows[rows["estimator"].isin(of)]) for of in names)
    off = _beyond(own, 1) or _beyond(others, 0)
    close = own.within(1, HALF) and others.within(0, HALF)
    return Claim(
        test=f"How much the mean gradient estimate from batches of N = {N} falls short of the exact ∇J, "
        "along ∇J and in units of 1/N, with the batch's own mean subtracted and with the mean of the "
        "others; pooled over all environments with an exact ∇J and all training stages of this seed.",
        found=told(
            own.is_known and others.is_known,
            f"Shortfall in units of 1/N: {own:.2f} with the batch's own mean (theory: 1), {others:.2f} "
            "with the "
            "mean of the others (theory: 0).",
        ),
        rule=f"Supported if the 95 % intervals are within 1 ± {HALF:g} and 0 ± {HALF:g}. Refuted if one of "
        f"the two deviates from 1 or 0 by more than chance, {PROMISED:g} over both tests.",
        quantity=f"N (1 - ḡ·∇J/‖∇J‖²) with the batch's own mean, N = {N}",
        n_counts="batches",
        interval=own,
        verdict=verdict(supported=close and not off, refuted=off),
        reason=_why_c9(own, others, off, close),
        figure="P4",
        lacks=lacking(
            (not all(names), "the config lacks total_return with baseline mean or batch_mean"),
            (all(names) and not (own.is_known and others.is_known), "no exact gradient of both estimators"),
        ),
        cases=[*cases, *more],
    )


def _own(estimators: pd.DataFrame) -> list[str]:
    """The total return less the mean of the batch that it is in: E19 to the letter."""
    return composed_of(estimators, signal="total_return", baseline="batch_mean", bias="own trajectory")[:1]


def _shrinkage(rows: pd.DataFrame) -> tuple[Interval, Sequence[Case]]:
    """N (1 - projection), pooled over environments and stages, and each of them."""
    if rows.empty:
        return Interval.unknown(), []
    N = rows["batch_size"].to_numpy()
    values, errors = N * (1 - rows["projection"].to_numpy()), N * rows["standard_error"].to_numpy()
    cases = [
        Case(
            f"{row.estimator}, {row.environment}, {row.policy}", normal_interval(value, error, row.replicates)
        )
        for row, value, error in zip(rows.itertuples(), values, errors, strict=True)
    ]
    return pooled_mean(values, errors, rows["replicates"].sum()), cases


def _beyond(interval: Interval, expected: float) -> bool:
    """Whether the estimate is off by more than chance allows one of two looks."""
    wider = norm.ppf(1 - LEVEL / 2 / 2) / norm.ppf(0.975)
    half = (interval.high - interval.low) / 2
    return bool(abs(interval.estimate - expected) > wider * half)


def _why_c9(own: Interval, others: Interval, off: bool, close: bool) -> str:
    """Why it is refuted, or undecided."""
    if _beyond(own, 1):
        return f"The batch's own mean shrinks the gradient by {own.estimate:.2f}/N, not by 1/N."
    if off:
        return f"With the mean of the others the gradient still falls short, by {others.estimate:.2f}/N."
    return "" if close else "Too few batches to tell a shrinkage of 1/N from none."
