"""Section 5, two means: what causality drops, and what the reward to go estimates (C30, C31)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import problems
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.common.unbiasedness import CHANCE, MARGIN
from pgpipe.lecture.variance_reduction.claims._cases import pooled_effect, told

# What a claim says of its cases where only the pooled value decides.
NOISY = "a single case is too noisy to judge, the pooled value decides"


def c30(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[∇log π_θ(a_t'|s_t') r_t] = 0 for t < t': the past has no part in the gradient."""
    pooled, cases = pooled_effect(causality_effects, "past")
    failed, worst, looks = _failed(causality_identities, "E16")
    places = problems(case.name.partition(",")[0] for case in cases)
    return Claim(
        test="What E16 drops, the scores times the rewards before them, projected on the exact ∇J, pooled by "
        f"precision over {places}, where rewards come before the end, for the policies of one training run "
        f"at three stages ({NOISY}); and the mean of every pair of a score and an earlier reward.",
        found=told(
            pooled.is_known,
            f"The projection is {pooled:.3f} of the length of ∇J. The largest mean, of {looks} pairs, is "
            f"{worst:.1f} standard errors from zero (limit {_limit(causality_identities, 'E16'):.1f}).",
        ),
        rule=f"Supported if the 95 % interval of the projection is within ± {MARGIN:g} and no mean of a pair "
        f"differs from zero (level {CHANCE:g}, Bonferroni over {looks} pairs and all other means of the "
        "table); refuted if the interval is outside or a mean differs.",
        quantity="projection of what E16 drops on ∇J, in lengths of ∇J",
        n_counts="batches",
        interval=pooled,
        verdict=verdict(
            supported=pooled.within(0, MARGIN) and not failed,
            refuted=pooled.outside(0, MARGIN) or bool(failed),
        ),
        reason=_why(pooled, 0, failed, "The rewards before an action have a part in the gradient"),
        figure="P4",
        lacks="" if pooled.is_known else "no environment with rewards before its last action",
        cases=cases,
    )


def c31(causality_effects: pd.DataFrame, causality_identities: pd.DataFrame) -> Claim:
    """E[Q̂_t | s, a] = Q(s, a): the reward to go estimates the Q-function."""
    pooled, cases = pooled_effect(causality_effects, "slope of Q̂")
    failed, worst, looks = _failed(causality_identities, "E17")
    places = problems(case.name.partition(",")[0] for case in cases)
    each = ", ".join(f"{case.name.partition(', ')[2]} {case.interval.estimate:.3f}" for case in cases)
    return Claim(
        test=f"On {places}, for the policies of one training run at three stages: slope of the reward to go "
        f"Q̂ over the exact Q(s, a) by dynamic programming, over all visits ({NOISY}); and the mean of Q̂ - "
        "Q over the visits of every state and action.",
        found=told(
            pooled.is_known,
            f"The slope is {pooled:.4f} ({each}). The largest mean of Q̂ - Q, of {looks} states and actions, "
            f"is {worst:.1f} standard errors from zero (limit {_limit(causality_identities, 'E17'):.1f}).",
        ),
        rule=f"Supported if the 95 % interval of the slope is within 1 ± {MARGIN:g} and no mean of Q̂ - Q "
        f"differs from zero (level {CHANCE:g}, Bonferroni over {looks} states and actions and all other "
        "means of the table); refuted if the interval is outside or a mean differs.",
        quantity="slope of Q̂ over Q",
        n_counts="batches",
        interval=pooled,
        verdict=verdict(
            supported=pooled.within(1, MARGIN) and not failed,
            refuted=pooled.outside(1, MARGIN) or bool(failed),
        ),
        reason=_why(pooled, 1, failed, "The reward to go does not have the mean Q"),
        figure="P27",
        lacks="" if pooled.is_known else "the causality study has no environment with an exact Q(s, a)",
        cases=cases,
    )


def _failed(identities: pd.DataFrame, equation: str) -> tuple[Sequence[Check], float, int]:
    """The checks of an equation that did not pass; its largest mean in standard errors, and of how many."""
    checks = identity_checks(identities, equation)
    means = _means(identities, equation)
    return [check for check in checks if not check.passed], means["value"].max(), means["comparisons"].sum()


def _means(identities: pd.DataFrame, equation: str) -> pd.DataFrame:
    """The rows that are means, without those of a sum of pairs."""
    rows = identities[(identities["equation"] == equation) & (identities["kind"] == "mean")]
    return rows[~rows["what"].str.startswith("largest mean of what E16 drops")]


def _limit(identities: pd.DataFrame, equation: str) -> float:
    """From how many standard errors on such a mean differs from zero: the least limit of these rows."""
    whats = set(_means(identities, equation)["what"])
    checks = identity_checks(identities, equation)
    return min((c.tolerance for c in checks if c.what.rpartition(", ")[0] in whats), default=np.nan)


def _why(pooled: Interval, expected: float, failed: Sequence[Check], words: str) -> str:
    """Why such a claim is refuted, or undecided."""
    if failed:
        return f"{words}: {failed[0].what} fails, {failed[0].value:.2g}."
    if pooled.outside(expected, MARGIN):
        return f"{words}: {pooled:.3f} where {expected:g} is due."
    if pooled.is_known and not pooled.within(expected, MARGIN):
        return f"Too few batches: the interval is wider than {expected:g} ± {MARGIN:g}."
    return ""
