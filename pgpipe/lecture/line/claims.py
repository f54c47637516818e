"""Section 9, the one-dimensional example: what is exact there, and how J is bent (E38, E39, C22 to C25)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.common.identities import Identities

# How near to -1 a best k has to be to count as the lecture's.
NEAR = 0.01
# Slopes of logarithms, over the last decade of σ: from here on something grows, or falls, as σ does.
SLOPE = 0.5
# More updates than this are very many, for two parameters.
LONG = 1000
# An eigenvalue ratio beyond which a problem is called ill-conditioned.
ILL = 100.0


IDENTITIES = Identities(
    "line_identities",
    {
        "E38": "The environment's reward is the formula's.",
        "E39": "log π is a normal density's, and its derivative by σ needs the term that the lecture hides.",
    },
)


def c22(line_optima: pd.DataFrame) -> Claim:
    """The best parameters are k = -1, σ = 0."""
    own = line_optima[line_optima["action_cost"] == 1]
    endless = own[~np.isfinite(own["horizon"])].iloc[0]
    free = line_optima[line_optima["action_cost"] == 0]
    away, near = own["k"] + 1 > NEAR, own["k"] + 1 <= NEAR
    by_horizon = own[own["gamma"] == own["gamma"].min()]
    told = "; ".join(f"T = {row.horizon:g}: {row.k:.4f}" for row in by_horizon.itertuples())
    return Claim(
        test="",
        found=f"best k at σ = 0 for r = -s² - a², γ = {endless['gamma']:g}: {told} (by Riccati's "
        f"equation {endless['closed']:.4f}); the bounds are over all horizons and discounts, "
        f"without chance. At k = -1 the loss is {endless['loss']:.1%} higher. For r = -s², actions "
        f"that cost nothing, the best k is {free['k'].mean():.4f}, at every horizon",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(endless["k"], own["k"].to_list(), len(own)),
        rule=f"every best k within {NEAR:g} of -1; refuted if none is",
        verdict=verdict(bool(near.all()), bool(away.all())),
        figure="F11",
    )


def c23(line_derivatives: pd.DataFrame) -> Claim:
    """As σ falls the derivative by σ dominates, relative to that by k and in absolute size."""
    found = []
    for start_std, rows in line_derivatives.groupby("start_std", sort=False):
        rows = rows[rows["sigma"] <= 10 * rows["sigma"].min() * 1.01]
        slopes = [
            float(np.polyfit(np.log(rows["sigma"]), np.log(rows[name]), 1)[0])
            for name in ("ratio", "by_sigma")
        ]
        found.append((float(start_std), *slopes, float(rows["ratio"].iloc[-1])))
    told = "; ".join(
        f"m₀ = {start**2:.2g}: |∂σJ|/|∂kJ| like σ^{ratio:.2f}, |∂σJ| like σ^{size:.2f}"
        for start, ratio, size, _ in found
    )
    last = [ratio for *_, ratio in found]
    relative = [ratio < -SLOPE for _, ratio, _, _ in found]
    absolute = [size < -SLOPE for _, _, size, _ in found]
    contrary = [ratio > SLOPE or size > SLOPE for _, ratio, size, _ in found]
    return Claim(
        test="",
        found=f"over the last decade of σ, down to {line_derivatives['sigma'].min():g}: {told}. The "
        "estimate is |∂σJ|/|∂kJ| at the smallest σ and the least spread of the start, the bounds "
        "are over all spreads; no chance is in them",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(
            last[int(np.argmin([start for start, *_ in found]))], last, len(line_derivatives)
        ),
        rule=f"both grow faster than σ^-{SLOPE:g} as σ falls, for every spread of the start; refuted if "
        "for one of them either falls",
        verdict=verdict(all(relative) and all(absolute), any(contrary)),
        figure="F9",
    )


def c24(line_updates: pd.DataFrame, flow_ends: pd.DataFrame) -> Claim:
    """Following the gradient takes very long to come near the optimum."""
    most = int(line_updates["most"].iloc[0])
    vanilla = line_updates[line_updates["rule"] == "vanilla"]
    counts = vanilla["updates"].fillna(np.inf)
    cut_off = vanilla["updates"].isna() & (most < LONG)  # more than what was tried need not be so many
    told = "; ".join(
        f"m₀ = {start**2:.2g}: "
        + ", ".join(f"{row.rule} {_count(row.updates, most)}" for row in rows.itertuples())
        for start, rows in line_updates.groupby("start_std", sort=False)
    )
    stall = flow_ends[(flow_ends["regime"] == "average reward") & (flow_ends["start"] == 0)]
    ends = stall.set_index("direction")
    return Claim(
        test="",
        found="updates with the exact gradient until J is within 1 % of J*, by the best of many step "
        f"sizes: {told}. Where J = -σ²f(k), the gradient's flow from ({ends['start_k'].iloc[0]:g}, "
        f"{ends['start_sigma'].iloc[0]:g}) stalls at k = {ends.loc['vanilla', 'k']:.4f} (by theory "
        f"{ends.loc['vanilla', 'expected_k']:.4f}), the natural one ends at "
        f"{ends.loc['natural', 'k']:.4f}. The estimate is that of the gradient at the largest m₀, "
        "the bounds are over m₀",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(counts.iloc[0], counts.clip(upper=most).to_list(), len(vanilla)),
        rule=f"more than {LONG} updates of the plain gradient at every m₀; refuted by one m₀ at which "
        "fewer are enough",
        verdict=verdict(
            supported=bool(((counts > LONG) & ~cut_off).all()), refuted=bool((counts <= LONG).any())
        ),
        figure="F11",
        lacks=f"line_study.updates stops at {most}, and the criterion asks for {LONG}"
        if cut_off.any()
        else "",
    )


def c25(line_conditions: pd.DataFrame) -> Claim:
    """The problem is ill-conditioned."""
    smallest = line_conditions[line_conditions["sigma"] == line_conditions["sigma"].min()]
    told = "; ".join(
        f"m₀ = {start**2:.2g}: "
        + ", ".join(
            f"{'Hessian' if row.matrix == 'hessian' else 'Fisher'} {row.ratio:.2g}"
            for row in rows.itertuples()
        )
        for start, rows in smallest.groupby("start_std", sort=False)
    )
    largest = line_conditions[line_conditions["sigma"] == line_conditions["sigma"].max()]
    least = smallest[smallest["start_std"] == smallest["start_std"].max()]["ratio"].max()
    return Claim(
        test="",
        found="largest over smallest |eigenvalue| of the Fisher matrix per step and of the Hessian of "
        f"J, by the policy's parameters, at σ = {smallest['sigma'].iloc[0]:g}: {told}. At σ = "
        f"{largest['sigma'].iloc[0]:g} it is {largest['ratio'].max():.2g} at most. The estimate is "
        "the larger one at the largest m₀, the bounds are over all, without chance",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(least, smallest["ratio"].to_list(), len(line_conditions)),
        rule=f"above {ILL:g} at the smallest σ in both matrices, for every m₀; refuted by an m₀ with "
        "both below",
        verdict=verdict(
            bool((smallest["ratio"] > ILL).all()),
            bool((smallest.groupby("start_std")["ratio"].max() < ILL).any()),
        ),
        figure="F9",
    )


def _count(updates: float, most: int) -> str:
    return f"more than {most}" if np.isnan(updates) else f"{updates:.0f}"
