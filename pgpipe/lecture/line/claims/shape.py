"""How J is bent on the line as σ falls: derivatives and conditioning (C23, C25)."""

from dataclasses import replace

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly
from pgpipe.lecture.common.evidence import Case, Claim, Says
from pgpipe.lecture.line.claims._parts import (
    FAR,
    NEAR,
    case_name,
    missing,
    of_part,
    parts_for,
    verdict_of,
    with_parts,
)

# Power of σ, over the last decade of σ, from which on something grows, or falls, as σ does.
POWER = 0.5
# Values of σ that are shown beside the smallest.
LARGER = (0.1, 0.01)
# An eigenvalue ratio beyond which a problem is called ill-conditioned.
ILL = 100.0

RELATIVE, ABSOLUTE = "|∂J/∂σ| over |∂J/∂k|", "|∂J/∂σ|"
MATRICES = {"fisher": "Fisher matrix per step", "hessian": "Hessian of J"}


def c23(line_derivatives: pd.DataFrame) -> Claim:
    """As σ falls ∂J/∂σ dominates: it grows relative to ∂J/∂k, and in absolute size."""
    least = line_derivatives["sigma"].min()
    table = with_parts(line_derivatives[line_derivatives["sigma"] <= 10.1 * least], least)
    cases = [case for _, rows in table.groupby("start_std", sort=False) for case in _power_cases(rows)]
    relative, absolute = (
        [case for case in cases if case.name.endswith(f": {w}")] for w in (RELATIVE, ABSOLUTE)
    )
    powers = [case.interval.estimate for case in relative]
    found = verdict_of(cases)
    return Claim(
        test="The power of σ in the exact |∂J/∂σ|, and in its ratio to |∂J/∂k|, over the last decade of σ, "
        f"down to {least:g}, at k = {table['k'].iloc[0]:g}, for walks that start with variance m₀.",
        found=f"The ratio |∂J/∂σ|/|∂J/∂k| goes {_by_part(relative)}; |∂J/∂σ| itself {_by_part(absolute)}.",
        rule=f"Supported if both grow faster than σ^-{POWER:g} for m₀ → 0 (√m₀ at most the smallest σ) and "
        f"for m₀ of order one; refuted if one of the four falls faster than σ^{POWER:g}; they are "
        "exact.",
        quantity="power of σ of |∂J/∂σ|/|∂J/∂k|, at the largest m₀; the range is over m₀",
        interval=Interval.over_cases(powers[0], powers, len(powers)),
        n_counts="values of m₀",
        verdict=found,
        figure="F9",
        reason=_reason_of_powers(relative, absolute) if found != "supported" else "",
        lacks=missing(table, f"of {least:g} or less"),
        cases=cases,
    )


def _power_cases(rows: pd.DataFrame) -> list[Case]:
    """Of one m₀: how the ratio and the size change with σ."""
    part, start_std = rows["part"].iloc[0], rows["start_std"].iloc[0]
    cases = []
    for column, what in (("ratio", RELATIVE), ("by_sigma", ABSOLUTE)):
        own = rows[rows[column] > 0]
        fits = len(set(own["sigma"])) > 1
        power = float(np.polyfit(np.log(own["sigma"]), np.log(own[column]), 1)[0]) if fits else np.nan
        says: Says = "for" if power < -POWER else "against" if power > POWER else "neither"
        cases.append(Case(case_name(part, start_std, what), exactly(power), says, "power of σ"))
    return cases


def _by_part(cases: list[Case]) -> str:
    """`like σ^-1 for m₀ → 0 and like σ^1 for m₀ of order one`, or one power for both."""
    of = [(part, case) for part in (NEAR, FAR) for case in of_part(cases, part)]
    powers: dict[str, list[str]] = {}
    for part, case in of:
        powers.setdefault(f"like σ^{case.interval.estimate:.2g}", []).append(part)
    return " and ".join(f"{power} for {' and for '.join(parts)}" for power, parts in powers.items())


def _reason_of_powers(relative: list[Case], absolute: list[Case]) -> str:
    """Which half of the statement holds, and where."""
    return (
        f"As σ falls, ∂J/∂σ relative to ∂J/∂k {_changes(relative)}; in absolute size it {_changes(absolute)}."
    )


