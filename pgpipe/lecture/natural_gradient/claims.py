"""Section 10, the natural gradient: equations, invariance, cost, step size (E40 to E42, C26, C27, C35)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.identities import identity_checks
from pgpipe.lecture.natural_gradient.criteria import ROUNDED_STEP, SLACK, SMALL_STEP

# Three digits of the k at which a flow ends.
DIGITS = 5e-4
# KL is a difference of numbers near one: below this it is rounding.
ROUNDING = 1e-13
# How far from the ε asked for a small step's KL may be.
KEPT = 0.1
# How near to 1 the slope of log(difference/ε) over log ε has to be: the difference vanishes as ε does.
SLOPE = 0.1
# A difference, relative to ε, that is none; and one that is no small one.
NONE, LARGE = 0.01, 0.1
# Relative differences of two solutions, in double and in single precision.
DOUBLE, SINGLE = 1e-6, 1e-3


def e40(line_identities: pd.DataFrame, flow_ends: pd.DataFrame) -> list[Check]:
    """The mean of the squared scores is the exact Fisher matrix per step; F⁻¹∇J leads to the best k."""
    natural = flow_ends[flow_ends["direction"] == "natural"]
    return identity_checks(line_identities, "E40") + [
        Check(
            f"k at which the natural flow ends, {regime}, farthest from the best",
            float(rows.loc[(rows["k"] - rows["best_k"]).abs().idxmax(), "k"]),
            float(rows["best_k"].iloc[0]),
            DIGITS,
            len(rows),
        )
        for regime, rows in natural.groupby("regime", sort=False)
    ]


def e41(step_sizes: pd.DataFrame) -> list[Check]:
    """A small step moves the policy by the KL that was asked for."""
    small = step_sizes[(step_sizes["direction"] == "natural") & (step_sizes["epsilon"] <= SMALL_STEP)]
    return [
        Check(
            f"KL after a step over ε = {epsilon:g}, farthest from 1",
            float(rows.loc[(rows["ratio"] - 1).abs().idxmax(), "ratio"]),
            1.0,
            KEPT,
            len(rows),
        )
        for epsilon, rows in small.groupby("epsilon")
    ]


def e42(fisher_solves: pd.DataFrame) -> list[Check]:
    """Conjugate gradient finds what a dense solve finds."""
    return [
        Check(
            f"‖x - x_dense‖/‖x_dense‖, {row.environment}, {row.precision} precision, λ = {row.damping:.2g}",
            row.difference,
            0.0,
            DOUBLE if row.precision == "double" else SINGLE,
            row.iterations,
        )
        for row in fisher_solves.itertuples()
    ]


def c26(step_differences: pd.DataFrame, step_sizes: pd.DataFrame) -> Claim:
    """Natural steps have equal size in policy space and do not depend on the parameterisation."""
    natural, vanilla = (
        step_differences[step_differences["direction"] == direction] for direction in ("natural", "vanilla")
    )
    fitted = natural[natural["epsilon"].between((1 - SLACK) * ROUNDED_STEP, (1 + SLACK) * SMALL_STEP)]
    slopes = np.array([_slope(rows) for _, rows in fitted.groupby(["point", "one", "other"])])
    slopes = slopes[np.isfinite(slopes)]
    least, most = step_differences["epsilon"].min(), step_differences["epsilon"].max()
    limit, finite = (natural.loc[natural["epsilon"] == e, "ratio"].max() for e in (least, most))
    plain = vanilla.loc[vanilla["epsilon"] == least, "ratio"].max()
    sizes = step_sizes[(step_sizes["direction"] == "natural") & (step_sizes["epsilon"] == least)]["ratio"]
    uneven = float((sizes - 1).abs().max())
    equal = len(slopes) > 0 and bool((np.abs(slopes - 1) < SLOPE).all()) and limit < NONE and uneven < NONE
    return Claim(
        test="",
        found="by σ, log σ and σ², KL between the policies that two parameterisations step to, over ε: "
        f"{limit:.1e} at most at ε = {least:g}, and {finite:.2g} at ε = {most:g}. It falls like ε "
        "to the power of the estimate (median over points and pairs; the bounds are its range, "
        f"without chance). Vanilla steps of the same size: {plain:.2g} at ε = {least:g}. KL after "
        f"a natural step is ε within {uneven:.1%} there",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(
            np.median(slopes) if len(slopes) else np.nan, slopes.tolist(), len(fitted)
        ),
        rule=f"in the limit: every slope within 1 ± {SLOPE:g}, difference and size off by less than "
        f"{NONE:.0%} of ε at the smallest ε, and vanilla steps apart by more than {LARGE:.0%}; refuted if "
        "natural steps are",
        verdict=verdict(equal and plain > LARGE, limit > LARGE or uneven > LARGE),
        figure="P17",
    )


def c27(fisher_solves: pd.DataFrame, fisher_costs: pd.DataFrame) -> Claim:
    """Conjugate gradient agrees with the dense solve without ever forming F."""
    double, single = (fisher_solves[fisher_solves["precision"] == p] for p in ("double", "single"))
    largest = fisher_costs.loc[fisher_costs["parameters"].idxmax()]
    agrees = bool((double["difference"] < DOUBLE).all() and (single["difference"] < SINGLE).all())
    unformed = bool(largest["cg_bytes"] < 0.1 * largest["dense_bytes"])
    return Claim(
        test="",
        found="relative difference of the solutions in double precision, the largest of "
        f"{', '.join(dict.fromkeys(double['environment']))}; the bounds are over these and their "
        "damping, without chance. In single precision, at a condition number of "
        f"{single['condition'].max():.0f}: {single['difference'].max():.1e}. At "
        f"{largest['parameters']:,.0f} parameters conjugate gradient holds "
        f"{largest['cg_bytes'] / 1e6:.0f} MB where F alone is {largest['dense_bytes'] / 1e12:.0f} "
        f"TB, and a product costs {largest['product_over_gradient']:.2f} gradients",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(double["difference"].max(), double["difference"].to_list(), len(double)),
        rule=f"no difference above {DOUBLE:g} in double and {SINGLE:g} in single precision, and less "
        "than a tenth of the dense solve's memory at the largest network",
        verdict=verdict(agrees and unformed, not agrees),
        figure="P16",
        lacks=""
        if unformed
        else f"a network of {largest['parameters']:,.0f} parameters is too small to tell",
    )


def c35(step_size_ranges: pd.DataFrame) -> Claim:
    """Choosing the step size is delicate: few of them work, and more of them with natural steps."""
    by_direction = {
        direction: rows.set_index("environment") for direction, rows in step_size_ranges.groupby("direction")
    }
    empty = step_size_ranges.iloc[:0].set_index("environment")
    vanilla, natural = (by_direction.get(direction, empty) for direction in ("vanilla", "natural"))
    both = [name for name in vanilla.index if name in natural.index]
    n = int(step_size_ranges["seeds"].sum())
    margins = [_apart(natural.loc[name], vanilla.loc[name], n) for name in both]
    works = step_size_ranges["works"].iloc[0]
    return Claim(
        test="",
        found=f"decades of step length at which a training gets to {works:.0%} of the best, natural "
        f"minus vanilla, the least of the environments: {_ranges(step_size_ranges)}. A range of KL "
        "bounds counts half its decades, as the length goes with √ε",
        quantity="",
        n_counts="",
        interval=min(margins, key=lambda margin: margin.low, default=Interval.unknown(n)),
        rule="the interval of the natural range above that of the vanilla one in every environment; "
        "refuted if it is below in one",
        verdict=verdict(
            supported=bool(both) and all(margin.low > 0 for margin in margins),
            refuted=any(margin.high < 0 for margin in margins),
        ),
        figure="P17",
        lacks="" if both else "the step size study has no environment with a vanilla and a natural recipe",
    )


def _apart(one: pd.Series, other: pd.Series, n: int) -> Interval:
    """The difference of two ranges; bounds are those of the ranges' own intervals, so wider than need be."""
    return Interval.by_chance(
        one["decades"] - other["decades"], one["low"] - other["high"], one["high"] - other["low"], n
    )


def _slope(rows: pd.DataFrame) -> float:
    """Of log(difference/ε) over log ε; NaN where no two differences are more than rounding."""
    rows = rows[rows["ratio"] * rows["epsilon"] > ROUNDING]
    if len(rows) < 2:
        return np.nan
    return float(np.polyfit(np.log(rows["epsilon"]), np.log(rows["ratio"]), 1)[0])


def _ranges(table: pd.DataFrame) -> str:
    """Every range in words; an end that is only the grid's says so."""
    return "; ".join(
        f"{row['environment']}, {row['direction']}: "
        f"{Interval.from_columns(row, ('decades', 'low', 'high'), row['seeds']):.2f} "
        f"({'KL' if row['key'] == 'kl' else 'α'} from {row['from_size']:.1e} to {row['to_size']:.1e}"
        f"{', cut off by the grid' if row['low_censored'] or row['high_censored'] else ''})"
        for row in table.to_dict("records")
    )
