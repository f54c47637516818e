"""Section 1, the objective: what is maximised, and how well samples tell it (E1, E2, C1)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, listed, place_of, problems
from pgpipe.lecture.common.convergence import (
    MARGIN,
    is_half,
    is_not_half,
    pooled_slope,
    slope_cases,
    why_no_half,
)
from pgpipe.lecture.common.evidence import Case, Check, CheckKind, Claim, Says, verdict
from pgpipe.lecture.common.unbiasedness import CHANCE

# Of the standard deviation of one return: a bias below this share of it is none.
SMALL = 0.05


def e1(optimum: pd.DataFrame, vector_field: pd.DataFrame) -> list[Check]:
    """At the best parameters the exact gradient vanishes, and none of the grid's have a higher J."""
    checks = []
    for best in optimum.itertuples():
        others = vector_field[vector_field["start_std"] == best.start_std]["objective"]
        start = f"start spread {best.start_std:g}"
        lead = max(0.0, float(others.max() - best.objective))
        scale = max(1.0, abs(best.objective))
        # k is the root of this derivative; without a start spread J(θ*) = 0, and no return is positive
        known: CheckKind = "identity by construction"
        led: CheckKind = "measured" if best.unique else known
        checks += [
            Check(f"‖∇J(θ*)‖, {start}", best.gradient_norm, 0.0, 1e-6 * scale, 1, known),
            Check(f"lead of the grid over J(θ*), {start}", lead, 0.0, 1e-9 * scale, len(others), led),
        ]
    return checks


def e2(objective_error: pd.DataFrame) -> list[Check]:
    """The mean of the sampled returns is J, within its error, in every environment at every stage."""
    largest = objective_error[objective_error["n_trajectories"] == objective_error["n_trajectories"].max()]
    chance = CHANCE / len(largest)  # of all rows together, that a right one fails
    return [
        Check(
            f"mean of Ĵ, {row.environment}, {row.policy}",
            row.exact + row.mean_error,
            row.exact,
            float(t.ppf(1 - chance / 2, row.replicates - 1)) * row.standard_error,
            row.replicates * row.n_trajectories,
        )
        for row in largest.itertuples()
    ]


def c1(objective_error: pd.DataFrame) -> Claim:
    """The estimate E2 is unbiased, and its error falls as 1/√N."""
    # returns that never differ have no error to fall, and no bias but rounding
    spread = objective_error[objective_error["rmse_low"] > 0].copy()
    spread["z"] = (spread["mean_error"] / spread["standard_error"]).abs()
    slope, biases = pooled_slope(spread), _bias_cases(spread)
    off = spread[spread["z"] > t.ppf(1 - CHANCE / 2 / max(1, len(spread)), spread["replicates"] - 1)]
    coarse = [case for case in biases if case.says == "neither"]
    return Claim(
        test=f"On {problems(objective_error['environment'])}, for the policies of one training run at "
        "three stages, the mean of N returns is compared with the exact J, "
        f"N = {listed(objective_error['n_trajectories'].unique())}: its bias, and the slope of the logarithm "
        "of its root-mean-square error over log N.",
        found=f"Slope {slope:.3f}; the largest of {len(spread)} biases is {spread['z'].max():.1f} "
        f"standard errors.{_size_of_bias(biases, objective_error['n_trajectories'].max())}",
        rule=f"Supported if the slope's interval lies within -0.5 ± {MARGIN:g}, no bias is significant, and "
        f"at the largest N each bias is known to be below {SMALL:g} standard deviations of a return; "
        f"refuted if the slope is outside that band at {PROMISE:g}, or a bias is significant by Student's t "
        f"at {CHANCE:g} over all rows together (Bonferroni).",
        quantity="slope of log error over log N, all series together",
        interval=slope,
        n_counts="batches",
        verdict=verdict(
            supported=is_half(slope) and off.empty and not coarse,
            refuted=is_not_half(slope) or not off.empty,
        ),
        figure="P1",
        reason=_why(slope, off, coarse),
        lacks="" if slope.is_known else "no environment whose returns differ at two batch sizes",
        cases=slope_cases(spread) + biases,
    )


def _bias_cases(spread: pd.DataFrame) -> list[Case]:
    """The bias at the largest N, in standard deviations of a return."""
    cases = []
    for _, row in spread[spread["n_trajectories"] == spread["n_trajectories"].max()].iterrows():
        # the error of a mean of R N returns
        deviation = row["standard_error"] * (row["replicates"] * row["n_trajectories"]) ** 0.5
        half = float(t.ppf(0.975, row["replicates"] - 1)) * row["standard_error"]
        low, middle, high = (row["mean_error"] + np.array([-half, 0, half])) / deviation
        interval = Interval.by_chance(middle, low, high, row["replicates"])
        says: Says = "for" if interval.within(0, SMALL) else "neither"
        words = f"bias of Ĵ at N = {row['n_trajectories']}, in standard deviations of a return"
        cases.append(Case(place_of(row), interval, says, words))
    return cases


def _size_of_bias(biases: Sequence[Case], N: int) -> str:
    """How small every bias is known to be."""
    ends = [max(abs(case.interval.low), abs(case.interval.high)) for case in biases]
    words = "standard deviations of a return from zero (95 %)"
    return f" At N = {N} every bias is within {max(ends):.2g} {words}." if ends else ""


def _why(slope: Interval, off: pd.DataFrame, coarse: Sequence[Case]) -> str:
    """Why C1 is not supported; nothing if it is."""
    if not off.empty:
        worst = off.sort_values("z").iloc[-1]
        return (
            f"The mean of {worst['n_trajectories']} returns is biased in {place_of(worst)}: off by "
            f"{worst['z']:.1f} standard errors."
        )
    if coarse and is_half(slope):
        case = coarse[0]
        return f"The bias is known too coarsely in {case.name}: {case.interval:.2f} standard deviations."
    return why_no_half(slope)
