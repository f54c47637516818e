"""Section 3, what the gradient does: Gaussian policies, weighted maximum likelihood (E12, E13, C5, C29)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import any_below, least
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.statistics import mean_interval

# How far two ways to the same number may differ, relatively, in double precision: some 10⁴ roundings of
# 10⁻¹⁶ each, and room for a small difference of large numbers.
SAME = 1e-9

# Of the actions seen, the share that has to rise for "all" of them.
ALL = 0.99

WEIGHTED = ("total_return", "return_minus_mean")


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
    weighted = step_batches[step_batches["weighting"].isin(WEIGHTED)]
    excess = _series(weighted.assign(excess=weighted["correlation"] - weighted["permuted"]), "excess")
    ordered = len(excess) > 0 and bool((excess["low"] > 0).all())
    return Claim(
        test="",
        found="rank correlation of the return with the change of log p(τ), above that under permuted "
        f"returns, the least of {_in_words(excess, '.3f')}; maximum-likelihood gradient off by "
        f"{difference:.1e} of its length",
        quantity="",
        n_counts="",
        interval=least(excess, "mean"),
        rule="the interval above 0 in every environment, with and without a baseline, and the "
        f"gradients the same within {SAME:g}; refuted if one lies below 0 at 5 % over all together, or the "
        "gradients differ",
        verdict=verdict(
            supported=ordered and difference <= SAME,
            refuted=any_below(excess, "mean", 0.0) or difference > SAME,
        ),
        figure="F6",
        lacks=_few(excess),
    )


def c29(step_batches: pd.DataFrame) -> Claim:
    """Maximum likelihood raises the log-probability of all actions it saw."""
    rows = step_batches[step_batches["weighting"] == "likelihood"]
    share, change = _series(rows, "share_raised"), _series(rows, "mean_change")
    all_rise = len(share) > 0 and bool((share["low"] > ALL).all())
    return Claim(
        test="",
        found="share of the actions seen whose log-probability rises in one step, the least of "
        f"{_in_words(share, '.3f')}; mean change of log π over all of them: {_in_words(change, '.2e')}",
        quantity="",
        n_counts="",
        interval=least(share, "mean"),
        rule=f"in every environment the interval of the share above {ALL:g} and that of the mean change "
        "above 0; refuted if one lies below at 5 % over all together",
        verdict=verdict(
            supported=all_rise and bool((change["low"] > 0).all()),
            refuted=any_below(share, "mean", ALL) or any_below(change, "mean", 0.0),
        ),
        figure="F2",
        lacks=_few(share),
    )


def _series(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean over batches with its interval, for each environment and weighting: mean, low, high, n."""
    keys, found = [], []
    for key, group in rows.groupby(["environment", "weighting"]):
        values = group[column].dropna().to_numpy(float)  # returns that never differ have no order
        keys.append(key)
        found.append(mean_interval(values).named("mean", "low", "high") | {"n": len(values)})
    return pd.DataFrame(found, index=pd.Index(keys), columns=["mean", "low", "high", "n"])


def _few(series: pd.DataFrame) -> str:
    """Which series have too few batches for an interval."""
    few = [place for place, _ in series.index[series["low"].isna()]]
    if series.empty:
        return "the step study has no batch"
    return (
        f"fewer than two batches with returns that differ in {', '.join(dict.fromkeys(few))}" if few else ""
    )


def _in_words(series: pd.DataFrame, form: str) -> str:
    """Every row with its interval."""
    return "; ".join(
        f"{place}, {weights.replace('_', ' ')} "
        f"{Interval.from_columns(row, ('mean', 'low', 'high'), row['n']):{form}}"
        for (place, weights), row in zip(series.index, series.to_dict("records"), strict=True)
    )
