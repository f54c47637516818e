"""Section 6, the weights: their mean, their median, and how they degenerate (C13, C33)."""

import numpy as np
import pandas as pd
from scipy.stats import beta

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, lowest_of
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.off_policy.claims._rows import DISTANCE, place_of

# The later growth of log E[w²] a step over the earlier one, above which it is exponential and no slower.
STEADY = 0.9
# And below which it is slower: a power of T would keep one half of its rate.
SLOWER = 0.75

ABOVE = "share of weights above one"


def c13(off_policy_moments: pd.DataFrame, off_policy_weights: pd.DataFrame) -> Claim:
    """The product of the weights degenerates exponentially in T."""
    growths = {float(shift): _growth(rows) for shift, rows in off_policy_moments.groupby("shift")}
    finite = {shift: pair for shift, pair in growths.items() if np.isfinite(pair).all()}
    cases = [_steady(shift, *pair) for shift, pair in finite.items()]
    rates, ratios = [late for _, late in finite.values()], [case.interval.estimate for case in cases]
    slower = [case for case in cases if case.says == "against"]
    last = off_policy_weights.groupby(["environment", "direction", "distance"]).tail(1)
    infinite = [f"{shift:+g}" for shift, pair in growths.items() if np.isinf(pair).any()]
    supported = bool(cases) and all(case.says == "for" for case in cases)
    return Claim(
        test="Exact growth of log E[w²] per step on the line for several shifts of k: its rate in the second "
        f"half of the horizon ({off_policy_moments['horizon'].max():.0f} steps) over that in the quarter "
        "before; exponential growth keeps its rate.",
        found=f"The later rate is {min(rates, default=np.nan):.2g} to {max(rates, default=np.nan):.2g} per "
        f"step, at least {min(ratios, default=np.nan):.2f} of the earlier one; E[w²] is infinite at shifts "
        f"{', '.join(infinite) or 'none'}.{_left(last)}",
        rule=f"Supported if the later rate is above zero and above {STEADY:g} times the earlier one at "
        f"every shift with a finite moment; refuted if at one it is below {SLOWER:g} times. "
        "Exact, so no correction.",
        quantity="later rate over the earlier one of the growth of log E[w²], least over shifts",
        n_counts="shifts of k",
        interval=Interval.over_cases(min(ratios, default=np.nan), ratios, len(ratios)),
        verdict=verdict(supported, refuted=bool(slower)),
        figure="P9",
        reason=_why_slower(supported, slower, cases),
        lacks="" if cases else "E[w²] is infinite at the longest horizon at every shift of the config",
        cases=[*cases, *(_rate(shift, late) for shift, (_, late) in finite.items())],
    )


def c33(off_policy_weights: pd.DataFrame) -> Claim:
    """The weights are all below one."""
    whole = off_policy_weights.groupby(["environment", "direction", "distance"])
    first, last = whole.head(1).reset_index(), whole.tail(1).reset_index()
    cases = [_above(row, len(last)) for _, row in last.dropna(subset="above_one").iterrows()]
    lowest = lowest_of(cases)
    least = lowest or Case("no case", Interval.unknown())
    several = last["horizon"] > first["horizon"]
    falls = (last["log_q50"] < first["log_q50"])[several]
    refuted = bool(cases) and all(case.interval.low > 0 for case in cases)
    supported = bool((last["above_one"] == 0).all())
    reason = "" if supported else "Some weights are above one, but not in every case."
    if refuted:
        reason = (
            "The mean weight is exactly one, so they cannot all be below it: in every case "
            f"{least.interval.estimate:.0%} or more are above."
        )
    return Claim(
        test="Share of whole trajectories whose weight is above one, in every environment, direction and "
        f"distance ({DISTANCE}).",
        found=f"At least {least.interval.estimate:.1%} of the weights are above one ({least.name}). The "
        f"median weight falls over the trajectory in {int(falls.sum())} of {len(falls)} multi-step cases, to "
        f"{np.exp(last['log_q50'].min()):.2g} at the lowest.",
        rule="Supported if no weight is above one; refuted if the interval of the share is above zero in "
        "every case (exact binomial, Bonferroni over the cases).",
        quantity="share of weights above one, least of all cases",
        n_counts="trajectories in that case",
        interval=least.interval,
        verdict=verdict(supported, refuted and not supported),
        figure="P8",
        reason=reason,
        cases=cases,
    )


def _left(last: pd.DataFrame) -> str:
    """What is left of the sample at the end of an episode, where it is least."""
    known = last.dropna(subset="effective_share")
    if known.empty:
        return ""
    least = known.loc[known["effective_share"].idxmin()]
    share = f"{least['effective_share']:.1%}"
    return f" The effective sample size falls to {share} of the sample ({place_of(least)})."


def _growth(rows: pd.DataFrame) -> tuple[float, float]:
    """Growth of the exact log E[w²] a step, in the second quarter and the later half of the longest walk."""
    exact = rows.set_index("horizon")["exact"]
    log = np.log(exact.where(exact > 0))
    longest = int(log.index.max())
    quarter, half = max(1, longest // 4), longest // 2
    if half <= quarter or np.isinf(log[longest]):
        return np.inf, np.inf
    if not {quarter, half} <= set(log.index):
        return np.nan, np.nan
    return (log[half] - log[quarter]) / (half - quarter), (log[longest] - log[half]) / (longest - half)


def _steady(shift: float, early: float, late: float) -> Case:
    """Whether the growth keeps its rate."""
    ratio = late / early if early else np.nan
    says: Says = "neither"
    if late > 0 and ratio > STEADY:
        says = "for"
    elif ratio < SLOWER or late <= 0:
        says = "against"
    return Case(f"k shifted by {shift:+g}", exactly(ratio), says, "later rate over the earlier one")


def _rate(shift: float, late: float) -> Case:
    return Case(
        f"k shifted by {shift:+g}", exactly(late), "neither", "growth of log E[w²] per step, later rate"
    )


def _why_slower(supported: bool, slower: list[Case], cases: list[Case]) -> str:
    if supported:
        return "E[w²] grows exponentially on the line, for every shift of k for which it is finite."
    if not cases:
        return ""
    worst = min(slower or cases, key=lambda case: case.interval.estimate)
    return f"E[w²] grows slower as T grows: {worst.name}, {worst.interval.estimate:.2f} of the earlier rate."


def _above(row: pd.Series, looks: int) -> Case:
    """The share of weights above one with an interval that holds together with those of all cases."""
    n, share = int(row["n"]), float(row["above_one"])
    found, tail = round(share * n), 0.025 / looks
    low = float(beta.ppf(tail, found, n - found + 1)) if found else 0.0
    high = float(beta.ppf(1 - tail, found + 1, n - found)) if found < n else 1.0
    says: Says = "for" if found == 0 else "against" if low > 0 else "neither"
    return Case(place_of(row), Interval.by_chance(share, low, high, n).together(), says, ABOVE)
