"""Section 5, baselines: constants, and how close the mean is to the best one (E20, E21, C10, C32)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import environments_of, place_of, problems
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.common.identities import Identities
from pgpipe.lecture.variance_reduction.claims._cases import stage_cases, told

# Of the possible reduction of the variance, the share that counts as close to the best.
CLOSE = 0.5

# A variance that the best constants cannot reduce by this share leaves nothing to get.
WORTH = 0.02

# How much of ĝ a constant may change and still "not change it at all": rounding of what was added.
UNCHANGED = 1e-9


IDENTITIES = Identities(
    "causality_identities",
    {
        "E20": "The score has the mean zero, so that a constant may be subtracted from the return.",
        "E21": "The ratio E[g² r]/E[g²] from rollouts is the exact one.",
    },
)


def c10(gradient_reduction: pd.DataFrame) -> Claim:
    """The mean is not the best baseline, but close to it."""
    rows = gradient_reduction[gradient_reduction["possible"] > WORTH]
    best = rows[rows["possible"] - rows["achieved"] <= UNCHANGED]
    far, worse = rows[rows["share"] < CLOSE], rows[rows["achieved"] < 0]
    sides = np.where(rows["share"] < CLOSE, "far", "close")
    not_best = len(rows) > len(best)
    lowest = float(rows["share"].min())
    return Claim(
        test="Share of the possible variance reduction that the mean return attains as a baseline, "
        "exactly: (none - mean)/(none - best), with the best constant of each parameter (E21), total "
        "return, wherever trajectories can be listed, for the policies of one training run at three stages.",
        found=told(
            len(rows) > 0,
            f"The mean is not the best constant in {len(rows) - len(best)} of {len(rows)} policies. It gets "
            f"less than {CLOSE:.0%} of the possible reduction in {len(far)}{environments_of(far)}, and "
            f"is worse than no baseline in {len(worse)}{environments_of(worse)}.{_elsewhere(rows)}",
        ),
        rule="Both halves are needed. Not the best: supported if the best constant has the lower "
        "variance in some "
        f"policy. Close: supported if the share is above {CLOSE:.0%} in every policy where constants can "
        f"remove more than {WORTH:.0%}; refuted by one below. Exact, so no correction.",
        quantity="lowest share of the possible reduction that the mean gets",
        n_counts="policies",
        interval=Interval.over_cases(lowest, rows["share"].to_list(), len(rows)),
        verdict=verdict(
            supported=len(rows) > 0 and not_best and far.empty,
            refuted=len(rows) > 0 and not (not_best and far.empty),
        ),
        reason=_why_c10(rows, far, not_best),
        figure="P3",
        lacks="" if len(rows) else f"no listed problem where constants take away more than {WORTH:.0%}",
        cases=stage_cases(
            rows.assign(exact=True, side=sides, replicates=1),
            "share",
            {"close": "for", "far": "against"},
            "share of the possible reduction that the mean gets",
        ),
    )


def c32(causality_effects: pd.DataFrame) -> Claim:
    """With the mean baseline the gradient does not change at all when a constant is added to every return."""
    mean, none = (
        causality_effects[causality_effects["quantity"] == f"shift, {baseline}"]
        for baseline in ("mean", "no baseline")
    )
    largest, moved = float(mean["largest"].max()), float(none["estimate"].min())
    changed = mean.assign(exact=True, replicates=mean["n"])
    changed["side"] = np.where(mean["largest"] > UNCHANGED, "off", "still")
    return Claim(
        test="Change of the gradient estimate, relative to its length, when 100 is added to every return, in "
        f"every batch on {problems(mean['environment'])}, for the policies of one training run at three "
        "stages: total return, with the mean of the others as baseline (the batch's own differs by the "
        f"factor 1 - 1/N) and without.{_left_out(mean, none)}",
        found=told(
            len(mean) > 0,
            f"With the mean the largest change is {largest:.1e}. Without a baseline the estimate changes on "
            f"average by at least {moved:.2g} times its length in every case.",
        ),
        rule=f"Supported if no change is above {UNCHANGED:g} with the mean and all averages are above it "
        "without. Refuted by one batch above it with the mean. Exact, so no correction.",
        quantity="largest relative change of an estimate, mean of the others as baseline",
        n_counts="batches",
        interval=Interval.over_cases(largest, mean["largest"].to_list(), mean["n"].sum()),
        verdict=verdict(largest <= UNCHANGED < moved, largest > UNCHANGED),
        reason=_why_c32(mean, largest, moved),
        figure="P2",
        lacks="" if len(mean) else "the causality study has no environment",
        cases=stage_cases(changed, "largest", {"still": "for", "off": "against"}, ""),
    )


def _why_c32(mean: pd.DataFrame, largest: float, moved: float) -> str:
    """Why it is refuted, or undecided."""
    if largest > UNCHANGED:
        where = str(mean.loc[mean["largest"].idxmax(), "environment"]).capitalize()
        return f"With the mean subtracted a gradient on {where} changes by {largest:.1e} of its length."
    if len(mean) and not moved > UNCHANGED:
        return "Without a baseline nothing changes either, so that nothing was put to the test."
    return ""


def _why_c10(rows: pd.DataFrame, far: pd.DataFrame, not_best: bool) -> str:
    """Why it is refuted."""
    if far.empty:
        return "" if not_best or rows.empty else "In all policies the mean is the best constant."
    worst = far.loc[far["share"].idxmin()]
    name, ratio = worst["environment"].capitalize(), worst["mean"] / worst["none"]
    words = (
        f"The mean is not the best constant, nor always close to it: in {len(far)} of {len(rows)} policies "
        f"it gets less than {CLOSE:.0%} of the possible reduction; on {name} it"
    )
    if ratio > 1:
        removed = f"while the best constants remove {_removed(worst['possible'])} of it"
        return f"{words} raises the variance up to {ratio:.0f}-fold, {removed}."
    return f"{words} gets {worst['share']:.0%}."


def _removed(share: float) -> str:
    """A share that rounds to all of it, but is not."""
    return "nearly all" if round(share, 2) == 1 else f"{share:.0%}"


def _elsewhere(rows: pd.DataFrame) -> str:
    """The least and the largest share where the mean is better than no baseline."""
    better = rows[rows["achieved"] >= 0].sort_values("share")
    if better.empty:
        return ""
    ends = [f"{row['share']:.0%} ({place_of(row)})" for _, row in better.iloc[[0, -1]].iterrows()]
    return f" Elsewhere it gets {' to '.join(ends)}."


def _left_out(mean: pd.DataFrame, none: pd.DataFrame) -> str:
    """How many batches have no relative change with the mean, and where."""
    keys = ["environment", "policy"]
    short = none.set_index(keys)["n"].sub(mean.set_index(keys)["n"])
    short = short[short > 0]
    where = "; ".join(f"{n:.0f} of {place_of(dict(zip(keys, key, strict=True)))}" for key, n in short.items())
    return (
        f" Batches whose estimate is zero have no relative change and are left out ({where})."
        if where
        else ""
    )
