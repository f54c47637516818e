"""Section 2, direct differentiation: the derivation and its result (E3 to E11, C2 to C4, C28)."""

from collections.abc import Sequence

import pandas as pd
from scipy.stats import binomtest

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, listed, lowest_of, place_of, problems
from pgpipe.lecture.common.convergence import (
    MARGIN,
    is_half,
    is_not_half,
    pooled_slope,
    slope_cases,
    why_no_half,
)
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Case, Check, Claim, Says, verdict
from pgpipe.lecture.common.identities import Identities, identity_claim
from pgpipe.lecture.common.unbiasedness import (
    lacks_projection,
    largest_deviations,
    pooled_projection,
    projection_cases,
    unbiased_claim,
)

# The share of a step's rows that may be wrong where C28 is supported, over all of them together.
SUPPORT = 0.05

CONVERGES = (
    "where ∇J is exact, for the policies of one training run at three stages, the error of ĝ is measured "
    "by N, and the slope of its logarithm over that of N"
)

# Rows whose two sides are derivatives of the same factors, by the beginnings of what they say.
SAME_FACTORS = {
    "E5": ["largest ‖p ∇log p - ∇p‖ / ‖∇p‖, both of the same factors"],
    "E10": ["largest ‖∇log p - Σ ∇log π‖ / ‖Σ ∇log π‖, both of the same factors"],
}

IDENTITIES = Identities(
    "trajectory_identities",
    {
        "E3": "The integral of p_θ(τ) r(τ) over all trajectories is J, computed forward in time.",
        "E4": "The gradient taken under the integral is ∇J.",
        "E5": "The two sides of the log-derivative identity, by automatic differentiation and a second time.",
        "E6": "The integral with the score in it is ∇J.",
        "E7": "Its mean over real rollouts is as well.",
        "E8": "The product of start, policy and dynamics sums to one, and real rollouts follow it.",
        "E9": "Its logarithm is the sum of the logarithms, and has the right mean over real rollouts.",
        "E10": "The gradient of the whole logarithm is the sum of the scores alone; start and dynamics are "
        "the same under another policy.",
    },
    by_construction=SAME_FACTORS,
)


