"""Section 4, what is wrong: what a constant added to the return changes, and what not (C6, C7)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.statistics import normal_interval

# How often a true C6 may be refuted, over all its comparisons together.
SIGNIFICANCE = 1e-3

# Relative half-width, of the intervals of all variances together, that still tells one parabola from another.
PRECISION = 0.3

# The share of steps beyond a right angle from which on "the step changes direction" is no rare event.
SHARE = 0.1

# What rounding may take from the cosine of a step with itself.
ROUNDING = 1e-9

# The parameters of the bandit's policy, whose one state is 1, so that k is the mean.
NAMES = {"k": "μ", "sigma": "σ"}


def c6(return_shift: pd.DataFrame) -> Claim:
    """A constant added to the return leaves the expected gradient alone and changes its variance, along an
    exact parabola.
    """
    table = return_shift.assign(**_deviations(return_shift))
    means, variances = table["mean_z"], table["variance_z"]
    most = table.loc[(table["exact_variance"] / _least(table)).fillna(1).idxmax()]
    width = float((_variance_limit(table) * table["variance_error"] / table["exact_variance"]).max())
    holds, precise = bool(table["holds"].all()), width <= PRECISION
    ratio = Interval.of_row(most, "ratio", most["replicates"])
    c, at = table["constant"], f"at c = {most['constant']:g}"
    name = NAMES.get(most["parameter"], most["parameter"])
    changed = f"∂/∂{name} {at} over that at the best of the {c.nunique()} c"
    return Claim(
        test="Mean of the gradient estimate on the bandit, and its variance times N (that of one "
        f"trajectory's term), the policy fixed, with {c.nunique()} constants c from {c.min():g} to "
        f"{c.max():g} added to the return, on the same batches for every c, against their exact values.",
        found=f"The variance of {changed} is {ratio:.3g}, exactly "
        f"{(table['exact_variance'] / _least(table)).max():.3g}. The largest deviation from an exact value "
        f"is {means.max():.1f} standard errors for the mean, {variances.max():.1f} for the variance; as all "
        f"c share batches, deviations go together. Every variance is known to ± {width:.0%}, all together.",
        rule="Supported if no mean and no variance deviates from its exact value, the variances are known "
        f"to ± {PRECISION:.0%} and the 95 % interval of the variance {at} over the least one lies above 1; "
        f"refuted if one deviates or that ratio lies below 1; Bonferroni over all {2 * len(table)} "
        f"comparisons, {SIGNIFICANCE:g} together.",
        quantity=f"variance of {changed}",
        unit="ratio",
        n_counts=f"batches of {most['batch_size']:.0f} trajectories",
        interval=ratio,
        verdict=verdict(holds and precise and ratio.low > 1, bool(table["off"].any()) or ratio.high < 1),
        reason=_why_c6(table, ratio),
        figure="P2",
        lacks="" if precise or not holds else
        f"with {most['replicates']:.0f} batches a variance is known to ± {width:.0%} only",
        cases=list(_parabola_cases(table)),
    )  # fmt: skip


def c7(step_direction: pd.DataFrame) -> Claim:
    """With few samples the step changes direction with the constant, although nothing about the problem
    changed.
    """
    plain = step_direction[step_direction["baseline"] == "none"]
    largest = plain.loc[plain["constant"].idxmax()]
    c, few = largest["constant"], largest["n_trajectories"]
    share = Interval.of_row(largest, "turned", largest["batches"])
    steady = step_direction.loc[step_direction["baseline"] == "mean", "least_cosine"].min()
    unmoved = bool(np.isclose(steady, 1, rtol=0, atol=ROUNDING))
    turns = "none turns" if unmoved else f"the least cosine is {steady:.2g}"
    return Claim(
        test=f"The share of gradient steps from {few} trajectories that turn by more than 90° when c = {c:g} "
        "is added to every return, on the bandit, the policy fixed; and the same with the mean of the other "
        "trajectories as baseline.",
        found=f"{share.estimate:.0%} [{share.low:.0%}, {share.high:.0%}] of the steps turn{_early(plain)}. "
        f"With the mean of the other trajectories as baseline {turns}.",
        rule=f"Supported if the 95 % interval of the share lies above {SHARE:.0%} and with the baseline all "
        f"cosines are 1 within {ROUNDING:g}; refuted if it lies below, or if a step with the baseline turns; "
        "one test, so no correction.",
        quantity=f"share of steps that turn by more than 90° with c = {c:g}",
        n_counts=f"batches of {few} trajectories",
        interval=share,
        verdict=verdict(share.low > SHARE and unmoved, share.high < SHARE or not unmoved),
        reason=_why_c7(share, unmoved),
        figure="P2",
        cases=list(_turn_cases(step_direction, c)),
    )


def _turn_cases(table: pd.DataFrame, decides: float) -> Iterator[Case]:
    """The share of turned steps by constant, without and with a baseline; that of one constant decides."""
    for row in table.to_dict("records"):
        share = Interval.of_row(row, "turned", row["batches"])
        says: Says = "neither"
        name = f"c = {row['constant']:g}"
        if row["baseline"] != "none":
            name += ", mean of the others as baseline"
            says = "for" if abs(row["least_cosine"] - 1) <= ROUNDING else "against"
        elif row["constant"] == decides:
            says = "for" if share.low > SHARE else "against" if share.high < SHARE else "neither"
        yield Case(name, share, says, "share of steps that turn by more than 90° with this c")


def _early(plain: pd.DataFrame) -> str:
    """The share at the least constant above zero, beside that of the largest."""
    more = plain[plain["constant"] > 0].sort_values("constant")
    if len(more) < 2:
        return ""
    return f", and already {more['turned'].iloc[0]:.0%} at c = {more['constant'].iloc[0]:g}"


def _why_c7(share: Interval, unmoved: bool) -> str:
    if not unmoved:
        return "Also a step with the mean of the others as baseline changes with the constant."
    if share.low > SHARE:
        return ""
    seldom = share.high < SHARE
    return f"{'Only' if seldom else 'About'} {share.estimate:.0%} of the steps turn, the bar is {SHARE:.0%}."


def _least(table: pd.DataFrame) -> "pd.Series[float]":
    """The least exact variance of each row's parameter."""
    return table.groupby("parameter")["exact_variance"].transform("min")


