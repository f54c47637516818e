"""Where the line's optimum is (E38, E39, C22)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import Identities

# How near to -1 a best k has to be to count as the lecture's.
CLOSE = 0.01

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
        found=f"With an infinite horizon and γ = {endless['gamma']:g} the best k is {endless['k']:.4f} "
        f"({endless['closed']:.4f} by Riccati's equation); k = -1 costs {endless['loss']:.0%} more. The best "
        f"k is {free['k'].mean():.2f} only if actions cost nothing.",
        rule=f"Supported if every best k is within {CLOSE:g} of -1, refuted if none is; all is exact.",
        quantity="best k with an infinite horizon; the range is over horizons and discounts",
        interval=Interval.over_cases(endless["k"], own["k"].to_list(), len(own)),
        n_counts="horizons and discounts",
        verdict=verdict(bool(not away.any()), bool(away.all())),
        figure="F11",
        reason="σ = 0 is best, k = -1 is not: actions cost as much as distance, so that shorter steps pay, "
        f"and the best k is {endless['k']:.2f} ({own['k'].max():.2f} to {own['k'].min():.2f} over horizons "
        "and discounts)."
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


def _says(holds: bool) -> Says:
    return "for" if holds else "against"
