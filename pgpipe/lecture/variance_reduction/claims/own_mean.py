"""Section 5, the batch's own mean, which is E19 to the letter, and the mean of the others (E19, C9)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, exactly, lacking, place_of
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Check, Claim, verdict
from pgpipe.lecture.common.unbiasedness import (
    MARGIN,
    POOLED,
    is_biased,
    largest_deviations,
    pooled_projection,
    projection_cases,
    weak_signal,
)
from pgpipe.lecture.variance_reduction.claims._cases import told

# What two estimates from the same batches may differ by, relatively, and still be the same but for rounding.
SAME = 1e-9

OWN = "‖ĝ_own - (1 - 1/N) ĝ_others‖ / ‖(1 - 1/N) ĝ_others‖"
LEFT_OUT = "ḡ·∇J/‖∇J‖² with the mean of the others"


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


def c9(
    gradient_components: pd.DataFrame, gradient_projection: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """The batch's own mean scales the expected gradient by exactly 1 - 1/N; leaving the trajectory's own
    return out of the mean restores it.
    """
    own, others = _own(estimators), composed_of(estimators, signal="total_return", baseline="mean")[:1]
    apart = _apart(gradient_components, own, others)
    largest = max((case.interval.estimate for case in apart), default=np.nan)
    projection = pooled_projection(gradient_projection, others)
    cases = [replace(case, quantity=LEFT_OUT) for case in projection_cases(gradient_projection, others)]
    differs, biased = largest > SAME, is_biased(projection)
    return Claim(
        test="The mean estimate with the batch's own mean as baseline is compared with 1 - 1/N times that "
        "with the mean of the others, from the same batches, at every N; and the latter's projection on the "
        f"exact ∇J at the largest N is compared with 1; {POOLED}.",
        found=told(
            bool(apart) and projection.is_known,
            f"The two differ by {largest:.0e} of their length at most, which is rounding. With the mean of "
            f"the others the projection is {projection:.3f}.{weak_signal(cases)}",
        ),
        rule=f"Supported if no difference exceeds {SAME:g} of the length and the pooled projection's 95 % "
        f"interval lies within 1 ± {MARGIN:g}; refuted if a difference does, or the projection lies outside "
        f"at {PROMISE:g}.",
        quantity=f"largest {OWN}, of mean estimates",
        n_counts="policies and batch sizes",
        interval=Interval.over_cases(largest, [case.interval.estimate for case in apart], len(apart)),
        verdict=verdict(
            supported=largest <= SAME and projection.within(1, MARGIN), refuted=differs or biased
        ),
        reason=_why_c9(largest, projection),
        figure="P4",
        lacks=lacking(
            (not (own and others), "the config lacks total_return with baseline mean or batch_mean"),
            (bool(own and others) and not (apart and cases), "no exact gradient of both estimators"),
        ),
        cases=[*apart, *cases],
    )


def _own(estimators: pd.DataFrame) -> list[str]:
    """The total return less the mean of the batch that it is in: E19 to the letter."""
    return composed_of(estimators, signal="total_return", baseline="batch_mean", bias="own trajectory")[:1]


def _apart(components: pd.DataFrame, own: Sequence[str], others: Sequence[str]) -> list[Case]:
    """How far the own mean's estimate is from 1 - 1/N times the others', for each policy and N.

    Where ∇J is exact: there estimates are in double precision.
    """
    known = components[components["exact"].notna()]
    keys, cases = ["environment", "policy", "batch_size"], []
    left, right = (
        known[known["estimator"].isin(names)].set_index([*keys, "parameter"])["mean"]
        for names in (own, others)
    )
    for key, pair in pd.concat([left, right], axis=1, keys=["own", "others"]).groupby(keys, sort=False):
        expected = (1 - 1 / key[2]) * pair["others"]
        if (length := float(np.linalg.norm(expected))) > 0:
            off = float(np.linalg.norm(pair["own"] - expected)) / length
            name = f"{place_of(dict(zip(keys, key, strict=True)))}, N = {key[2]}"
            cases.append(Case(name, exactly(off), "for" if off <= SAME else "against", OWN))
    return cases


def _why_c9(largest: float, projection: Interval) -> str:
    """Why it is refuted, or undecided."""
    if largest > SAME:
        return f"The own mean's estimate is not 1 - 1/N times the others': it differs by {largest:.1g}."
    if is_biased(projection):
        return f"With the mean of the others the projection on ∇J is {projection.estimate:.2f}, not 1."
    if projection.is_known and not projection.within(1, MARGIN):
        return f"The projection is known too coarsely, {projection:.2f}, to tell it from 1 ± {MARGIN:g}."
    return ""