def e11(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """The mean of E11 over all batches is the exact gradient, component by component."""
    names = composed_of(estimators, signal="total_return", baseline="none")
    return largest_deviations(gradient_components, names)


def c2(trajectory_identities: pd.DataFrame) -> Claim:
    """E5 holds: p ∇log p = ∇p."""
    return identity_claim(
        trajectory_identities,
        "E5",
        test="For each sampled trajectory of a small, noisy line and grid, p ∇log p by automatic "
        "differentiation is compared with ∇p by complex steps in an independently written program, and, "
        "beside it, with ∇p by automatic differentiation.",
        quantity="largest ‖p ∇log p - ∇p‖ / ‖∇p‖",
        by_construction=SAME_FACTORS["E5"],
    )


def c3(trajectory_identities: pd.DataFrame) -> Claim:
    """With known, noisy dynamics the gradient of the full log p(τ) equals the sum of the scores."""
    return identity_claim(
        trajectory_identities,
        "E10",
        test="For each sampled trajectory of a small, noisy line and grid, the gradient of the full log "
        "p(τ), by an independently written program with start and dynamics in it, is compared with the sum "
        "of the scores; and starts and next states are compared between rollouts of two policies.",
        quantity="largest ‖∇log p - Σ ∇log π‖ / ‖Σ ∇log π‖",
        by_construction=SAME_FACTORS["E10"],
    )


def c4(
    gradient_components: pd.DataFrame, gradient_projection: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """E11 is unbiased."""
    names = composed_of(estimators, signal="total_return", baseline="none")
    deviations = largest_deviations(gradient_components, names)
    projection = pooled_projection(gradient_projection, names)
    lacks = lacks_projection(projection, names, "total_return without a baseline")
    return unbiased_claim(deviations, projection, projection_cases(gradient_projection, names), lacks)


def c28(gradient_convergence: pd.DataFrame) -> Claim:
    """The sample gradient converges to ∇J as N grows, and a small step along it raises the exact J."""
    table = gradient_convergence
    slope, largest = pooled_slope(table), table["n_trajectories"].max()
    steps = _steps(table[table["n_trajectories"] == largest])
    open_cases, worst = [step for step in steps if step.says != "for"], lowest_of(steps)
    return Claim(
        test=f"On {problems(table['environment'])}, {CONVERGES}; then J is compared before and after a "
        f"small step of fixed length along each ĝ of {largest} trajectories. {_how_many_batches(table)}",
        found=f"Slope {slope:.3f}{_at_worst(worst, largest)}.",
        rule=f"Supported if the slope's interval lies within -0.5 ± {MARGIN:g} and in every case J rises in "
        f"more than half of the steps, by exact binomial intervals at {SUPPORT:g} over all cases together "
        f"(Bonferroni); refuted if, at {PROMISE:g}, the slope lies outside or a share below one half.",
        quantity="slope of log ‖ĝ - ∇J‖ over log N, all series together",
        interval=slope,
        n_counts="batches",
        verdict=verdict(
            supported=is_half(slope) and bool(steps) and not open_cases,
            refuted=is_not_half(slope) or any(step.says == "against" for step in steps),
        ),
        figure="P25",
        reason=why_no_half(slope) or _why_half(open_cases, table) or _in_most_steps(steps, largest),
        lacks="" if slope.is_known else "no environment whose gradients differ at two batch sizes",
        cases=slope_cases(table) + steps,
    )


def _share(case: Case) -> float:
    return case.interval.estimate


def _at_worst(worst: Case | None, largest: int) -> str:
    """In which share of the steps J rises where it rises least."""
    if worst is None:
        return ""
    share, batches = worst.interval.estimate, worst.interval.n
    return (
        f"; at N = {largest} J rises in {share:.0%} of the steps at worst ({worst.name}, {batches} batches)"
    )


def _steps(rows: pd.DataFrame) -> list[Case]:
    """The share of steps that raise J in each case, and what it says of one half."""
    cases = []
    for _, row in rows.dropna(subset="raised").iterrows():
        found = binomtest(round(row["raised"] * row["replicates"]), row["replicates"])
        above = found.proportion_ci(1 - SUPPORT / len(rows)).low > 0.5
        below = found.proportion_ci(1 - PROMISE / len(rows)).high < 0.5
        says: Says = "for" if above else "against" if below else "neither"
        interval = Interval.of_row(row, "raised", row["replicates"])
        words = f"share of steps that raise J at N = {row['n_trajectories']}"
        cases.append(Case(place_of(row), interval, says, words))
    return cases


def _how_many_batches(table: pd.DataFrame) -> str:
    """How the number of batches at the largest N was fixed."""
    sizes = sorted(table["n_trajectories"].unique())
    before, fewest = sizes[-2:][0], table.loc[table["n_trajectories"] < sizes[-1], "replicates"].min()
    return (
        f"Each N has {fewest:.0f} batches; the largest has more where, by the noise at N = {before}, the "
        "expected share needs more: a number fixed before these are drawn."
        if len(sizes) > 1
        else ""
    )


def _in_most_steps(steps: Sequence[Case], largest: int) -> str:
    """Where a step does not always raise J; nothing if it does."""
    some = sorted((step for step in steps if _share(step) < 1), key=_share, reverse=True)
    if not some:
        return ""
    where = listed([f"{_share(step):.0%} on {step.name}" for step in some])
    always = ", elsewhere in every one" if len(some) < len(steps) else ""
    return f"J rises in most steps, not in all: at N = {largest:,} in {where}{always}."


def _why_half(cases: Sequence[Case], rows: pd.DataFrame) -> str:
    """Why steps are not known to raise J; nothing if they are."""
    if not cases:
        return ""
    worst = min(cases, key=_share)
    words = f"In {worst.name} J rises in {_share(worst):.0%} of {worst.interval.n} steps, "
    if worst.says == "against":
        return words + "less than half."
    needed = rows.loc[rows.apply(place_of, axis=1) == worst.name, "needed"].max()
    return words + f"not clearly more than half; some {needed:,.0f} steps would decide."
