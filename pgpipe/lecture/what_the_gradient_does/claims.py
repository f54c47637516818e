"""Section 3, what the gradient does: Gaussian policies, weighted maximum likelihood (E12, E13, C5, C29)."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, all_above, any_below, least, listed, problems
from pgpipe.lecture.common.evidence import Case, Check, Claim, Says, verdict
from pgpipe.statistics import mean_interval

# How far two ways to the same number may differ, relatively, in double precision: some 10⁴ roundings of
# 10⁻¹⁶ each, and room for a small difference of large numbers.
SAME = 1e-9

# Of the actions seen, the share that has to rise for "all" of them.
ALL = 0.99

# Of all looks of a claim together, how often one that is false would be supported.
SUPPORT = 0.05

WEIGHTS = {"total_return": "no baseline", "return_minus_mean": "mean as baseline"}


def e12(gaussian_checks: pd.DataFrame) -> list[Check]:
    """log π by the formula is what the policy, and torch's own distribution, say."""
    return [
        Check(f"largest difference of log π (nats), {row.environment}, {words}", value, 0.0, SAME, row.steps)
        for row in gaussian_checks.itertuples()
        for words, value in (("policy", row.log_prob), ("torch", row.torch))
    ]


def e13(gaussian_checks: pd.DataFrame) -> list[Check]:
    """The score by the formula is the automatic derivative of log π by the parameters of the mean."""
    return [
        Check(f"largest relative difference of a score, {row.environment}", row.score, 0.0, SAME, row.steps)
        for row in gaussian_checks.itertuples()
    ]


def c5(step_batches: pd.DataFrame) -> Claim:
    """With all weights one the policy gradient is the maximum-likelihood gradient; with returns as weights
    one step moves log p_θ(τ) in the order of the returns.
    """
    difference = float(step_batches["likelihood_difference"].max())
    weighted = step_batches[step_batches["weighting"].isin(list(WEIGHTS))]
    excess = _series(weighted.assign(excess=weighted["correlation"] - weighted["permuted"]), "excess")
    against = any_below(excess, "mean", 0.0, PROMISE)
    ordered, lowest = all_above(excess, "mean", 0.0, SUPPORT), least(excess, "mean")
    name = _lowest(excess)
    return Claim(
        test=f"On {problems(step_batches['environment'])}, for policies of several training runs, the "
        "changes of log p(τ) by a small step on each of many batches are rank-correlated with the returns, "
        "without and with a baseline, minus the same for shuffled returns; with all weights one, the "
        "gradient is compared with that of torch's own losses.",
        found=f"The lowest rank correlation above chance is {lowest:.2f} ({name}); the maximum-likelihood "
        f"gradient matches to {difference:.0e} of its length.",
        rule="Supported if in every environment, with and without a baseline, the mean correlation above "
        f"chance, over policies, lies above 0 at {SUPPORT:g} over all of them together (Bonferroni), and the "
        f"gradients match to {SAME:g} of their length; refuted if one lies below 0 at {PROMISE:g}, or "
        "the gradients "
        "differ.",
        quantity="lowest rank correlation of return and change of log p(τ), above chance",
        interval=lowest,
        n_counts="policies in each environment",
        verdict=verdict(
            supported=ordered and difference <= SAME,
            refuted=against or difference > SAME,
        ),
        figure="F2",
        reason=_why_no_order(name, lowest, difference, ordered, against) or _tendency(excess),
        lacks=_few(excess),
        cases=_cases(excess, 0.0, "rank correlation above chance"),
    )