def _variance_limit(table: pd.DataFrame) -> float:
    """Standard errors; that of a variance is exact, so the limit is the normal's."""
    return float(norm.ppf(1 - SIGNIFICANCE / 2 / (2 * len(table))))


def _deviations(table: pd.DataFrame) -> dict[str, Any]:
    """How far mean and variance are from their exact values, in standard errors, and whether both hold."""
    mean = ((table["mean"] - table["exact"]) / table["standard_error"]).abs()
    variance = ((table["variance"] - table["exact_variance"]) / table["variance_error"]).abs()
    limit = t.ppf(1 - SIGNIFICANCE / 2 / (2 * len(table)), table["replicates"] - 1)
    holds = (mean <= limit) & (variance <= _variance_limit(table))
    off = (mean > limit) | (variance > _variance_limit(table))
    return {"mean_z": mean, "variance_z": variance, "holds": holds, "off": off}


def _why_c6(table: pd.DataFrame, ratio: Interval) -> str:
    """Why it is refuted, or undecided."""
    wrong = table[table["off"]]
    if len(wrong):
        row = wrong.loc[wrong[["mean_z", "variance_z"]].max(axis=1).idxmax()]
        what = "mean" if not row["mean_z"] <= row["variance_z"] else "variance"
        name = NAMES.get(row["parameter"], row["parameter"])
        return f"The {what} of the derivative by {name} at c = {row['constant']:g} is not the exact one."
    if ratio.low > 1:
        return ""
    how = "falls with" if ratio.high < 1 else "does not clearly rise with"
    return f"The measured variance {how} the constant."


def _parabola_cases(table: pd.DataFrame) -> Iterator[Case]:
    """Variance and mean for every parameter and constant."""
    for row in table.to_dict("records"):
        says: Says = "for" if row["holds"] else "against" if row["off"] else "neither"
        name, n = (
            f"by {NAMES.get(row['parameter'], row['parameter'])}, c = {row['constant']:g}",
            row["replicates"],
        )
        for quantity, error, words in (
            ("variance", "variance_error", "variance per trajectory"), ("mean", "standard_error", "mean"),
        ):  # fmt: skip
            exact = row["exact" if quantity == "mean" else "exact_variance"]
            yield Case(
                name, normal_interval(row[quantity], row[error], n), says, f"{words}, exactly {exact:.3g}"
            )