def _changes(cases: list[Case]) -> str:
    """Where something grows as σ falls."""
    if all(case.says == "against" for case in cases):
        return "shrinks for every m₀"
    if all(case.says == "for" for case in cases):
        return "grows for every m₀"
    holds = parts_for(cases)
    return f"grows only for {holds}" if holds else "grows in neither part"


def c25(line_conditions: pd.DataFrame) -> Claim:
    """The problem is ill-conditioned."""
    least = line_conditions["sigma"].min()
    table = with_parts(line_conditions[line_conditions["sigma"] == least], least)
    cases = [case for _, rows in table.groupby("start_std", sort=False) for case in _ratio_cases(rows)]
    beside = [sigma for sigma in LARGER if np.isclose(line_conditions["sigma"], sigma).any()]
    far = table[table["start_std"] == table["start_std"].max()]["ratio"].max()
    found = verdict_of(cases)
    ends = table[table["part"].isin((NEAR, FAR))]
    told = [
        f"{rows['part'].iloc[0]} {_ratio(rows, 'fisher')} and {_ratio(rows, 'hessian')}"
        for _, rows in ends.groupby("start_std")
    ]
    return Claim(
        test="Largest over smallest absolute eigenvalue of the Fisher matrix per step and of the Hessian of "
        f"J, with respect to (k, σ), at k = {table['k'].iloc[0]:g} and the smallest σ, {least:g}, for walks "
        "that start with variance m₀; larger σ are among the cases.",
        found=f"Fisher matrix and Hessian: {'; '.join(told)}.",
        rule=f"Supported if both ratios exceed {ILL:g} for m₀ → 0 (√m₀ at most σ) and for m₀ of order one; "
        "refuted if in one of these parts both are below; no chance is in them.",
        quantity="larger of the two eigenvalue ratios, at the largest m₀; the range is over matrices and m₀",
        interval=Interval.over_cases(far, table["ratio"].to_list(), table["start_std"].nunique()),
        n_counts="values of m₀",
        verdict=found,
        figure="F9",
        reason=_reason_of_ratios(cases, table) if found != "supported" else "",
        lacks=missing(table, f"of {least:g} or less"),
        cases=[*cases, *(case for sigma in beside for case in _larger_cases(line_conditions, sigma, least))],
    )


def _larger_cases(conditions: pd.DataFrame, sigma: float, least: float) -> list[Case]:
    """The ratios at a σ that decides nothing."""
    rows = with_parts(conditions[np.isclose(conditions["sigma"], sigma)], least)
    return [
        replace(case, says="neither", quantity=f"eigenvalue ratio at σ = {sigma:g}")
        for _, own in rows.groupby("start_std", sort=False)
        for case in _ratio_cases(own)
    ]


def _ratio_cases(rows: pd.DataFrame) -> list[Case]:
    """Of one m₀: a case for each matrix; what both together say stands at both."""
    part, start_std, ratio = rows["part"].iloc[0], rows["start_std"].iloc[0], rows["ratio"]
    says: Says = "for" if (ratio > ILL).all() else "against" if (ratio < ILL).all() else "neither"
    return [
        Case(case_name(part, start_std, MATRICES[row.matrix]), exactly(row.ratio), says, "eigenvalue ratio")
        for row in rows.itertuples()
    ]


def _ratio(rows: pd.DataFrame, matrix: str) -> str:
    return f"{rows.loc[rows['matrix'] == matrix, 'ratio'].iloc[0]:.2g}"


def _reason_of_ratios(cases: list[Case], table: pd.DataFrame) -> str:
    """Up to which m₀ it is ill-conditioned; or in which part, where there is no such m₀."""
    far = [case.interval.estimate for case in of_part(cases, FAR)]
    ratios = " and ".join(f"{ratio:.2g}" for ratio in far)
    bent = table.groupby("start_std")["ratio"].min() > ILL  # by m₀, both ratios
    if bent.any() and far and bent.is_monotonic_decreasing:
        most, largest = bent[bent].index.max() ** 2, bent.index.max() ** 2
        return (
            f"It depends on m₀: at σ = {table['sigma'].iloc[0]:g} both ratios exceed {ILL:g} for m₀ of "
            f"{most:.1g} or less, but are {ratios} at m₀ = {largest:.1g}."
        )
    holds = f"only for {where}" if (where := parts_for(cases)) else "in neither part"
    return f"It is ill-conditioned {holds}" + (
        f"; at the largest m₀ the ratios are {ratios}." if far else "."
    )