def c29(step_batches: pd.DataFrame) -> Claim:
    """Maximum likelihood raises the log-probability of all actions it saw."""
    rows = step_batches[step_batches["weighting"] == "likelihood"]
    share, change = _series(rows, "share_raised"), _series(rows, "mean_change")
    lowest, name = least(share, "mean"), _lowest(share)
    falls = any_below(change, "mean", 0.0, PROMISE)
    on_average = "falls" if falls else "rises" if all_above(change, "mean", 0.0, SUPPORT) else "hardly moves"
    fewer = any_below(share, "mean", ALL, PROMISE)
    reason = ""
    if falls or fewer:
        each = listed(f"{row['mean']:.0%} ({_name(place)})" for place, row in share.iterrows())
        reason = (
            f"A step raises log π for only {each} of the actions it saw; their mean log-probability "
            f"{on_average}."
        )
    elif not all_above(share, "mean", ALL, SUPPORT):
        reason = f"The share is known too coarsely ({name}): {lowest:.2f}."
    elif on_average != "rises":
        reason = "Whether the mean log-probability of the actions rises is not clear."
    return Claim(
        test=f"On {problems(step_batches['environment'])}, for policies of several training runs, a small "
        "step is taken along the likelihood gradient of each of many batches that the policy itself sampled, "
        "and the share of the batch's actions whose log-probability rises is counted.",
        found=f"As few as {lowest:.2f} of the actions become more likely ({name}); their mean "
        f"log-probability {on_average}. The data are the policy's own, so that the expected likelihood "
        "gradient is zero and the step fits noise.",
        rule="Supported if in every environment the mean share over policies lies above "
        f"{ALL:g}, and the mean change of log π above 0, at {SUPPORT:g} over all of them together "
        f"(Bonferroni); refuted if either mean lies below its bound at {PROMISE:g}.",
        quantity="lowest share of the actions seen whose log-probability rises",
        interval=lowest,
        n_counts="policies in each environment",
        verdict=verdict(
            supported=all_above(share, "mean", ALL, SUPPORT) and all_above(change, "mean", 0.0, SUPPORT),
            refuted=fewer or falls,
        ),
        figure="F2",
        reason=reason,
        lacks=_few(share),
        cases=_cases(share, ALL, "share raised") + _cases(change, 0.0, "mean change of log π (nats)"),
    )


def _series(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean over policies with its interval, for each environment and weighting: mean, low, high, n.

    A policy's value is the mean over its batches: these share the policy, and are no replicates.
    """
    keys, found = [], []
    for key, group in rows.groupby(["environment", "weighting"]):
        # returns that never differ have no order
        values = group.groupby("seed")[column].mean().dropna().to_numpy(float)
        keys.append(key)
        found.append(mean_interval(values).named("mean", "low", "high") | {"n": len(values)})
    return pd.DataFrame(found, index=pd.Index(keys), columns=["mean", "low", "high", "n"])


def _cases(series: pd.DataFrame, bound: float, quantity: str) -> list[Case]:
    """Each series, and on which side of the bound its interval lies."""
    cases = []
    for place, row in series.iterrows():
        interval = Interval.from_columns(row, ("mean", "low", "high"), row["n"])
        says: Says = "for" if interval.low > bound else "against" if interval.high < bound else "neither"
        cases.append(Case(_name(place), interval, says, quantity))
    return cases


def _lowest(series: pd.DataFrame) -> str:
    """The name of the series that `least` picks."""
    return _name(series["mean"].idxmin()) if series["mean"].notna().any() else "none"


def _name(place: Any) -> str:
    """Environment and weights of a series, in words; the environment alone where all weights are one."""
    environment, weights = place
    return f"{environment}, {WEIGHTS[weights]}" if weights in WEIGHTS else str(environment)


def _few(series: pd.DataFrame) -> str:
    """Which series have too few policies for an interval."""
    few = [place for place, _ in series.index[series["low"].isna()]]
    if series.empty:
        return "the step study has no batch"
    return (
        f"fewer than two policies with returns that differ in {', '.join(dict.fromkeys(few))}" if few else ""
    )


def _why_no_order(name: str, lowest: Interval, difference: float, ordered: bool, against: bool) -> str:
    """Why C5 is not supported; nothing if it is."""
    if difference > SAME:
        return f"The gradient with all weights one differs from maximum likelihood's by {difference:.1g}."
    if against:
        return f"Steps move trajectories against the order of their returns ({name}): {lowest:.2f}."
    if not ordered:
        return f"The order is not clearly better than chance ({name}): {lowest:.2f}.{_how_many(lowest)}"
    return ""


def _tendency(excess: pd.DataFrame) -> str:
    """How far the order holds where it does."""
    low, high = excess["mean"].min(), excess["mean"].max()
    return (
        "The order is a tendency, not a strict one: the rank correlation of return and change is "
        f"{low:.2f} to {high:.2f} above chance."
    )


def _how_many(lowest: Interval) -> str:
    """How many policies would tell a mean from zero, at `SUPPORT` over four series, in 19 of 20 seeds."""
    half = (lowest.high - lowest.low) / 2
    if not lowest.estimate > half / 2:  # less than one standard error: the sign itself is open
        return ""
    wider = (norm.ppf(1 - SUPPORT / 8) + norm.ppf(0.95)) / norm.ppf(0.975)
    return f" Some {np.ceil(lowest.n * (wider * half / lowest.estimate) ** 2):.0f} policies would decide."
