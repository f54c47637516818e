"""Whether paths and sums over actions have less variance than the score function (E50, E51, C42, C43)."""

from typing import Any

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, exactly, lacking, listed, place_of, stretched
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import Identities

IDENTITIES = Identities(
    "gradient_ways_identities",
    {
        "E50": "The pathwise gradient is the derivative of the return with the noise held; its mean is ∇J.",
        "E51": "The expected gradient is the derivative of E[Q] over the actions of the states that were "
        "visited, and its mean is ∇J.",
    },
)

# Exact variances that differ by less, relatively, count as the same.
SAME = 1e-9

SCORES = ("score_function", "value")  # ways by scores, with their best baselines
NAMES = {"k": "μ", "sigma": "σ"}


def c42(gradient_ways: pd.DataFrame, gradient_ripples: pd.DataFrame) -> Claim:
    """The pathwise gradient has the lower variance where it exists."""
    cases = [*_line_cases(gradient_ways), *_ripple_cases(gradient_ripples)]
    against = [case for case in cases if case.says == "against"]
    ratios = [case.interval.estimate for case in cases]
    worst = max(cases, key=lambda case: case.interval.estimate, default=None)
    largest = worst.interval.estimate if worst else float("nan")
    return Claim(
        test="Exact variance of the pathwise gradient over that of the score function, with the better of "
        "best constants and exact value as its baseline; of each parameter, on the line by policy and "
        "horizon, and on the bandit by the frequency of ripples on its reward.",
        found=_found(cases),
        rule="Supported if the ratio is below 1 in every case, refuted if it is above 1 in one; variances "
        "are exact, so no interval is needed.",
        quantity="variance, pathwise over score function" + (f", the largest: {worst.name}" if worst else ""),
        interval=Interval.over_cases(largest, ratios, len(cases)),
        n_counts="cases",
        verdict=verdict(supported=bool(cases) and not against, refuted=bool(against)),
        figure="P23",
        reason=f"The pathwise variance is up to {largest:.2g} times the score function's ({worst.name}), as "
        "the slope of a rough reward varies more than its value."
        if against and worst
        else "",
        lacks=lacking((not cases, "no horizon and no frequency was computed")),
        cases=cases,
    )


def _line_cases(ways: pd.DataFrame) -> list[Case]:
    """A case for each policy, horizon and parameter."""
    cases = []
    for (k, sigma, horizon, parameter), rows in ways.groupby(
        ["k", "sigma", "horizon", "parameter"], sort=False
    ):
        known = rows.set_index("form")["variance"]
        name = f"line, k = {k:g}, σ = {sigma:g}, T = {horizon}, by {'σ' if parameter == 'sigma' else 'k'}"
        cases += _case(name, known)
    return cases


def _ripple_cases(ripples: pd.DataFrame) -> list[Case]:
    """A case for each frequency and parameter."""
    cases = []
    for (frequency, parameter), rows in ripples.groupby(["frequency", "parameter"], sort=False):
        known = rows.set_index("form")["variance"]
        cases += _case(f"bandit, ω = {frequency:g}, by {NAMES[str(parameter)]}", known)
    return cases


def _case(name: str, variances: "pd.Series[float]") -> list[Case]:
    """Pathwise over the best of the others; none without both."""
    scores = [variances[form] for form in SCORES if form in variances.index]
    if not scores or "pathwise" not in variances.index or not min(scores) > 0:
        return []
    ratio = float(variances["pathwise"] / min(scores))
    says: Says = "against" if ratio > 1 + SAME else "for" if ratio < 1 - SAME else "neither"
    return [Case(name, exactly(ratio), says)]


def _found(cases: list[Case]) -> str:
    """The ranges on the line and over the ripples, and from where on it is above one."""
    told = []
    for where in ("line", "bandit"):
        own = [case.interval.estimate for case in cases if case.name.startswith(where)]
        if own:
            words = "On the line" if where == "line" else "Over ripples"
            told.append(f"{words} the ratio is {min(own):.2g} to {max(own):.2g}.")
    return " ".join(told) or "Nothing was computed."


def c43(expected_gradients: pd.DataFrame) -> Claim:
    """The expected gradient has the lower variance at the same samples."""
    rows = expected_gradients.to_dict("records")
    cases = [case for row in rows for case in _share_cases(row, len(rows))]
    exact = [row["share"] for row in rows if row["share"] == row["share"]]
    against = [case for case in cases if case.says == "against"]
    largest = max(exact, default=float("nan"))
    where = next((place_of(row) for row in rows if row["share"] == largest), "")
    return Claim(
        test="Variance of the expected gradient, by the exact action values, over that of the score function "
        f"less the exact value, at the policies of training{_where(rows)}: exact, and measured on the same "
        "trajectories.",
        found=f"The exact share is at most {largest:.2g} ({where})." if exact else "Nothing was computed.",
        rule="Supported if the exact share is below 1 everywhere; refuted if it is above 1 somewhere, or a "
        f"measured one is at {PROMISE:.1%} over all of them (Bonferroni).",
        quantity="variance, expected gradient over score function"
        + (f", the largest: {where}" if where else ""),
        interval=Interval.over_cases(largest, exact, len(exact)),
        n_counts="policies",
        verdict=verdict(
            supported=bool(exact) and not against and all(share < 1 - SAME for share in exact),
            refuted=bool(against),
        ),
        figure="P23",
        reason="Its steps' shares add up where those of samples cancel." if against else "",
        lacks=lacking((not exact, "no environment has a policy whose gradient has a variance")),
        cases=cases,
    )


def _where(rows: list[dict[str, Any]]) -> str:
    names = dict.fromkeys(str(row["environment"]) for row in rows)
    return f" ({listed(names)})" if names else ""


def _share_cases(row: dict[str, Any], looks: int) -> list[Case]:
    """The exact share, and the measured one beside it."""
    if row["share"] != row["share"]:
        return []
    place = place_of(row)
    says: Says = "against" if row["share"] > 1 + SAME else "for" if row["share"] < 1 - SAME else "neither"
    cases = [Case(f"{place}, exact", exactly(row["share"]), says)]
    measured = Interval.of_row(row, "measured_share", row["n"])
    if measured.is_known:
        low, _ = stretched(measured, PROMISE / looks)
        above: Says = "against" if low > 1 else "neither"
        cases.append(Case(f"{place}, measured", measured, above))
    return cases
