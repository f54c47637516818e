"""Section 6, the weights: their mean, their median, and how they degenerate (C13, C33)."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import lacking
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.statistics import share_interval

# The later growth of log E[w²] a step over the earlier one, above which it is exponential and no slower.
STEADY = 0.9
# And below which it is slower.
SLOWER = 0.5


def c13(off_policy_moments: pd.DataFrame, off_policy_weights: pd.DataFrame) -> Claim:
    """The product of the weights degenerates exponentially in T."""
    exact = {shift: _growth(rows) for shift, rows in off_policy_moments.groupby("shift")}
    finite = {shift: growth for shift, growth in exact.items() if np.isfinite(growth).all()}
    steady = [late / early for early, late in finite.values()]
    last = off_policy_weights.groupby(["environment", "direction", "distance"]).tail(1)
    least = last.loc[last["effective_share"].idxmin()]
    rate = _measured_rate(off_policy_moments)
    infinite = [f"{shift:+g}" for shift in exact if shift not in finite]
    return Claim(
        test="",
        found="growth of log E[w²] a step on the line, measured over the later half of the longest "
        "horizon at the smallest shift of the gain; exact, later over earlier, "
        f"{min(steady, default=np.nan):.2f} to {max(steady, default=np.nan):.2f}; infinite at "
        f"{', '.join(infinite) or 'no shift'}. Least effective sample size of all trajectories, "
        f"{least['environment']} at {least['distance']:g} nats: {least['effective_share']:.1%}",
        quantity="",
        n_counts="",
        interval=rate,
        rule="interval above zero, and at no shift the exact growth of the later half below "
        f"{STEADY:g} times that of the quarter before; refuted by one below {SLOWER:g} times",
        verdict=verdict(
            supported=rate.low > 0 and bool(steady) and min(steady) > STEADY,
            refuted=rate.high < 0 or min(steady, default=1.0) < SLOWER,
        ),
        figure="P9",
        lacks=lacking(
            (not steady, "E[w²] is infinite at the longest horizon at every shift of the config"),
            (
                bool(steady) and not rate.is_known,
                "no shift has a measured E[w²] with an interval at the longest horizon",
            ),
        ),
    )


def c33(off_policy_weights: pd.DataFrame) -> Claim:
    """The weights are all below one."""
    whole = off_policy_weights.groupby(["environment", "direction", "distance"])
    first, last = whole.head(1).reset_index(), whole.tail(1).reset_index()
    fewest = last.loc[last["above_one"].idxmin()]
    n = int(fewest["n"])
    above = share_interval(round(fewest["above_one"] * n), n)
    known = last.dropna(subset="mean_low")
    covered = (known["mean_low"] <= 1) & (known["mean_high"] >= 1)
    several = last["horizon"] > first["horizon"]
    falls = (last["q50"] < first["q50"])[several]
    return Claim(
        test="",
        found="share of trajectories whose weight is above one, the smallest of all environments and "
        f"distances ({fewest['environment']}, {fewest['distance']:g} nats). Their mean is one within its "
        f"interval in {int(covered.sum())} of {len(known)}, and is exactly one by E22; what falls is the "
        f"median, from the first step to the last in {int(falls.sum())} of {len(falls)}, to "
        f"{np.exp(last['q50'].min()):.2g} at the farthest",
        quantity="",
        n_counts="",
        interval=above,
        rule="no weight above one; refuted by an interval of the share above zero",
        verdict=verdict(supported=bool((last["above_one"] == 0).all()), refuted=above.low > 0),
        figure="P8",
    )


def _growth(rows: pd.DataFrame) -> tuple[float, float]:
    """Growth of the exact log E[w²] a step, in the second quarter and the later half of the longest walk."""
    log = np.log(rows.set_index("horizon")["exact"])
    longest = int(log.index.max())
    quarter, half = max(1, longest // 4), longest // 2
    if half <= quarter or np.isinf(log[longest]):
        return np.inf, np.inf
    return (log[half] - log[quarter]) / (half - quarter), (log[longest] - log[half]) / (longest - half)


def _measured_rate(moments: pd.DataFrame) -> Interval:
    """The later half's growth by measured moments, with its interval, as if its ends were independent."""
    longest = moments["horizon"].max()
    shifts = moments.loc[(moments["horizon"] == longest) & moments["measured_low"].notna(), "shift"]
    if shifts.empty:
        return Interval.unknown()
    shift = shifts.loc[shifts.abs().idxmin()]
    rows = moments[moments["shift"] == shift].set_index("horizon")
    ends = rows.loc[[longest // 2, longest]]
    errors = (ends["measured_high"] - ends["measured_low"]) / 2 / norm.ppf(0.975) / ends["measured"]
    steps = longest - longest // 2
    rate = float(np.log(ends["measured"]).diff().iloc[-1]) / steps
    half = float(norm.ppf(0.975) * np.hypot(*errors)) / steps
    return Interval.by_chance(rate, rate - half, rate + half, ends["n"].iloc[0])
