"""How long it takes to get to the line's optimum (C24)."""

from typing import Any

import numpy as np
import pandas as pd

from pgpipe.lecture.common.cases import exactly, more_than
from pgpipe.lecture.common.evidence import Case, Claim, Says
from pgpipe.lecture.line.claims._parts import (
    BETWEEN,
    FAR,
    NEAR,
    case_name,
    missing,
    parts_for,
    verdict_of,
    with_parts,
)

# More updates than this are very many, for two parameters.
LONG = 1000
# √m₀ up to which walks count as starting near the goal: m₀ a thousandth. At 0 every J* is 0.
SMALL = 0.032
# Of a k: within this of the best one it has arrived.
ARRIVED = 5e-4
# Step sizes that count, and those beside them: where an update carries σ to the other side of 0 it is no step
# along the gradient any more, and how quick the luckiest such size is depends on how finely they are tried.
COLUMNS = {"smooth_updates": "", "updates": ", σ may jump across 0"}


def c24(line_updates: pd.DataFrame, flow_ends: pd.DataFrame) -> Claim:
    """Following the gradient takes very long to get near the optimum."""
    table, most = with_parts(line_updates, SMALL), int(line_updates["most"].iloc[0])
    cases = [_count_case(row, column, most) for row in table.to_dict("records") for column in COLUMNS]
    decide = [case for case in cases if case.name.endswith(": vanilla")]
    ends = flow_ends[(flow_ends["regime"] == "average reward") & (flow_ends["start"] == 0)]
    start = f"(k, σ) = ({ends['start_k'].iloc[0]:g}, {ends['start_sigma'].iloc[0]:g})"
    plain = table[(table["rule"] == "vanilla") & (table["part"] != BETWEEN)]
    fewest, n = plain["smooth_updates"].fillna(np.inf).min(), len(plain)
    found = verdict_of(decide)
    unknown = found == "undecided" and most < LONG
    return Claim(
        test=f"Updates by the exact gradient from {start} until J is within 1 % of J*, with the best of many "
        "constant step sizes that do not carry σ across 0 (chosen in hindsight, the most favourable to the "
        "gradient), for walks that start with variance m₀; other step rules beside it.",
        found=f"Updates: plain gradient {_told(table, 'vanilla', most)}; natural steps of constant α "
        f"{_told(table, 'natural', most)}; natural steps to a KL bound "
        f"{_told(table, 'natural to a KL bound', most)}.{_stalls(ends)}",
        rule=f"Very long: more than {LONG:,} updates. Supported if the plain gradient takes more for m₀ "
        "→ 0 (m₀ at most a thousandth) and for m₀ of order one; refuted if one of them takes fewer; no "
        "chance is in it.",
        quantity="updates of the plain gradient, at the easier of the two m₀",
        interval=exactly(fewest, n) if np.isfinite(fewest) else more_than(most, n),
        n_counts="values of m₀ that the rule asks for",
        verdict=found,
        figure="F11",
        reason=_reason(decide, table, most) if found == "refuted" else "",
        lacks=f"line_study.updates stops at {most}, and the criterion asks for {LONG}"
        if unknown
        else missing(table, f"above 0 and up to {SMALL:g}"),
        cases=[*cases, *_flow_cases(ends)],
    )


def _count_case(row: dict[str, Any], column: str, most: int) -> Case:
    """Updates of one rule at one m₀; more than were tried need not be very long."""
    updates, arrived = row[column], np.isfinite(row[column])
    says: Says = "neither"
    if row["rule"] == "vanilla" and column == "smooth_updates" and (arrived or most >= LONG):
        says = "for" if not arrived or updates > LONG else "against"
    name = case_name(row["part"], row["start_std"], row["rule"] + COLUMNS[column])
    return Case(name, exactly(updates) if arrived else more_than(most), says, "updates")


def _reason(cases: list[Case], table: pd.DataFrame, most: int) -> str:
    """From which m₀ downwards it takes very long; or in which part, where there is no such m₀."""
    own = table[table["rule"] == "vanilla"].sort_values("start_std")
    updates = own["smooth_updates"].fillna(np.inf if most >= LONG else np.nan)
    long = updates > LONG
    if updates.isna().any() or not long.any() or not long.is_monotonic_decreasing:
        holds = f"only for {where}" if (where := parts_for(cases)) else "in neither part"
        return f"It takes very long {holds}: {_told(table, 'vanilla', most)} updates."
    downwards = own.loc[long, "start_std"].max() ** 2
    rest = [f"{updates[at]:.0f} at m₀ = {own.loc[at, 'start_std'] ** 2:.1g}" for at in own.index[~long]]
    long_ones = f"more than {LONG:,} updates for m₀ of {downwards:.1g} or less"
    return f"It depends on m₀: {', '.join([long_ones, *rest])}."


def _stalls(ends: pd.DataFrame) -> str:
    """Where both flows end with the average reward, which no start counts in."""
    ks = ends.set_index("direction")["k"]
    if not {"vanilla", "natural"} <= set(ks.index):
        return ""
    best = ends["best_k"].iloc[0]
    arrives = "arrives" if abs(ks["natural"] - best) < ARRIVED else f"ends at {ks['natural']:.2f}"
    return (
        f" With the average reward the plain gradient's flow from there ends at k = {ks['vanilla']:.2f}, the "
        f"best k is {best:.2f}; the natural flow {arrives}."
    )


def _told(table: pd.DataFrame, rule: str, most: int) -> str:
    """`more than 2,000 for m₀ → 0, 3 for m₀ of order one`."""
    own = table[table["rule"] == rule].set_index("part")["smooth_updates"]
    told = [(part, own[part]) for part in (NEAR, FAR) if part in own.index]
    return ", ".join(f"{_count(updates, most)} for {part}" for part, updates in told)


def _count(updates: float, most: int) -> str:
    return f"more than {most:,}" if np.isnan(updates) else f"{updates:,.0f}"


def _flow_cases(ends: pd.DataFrame) -> list[Case]:
    """Where both flows end if J = -σ² f(k): the gradient's stalls on the way to the best k."""
    return [
        Case(
            f"average reward, flow along the {row.direction} direction",
            exactly(row.k),
            quantity=f"k at its end; the best is {row.best_k:.4f}",
        )
        for row in ends.itertuples()
    ]
