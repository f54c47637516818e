"""Where the line's optimum is, and how long it takes to get there (E38, E39, C22, C24)."""

from typing import Any

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, more_than
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import Identities
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

# How near to -1 a best k has to be to count as the lecture's.
CLOSE = 0.01
# More updates than this are very many, for two parameters.
LONG = 1000
# √m₀ up to which walks count as starting near the goal: m₀ a thousandth. At 0 every J* is 0.
SMALL = 0.032
# Step sizes that count, and those beside them: where an update carries σ to the other side of 0 it is no step
# along the gradient any more, and how quick the luckiest such size is depends on how finely they are tried.
COLUMNS = {"smooth_updates": "", "updates": ", σ may jump across 0"}

IDENTITIES = Identities(
    "line_identities",
    {
        "E38": "The environment's reward is the formula's.",
        "E39": "log π is a normal density's, and its derivative by σ needs the term that the lecture hides.",
    },
)


def c22(line_optima: pd.DataFrame) -> Claim:
    """The best parameters are k = -1, σ = 0."""
    own, free = (line_optima[line_optima["action_cost"] == cost] for cost in (1, 0))
    endless = own[~np.isfinite(own["horizon"])].iloc[0]
    away = (own["k"] + 1).abs() > CLOSE
    return Claim(
        test="The k that is best at σ = 0, exactly, for r = -s² - a², over horizons and discounts; walks "
        "start off the goal (m₀ > 0), where noise of the action only costs, so that σ = 0 is best for "
        "every k.",
        found=f"Without a horizon and with γ = {endless['gamma']:g} the best k is {endless['k']:.4f} "
        f"({endless['closed']:.4f} by Riccati's equation); k = -1 is {endless['loss']:.0%} worse. Only if an "
        f"action costs nothing is the best k {free['k'].mean():.2f}.",
        rule=f"Supported if every best k is within {CLOSE:g} of -1, refuted if none is; all is exact.",
        quantity="best k without a horizon; the range is over horizons and discounts",
        interval=Interval.over_cases(endless["k"], own["k"].to_list(), len(own)),
        n_counts="horizons and discounts",
        verdict=verdict(bool(not away.any()), bool(away.all())),
        figure="F11",
        reason=f"An action costs as much as a place, so that half a step is cheaper than a whole one: the "
        f"best k is {endless['k']:.2f}."
        if away.any()
        else "",
        cases=[
            Case(
                f"γ = {row.gamma:g}, T = {row.horizon:g}, r = -s² - {row.action_cost:g} a²",
                exactly(row.k),
                _says(abs(row.k + 1) <= CLOSE) if row.action_cost == 1 else "neither",
                "best k",
            )
            for row in line_optima.itertuples()
        ],
    )


def c24(line_updates: pd.DataFrame, flow_ends: pd.DataFrame) -> Claim:
    """Following the gradient takes very long to get near the optimum."""
    table, most = with_parts(line_updates, SMALL), int(line_updates["most"].iloc[0])
    cases = [_count_case(row, column, most) for row in table.to_dict("records") for column in COLUMNS]
    decide = [case for case in cases if case.name.endswith(": vanilla")]
    ends = flow_ends[(flow_ends["regime"] == "average reward") & (flow_ends["start"] == 0)]
    start = f"(k, σ) = ({ends['start_k'].iloc[0]:g}, {ends['start_sigma'].iloc[0]:g})"
    plain = table[(table["rule"] == "vanilla") & (table["part"] != BETWEEN)]
    fewest = plain["smooth_updates"].fillna(np.inf).min()
    found = verdict_of(decide)
    unknown = found == "undecided" and most < LONG
    return Claim(
        test=f"Updates by the exact gradient from {start} until J is within 1 % of J*, with the best of many "
        "constant step sizes that do not carry σ across 0, for walks that start with variance m₀; other "
        "step rules beside it.",
        found=f"Plain gradient: {_told(table, 'vanilla', most)}. Natural steps of constant α: "
        f"{_told(table, 'natural', most)}; natural steps to a KL bound: "
        f"{_told(table, 'natural to a KL bound', most)}.",
        rule=f"Very long: more than {LONG} updates. Supported if the plain gradient takes more for m₀ "
        "→ 0 (m₀ at most a thousandth) and for m₀ of order one; refuted if one of them takes fewer; no "
        "chance is in it.",
        quantity="updates of the plain gradient, at the easier of the two m₀",
        interval=exactly(fewest) if np.isfinite(fewest) else more_than(most),
        n_counts="m₀",
        verdict=found,
        figure="F11",
        reason=_reason(decide, _told(table, "vanilla", most)) if found == "refuted" else "",
        lacks=f"line_study.updates stops at {most}, and the criterion asks for {LONG}"
        if unknown
        else missing(table, f"above 0 and up to {SMALL:g}"),
        cases=[*cases, *_flow_cases(ends)],
    )


def _says(holds: bool) -> Says:
    return "for" if holds else "against"


def _count_case(row: dict[str, Any], column: str, most: int) -> Case:
    """Updates of one rule at one m₀; more than were tried need not be very long."""
    updates, arrived = row[column], np.isfinite(row[column])
    says: Says = "neither"
    if row["rule"] == "vanilla" and column == "smooth_updates" and (arrived or most >= LONG):
        says = _says(updates > LONG if arrived else True)
    name = case_name(row["part"], row["start_std"], row["rule"] + COLUMNS[column])
    return Case(name, exactly(updates) if arrived else more_than(most), says, "updates")


def _reason(cases: list[Case], told: str) -> str:
    """Where it takes very long, and where not."""
    holds = f"only for {where}" if (where := parts_for(cases)) else "in neither part"
    return f"It takes very long {holds}: {told}."


def _told(table: pd.DataFrame, rule: str, most: int) -> str:
    """`more than 2000 for m₀ → 0, 3 for m₀ of order one`."""
    own = table[table["rule"] == rule].set_index("part")["smooth_updates"]
    told = [(part, own[part]) for part in (NEAR, FAR) if part in own.index]
    return ", ".join(f"{_count(updates, most)} for {part}" for part, updates in told)


def _count(updates: float, most: int) -> str:
    return f"more than {most}" if np.isnan(updates) else f"{updates:.0f}"


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
