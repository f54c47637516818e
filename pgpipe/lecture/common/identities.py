"""From the rows of a table of identities to checks: what difference counts as rounding, or as chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, t

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Case, Check, Claim, Says, verdict
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


def identity_claim(
    identities: pd.DataFrame, equation: str, *, test: str, quantity: str, by_construction: Sequence[str]
) -> Claim:
    """Supported if every row that could fail passes: no more than rounding, or than chance.

    `quantity` is what rows of kind `exact` have as value.
    """
    rows = identities[identities["equation"] == equation]
    pairs = list(
        zip(rows.to_dict("records"), identity_checks(identities, equation, by_construction), strict=True)
    )
    decide = [(row, check) for row, check in pairs if check.kind == "measured"]
    exact = pd.DataFrame([row for row, _ in decide if row["kind"] == "exact"], columns=rows.columns)
    failed = [check for _, check in decide if not check.passed]
    sampled = [pair for pair in decide if pair[0]["kind"] != "exact"]
    return Claim(
        test=test,
        found=f"The largest relative difference is {exact['value'].max():.0e}{_beside(pairs)}."
        f"{_by_chance(sampled)}",
        rule=f"Supported if no difference exceeds what rounding can cause, {ROUNDING:.0e}"
        + (f", and no comparison of samples its limit, at {CHANCE:g} over all of them" if sampled else "")
        + "; refuted if one does.",
        quantity=quantity,
        n_counts="trajectories",
        interval=Interval.over_cases(
            exact["value"].max(), exact["value"].to_list(), exact.groupby("environment")["n"].max().sum()
        ),
        verdict=verdict(supported=bool(decide) and not failed, refuted=bool(failed)),
        figure=equation,
        reason=_why(failed[0]) if failed else "",
        lacks="" if decide else "the trajectory study has neither a line nor a grid",
        cases=[_case(row, check) for row, check in pairs],
    )


def _beside(pairs: Sequence[tuple[dict[str, Any], Check]]) -> str:
    """How large the difference is where both sides share their code, which decides nothing."""
    shared = [row["value"] for row, check in pairs if check.kind != "measured"]
    return f", and {max(shared):.0e} by the same program, which decides nothing" if shared else ""


def _by_chance(pairs: Sequence[tuple[dict[str, Any], Check]]) -> str:
    """What samples were compared, and the limit of each comparison."""
    told = [
        f" {row['environment'].capitalize()}, {row['what']}: {row['value']:.3g} (limit "
        f"{check.reference + check.tolerance:.3g}{_freedom(row)})."
        for row, check in pairs
    ]
    return "".join(told)


def _freedom(row: dict[str, Any]) -> str:
    return f", {row['reference']:.0f} degrees of freedom" if row["kind"] == "frequencies" else ""


def _why(check: Check) -> str:
    """Which comparison failed, and by how much."""
    value = f"{check.value:.2g}" if np.isfinite(check.value) else "no number"
    return f"The two sides differ: {check.what} is {value}."


def _case(row: dict[str, Any], check: Check) -> Case:
    """A row's value; if chance is in it, with the limit that it is compared with in place of an interval."""
    value, n, what = row["value"], row["n"], row["what"]
    says: Says = "neither" if check.kind != "measured" else "for" if check.passed else "against"
    if row["kind"] == "exact" and value == value:
        return Case(row["environment"], Interval.over_cases(value, [value], n), says, what)
    limit = check.reference + check.tolerance
    return Case(row["environment"], Interval.statistic(value, n), says, f"{what} (limit {limit:.3g})")


def _tolerance(row: Any, chance: float) -> float:
    """By kind of row: rounding of what is summed, Student's t of a mean, the quantile of χ²."""
    if row.kind == "exact":
        return ROUNDING * row.scale
    if row.kind == "mean":
        return float(t.ppf(1 - chance / 2, row.n - 1)) * row.scale
    return float(chi2.ppf(1 - chance, row.reference)) - row.reference
