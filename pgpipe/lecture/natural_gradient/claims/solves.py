"""F⁻¹ĝ without F: where it leads, and conjugate gradient against a dense solve (E40, E42, C27)."""

from math import inf

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, problems
from pgpipe.lecture.common.evidence import Case, Check, Claim, verdict
from pgpipe.lecture.common.identities import identity_checks

# Three digits of the k at which a flow ends.
DIGITS = 5e-4
# Relative differences of two solutions, in double and in single precision.
LIMITS = {"double": 1e-6, "single": 1e-3}
# Of the memory of F alone: below this share F was not formed.
SHARE = 0.1

RELATIVE = "relative difference of the solutions"


def e40(line_identities: pd.DataFrame, flow_ends: pd.DataFrame) -> list[Check]:
    """The mean of the squared scores is the exact Fisher matrix per step; F⁻¹∇J leads to the best k."""
    natural = flow_ends[flow_ends["direction"] == "natural"]
    return identity_checks(line_identities, "E40") + [
        Check(
            f"k at which the natural flow ends, {regime}, farthest from the best",
            float(rows.loc[(rows["k"] - rows["best_k"]).abs().fillna(inf).idxmax(), "k"]),
            float(rows["best_k"].iloc[0]),
            DIGITS,
            len(rows),
        )
        for regime, rows in natural.groupby("regime", sort=False)
    ]


def e42(fisher_solves: pd.DataFrame) -> list[Check]:
    """A product by two derivatives of the KL is that of the squared scores; conjugate gradient finds what a
    dense solve finds.
    """
    products = [
        Check(
            f"‖Fg by derivatives of the KL - Fg by all scores‖/‖Fg‖, {environment}",
            float(rows["product_difference"].iloc[0]),
            0.0,
            LIMITS["double"],
            int(rows["parameters"].iloc[0]),
        )
        for environment, rows in fisher_solves.groupby("environment", sort=False)
    ]
    return products + [
        Check(
            f"‖x - x_dense‖/‖x_dense‖, {_system(row)}",
            row.difference,
            0.0,
            LIMITS[row.precision],
            row.iterations,
        )
        for row in fisher_solves.itertuples()
    ]


def c27(fisher_solves: pd.DataFrame, fisher_costs: pd.DataFrame) -> Claim:
    """Conjugate gradient agrees with the dense solve without ever forming F."""
    double = fisher_solves[fisher_solves["precision"] == "double"]["difference"]
    single = fisher_solves[fisher_solves["precision"] == "single"]["difference"]
    largest = fisher_costs.loc[fisher_costs["parameters"].idxmax()]
    off = [row for row in fisher_solves.itertuples() if not row.difference < LIMITS[row.precision]]
    unformed = bool(largest["cg_bytes"] < SHARE * largest["dense_bytes"])
    return Claim(
        test="Relative difference ‖x - x_dense‖/‖x_dense‖ of both solutions of (F + λI)x = ĝ, for policies "
        f"on {problems(fisher_solves['environment'])}, in double precision with λ = "
        f"{_dampings(fisher_solves, 'double')}, in single precision with λ a hundredth of F's largest "
        f"eigenvalue ({_dampings(fisher_solves, 'single')}); and the memory, counted by formula, for the "
        "largest network, whose F could not be formed.",
        found=f"They differ by {double.max():.1g} at most in double and {single.max():.1g} in single "
        f"precision. At {largest['parameters']:,.0f} parameters conjugate gradient holds "
        f"{largest['cg_bytes'] / 1e6:.0f} MB, F alone {largest['dense_bytes'] / 1e12:.1g} TB.",
        rule=f"Supported if no difference exceeds {LIMITS['double']:g} in double and {LIMITS['single']:g} "
        f"in single precision and the memory is below {SHARE:.0%} of F's; refuted if a difference exceeds "
        "its limit; undecided if only the memory does, as a small network's F is small.",
        quantity=f"largest {RELATIVE} in double precision; the range is over systems",
        interval=Interval.over_cases(double.max(), double.to_list(), len(double)),
        n_counts="systems of equations in double precision",
        verdict=verdict(not off and unformed, bool(off)),
        figure="P16",
        reason=f"The solutions differ by {max(row.difference for row in off):.1g}." if off else "",
        lacks=""
        if unformed
        else f"a network of {largest['parameters']:,.0f} parameters is too small to tell",
        cases=[
            Case(_system(row), exactly(row.difference), "against" if row in off else "for", RELATIVE)
            for row in fisher_solves.itertuples()
        ],
    )


def _dampings(solves: pd.DataFrame, precision: str) -> str:
    """The different λ of a precision; their range where there are many."""
    found = sorted(solves.loc[solves["precision"] == precision, "damping"].unique())
    ends = found if len(found) <= 2 else [found[0], found[-1]]
    return (" to " if len(found) > 2 else " or ").join(f"{damping:.1g}" for damping in ends)


def _system(row: object) -> str:
    """`grid, double precision, λ = 0.001`."""
    return f"{row.environment}, {row.precision} precision, λ = {row.damping:.2g}"  # type: ignore[attr-defined]
