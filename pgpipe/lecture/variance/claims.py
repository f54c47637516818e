"""Section 4, what is wrong: what a constant added to the return changes, and what not (C6, C7)."""

import numpy as np
import pandas as pd
from scipy.stats import t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Claim, verdict

# Relative half-width, of the intervals of all variances together, that still tells one parabola from another.
PRECISION = 0.3

# The share of steps beyond a right angle from which on "the step changes direction" is no rare event.
SHARE = 0.1


def c6(return_shift: pd.DataFrame) -> Claim:
    """A constant added to the return leaves the expected gradient alone and changes its variance, along an
    exact parabola.
    """
    table = return_shift
    # of all rows together, that a right one fails: 5 %
    limit = t.ppf(1 - 0.05 / 2 / len(table), table["replicates"] - 1)
    z_mean = ((table["mean"] - table["exact"]) / table["standard_error"]).abs()
    z_variance = ((table["variance"] - table["exact_variance"]) / table["variance_error"]).abs()
    holds = bool((z_mean <= limit).all() and (z_variance <= limit).all())
    width = float((limit * table["variance_error"] / table["exact_variance"]).max())
    precise = bool((limit * table["variance_error"] <= PRECISION * table["exact_variance"]).all())
    exact_ratio = table["exact_variance"] / table.groupby("parameter")["exact_variance"].transform("min")
    most = table.loc[exact_ratio.idxmax()]
    return Claim(
        test="",
        found=f"variance at c = {most['constant']:g} over the least of all constants, exact "
        f"{exact_ratio.max():.3g}; largest deviation in standard errors: mean {z_mean.max():.2f}, "
        f"variance from the parabola {z_variance.max():.2f}",
        quantity="",
        n_counts="",
        interval=Interval.of_row(most, "ratio", most["replicates"]),
        rule="no mean and no variance off its exact value by Student's t at 5 % over all constants and "
        f"parameters, each variance known to ± {PRECISION:.0%}, and the interval of the ratio above one",
        verdict=verdict(
            supported=holds and precise and most["ratio_low"] > 1,
            refuted=not holds or most["ratio_high"] < 1,
        ),
        figure="P2",
        lacks=""
        if precise
        else f"with {most['replicates']:.0f} replicates a variance is known to ± {width:.0%} only",
    )


def c7(step_direction: pd.DataFrame) -> Claim:
    """With few samples the step changes direction with the constant, although nothing about the problem
    changed.
    """
    baseline, constant = step_direction["baseline"], step_direction["constant"]
    largest = step_direction[(baseline == "none") & (constant == constant.max())].iloc[0]
    steady = step_direction.loc[baseline == "mean", "least_cosine"].min()
    unmoved = bool(np.isclose(steady, 1, rtol=0, atol=1e-9))
    return Claim(
        test="",
        found=f"share of steps from {largest['n_trajectories']} samples that turn by more than 90° "
        f"when c = {largest['constant']:g} is added; mean cosine "
        f"{Interval.of_row(largest, 'cosine', largest['batches']):.2f}; with the mean of the others "
        f"subtracted 1 - cosine is {max(0.0, 1 - steady):.0e} at most",
        quantity="",
        n_counts="",
        interval=Interval.of_row(largest, "turned", largest["batches"]),
        rule=f"interval of the share above {SHARE:.0%} at the largest constant, and with the baseline "
        "every cosine 1 within 1e-9",
        verdict=verdict(
            supported=largest["turned_low"] > SHARE and unmoved,
            refuted=largest["turned_high"] < SHARE or not unmoved,
        ),
        figure="P2",
    )
