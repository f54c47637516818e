"""From the rows of a table of identities to checks: what difference counts as rounding, or as chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.unbiasedness import CHANCE

# Rounding may add up to so much of what is summed: a few units in the last place for each of some dozen
# operations, and scores that cancel down to a thousandth of their terms. A wrong formula is off by far more.
ROUNDING = 1e5 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Identities:
    """A section's equations of which a table holds both sides: what each check says, by the equation's id.

    A claims module declares them as `IDENTITIES`: `evaluate` checks them, the registry asks for the table.
    `by_construction` names, by equation, the beginnings of `what` of rows that no mistake could break, as
    both sides share what could be wrong; "" stands for all rows of the equation.
    """

    table: str
    equations: Mapping[str, str]
    by_construction: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def checks(self, identities: pd.DataFrame, equation: str) -> list[Check]:
        """Those of one equation, from the table."""
        return identity_checks(identities, equation, self.by_construction.get(equation, ()))


def identity_checks(
    identities: pd.DataFrame, equation: str, by_construction: Sequence[str] = ()
) -> list[Check]:
    """An equation's two sides in every environment, alike but for rounding or chance.

    `by_construction` are the beginnings of `what` of its rows that cannot fail.
    """
    sampled = identities[identities["kind"] != "exact"]
    chance = CHANCE / max(1, sampled["comparisons"].sum())  # of all rows together, that a right one fails
    return [
        Check(
            what=f"{row.what}, {row.environment}",
            value=row.value,
            reference=row.reference,
            tolerance=_tolerance(row, chance),
            n=row.n,
            kind="identity by construction" if row.what.startswith(tuple(by_construction)) else "measured",
        )
        for row in identities[identities["equation"] == equation].itertuples()
    ]


def identity_claim(identities: pd.DataFrame, equation: str, what: str) -> Claim:
    """Supported if no trajectory of any environment shows more than rounding."""
    rows = identities[identities["equation"] == equation]
    checks = identity_checks(identities, equation)
    holds = all(check.passed for check in checks)
    return Claim(
        test="",
        found=f"largest relative difference {what}, over all trajectories; there is no chance in it, so "
        "the bounds are its smallest and largest value over environments and ways of computing",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(
            rows["value"].max(), rows["value"].to_list(), rows.groupby("environment")["n"].max().sum()
        ),
        rule=f"nowhere above {ROUNDING:.1g}, what rounding can amount to",
        verdict=verdict(supported=bool(checks) and holds, refuted=not holds),
        figure=equation,
        lacks="" if checks else "the trajectory study has neither a line nor a grid",
    )


def _tolerance(row: Any, chance: float) -> float:
    """By kind of row: rounding of what is summed, Student's t of a mean, the quantile of χ²."""
    if row.kind == "exact":
        return ROUNDING * row.scale
    if row.kind == "mean":
        return float(t.ppf(1 - chance / 2, row.n - 1)) * row.scale
    return float(chi2.ppf(1 - chance, row.reference)) - row.reference
