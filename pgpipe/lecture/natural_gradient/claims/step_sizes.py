"""Which step sizes work: what F⁻¹ adds, and what a KL bound adds (C35)."""

from typing import Any

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, decisive, listed, problems, stretched
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.statistics import LEVEL

RULES = {"kl": "KL bound", "learning_rate": "learning rate"}


def c35(step_size_ranges: pd.DataFrame, step_size_contrasts: pd.DataFrame) -> Claim:
    """Choosing the step size is less delicate with natural steps: more sizes work."""
    decide = step_size_contrasts[step_size_contrasts["differ_in"] == "direction"].to_dict("records")
    looks, works = len(decide), step_size_ranges["works"].iloc[0]
    cases = [_contrast_case(row, looks) for row in decide]
    beside = step_size_contrasts[step_size_contrasts["differ_in"] == "key"].to_dict("records")
    decides = decisive(cases)
    found = verdict(
        supported=bool(cases) and all(case.says == "for" for case in cases),
        refuted=any(case.says == "against" for case in cases),
    )
    return Claim(
        test=f"How many decades of step length let training reach {works:.0%} of the best return: along "
        f"ĝ and along F⁻¹ĝ, each set by a learning rate and by a KL bound, on "
        f"{problems(step_size_ranges['environment'])}, on the same seeds. The lecture sets no "
        "limit for delicate: only the difference is tested.",
        found=_told(cases) + _worked(step_size_ranges),
        rule="Supported if under both rules and in every environment more decades work along F⁻¹ĝ than along "
        "ĝ, at 95 % over all comparisons together; refuted if fewer do in any one, at "
        f"{1 - PROMISE:.1%} over all. Student's t with the standard error of a bootstrap over seeds, the "
        "same ones on both sides.",
        quantity="decades, natural minus vanilla, at the same rule"
        + (f", the case that decides: {decides.name}" if decides else ""),
        unit="decades of step length",
        interval=decides.interval if decides else Interval.unknown(),
        n_counts="seeds, the same for both directions",
        verdict=found,
        figure="P17",
        reason=_reason(found, cases, beside),
        lacks="" if cases else "the step size study has no two recipes that differ in their direction alone",
        cases=[
            *cases,
            *(_contrast_case(row, 1, decides=False) for row in beside),
            *(_range_case(row) for row in step_size_ranges.to_dict("records")),
        ],
    )


def _contrast_case(row: dict[str, Any], looks: int, *, decides: bool = True) -> Case:
    """A difference of two ranges; one that the grid cuts off is a bound from below."""
    own = Interval.from_columns(row, ("difference", "low", "high"), row["seeds"])
    low, high = stretched(own, (1 - LEVEL) / looks, own.n - 1)
    _, surely = stretched(own, PROMISE / looks, own.n - 1)
    says: Says = "neither"
    if decides and low > 0 and not row["other_censored"]:
        says = "for"
    if decides and surely < 0 and not row["censored"]:
        says = "against"
    interval, place = Interval.by_chance(own.estimate, low, high, own.n), row["environment"].replace("_", " ")
    interval = interval.together() if looks > 1 else interval
    if row["differ_in"] == "direction":
        return Case(f"{place}, {RULES[row['key']]}", interval, says, "decades, natural minus vanilla")
    words = "decades, KL bound minus learning rate"
    return Case(f"{place}, {row['direction']} direction", interval, says, words)


def _range_case(row: dict[str, Any]) -> Case:
    """A kind of step and the range of its sizes that work."""
    ends = f"{row['from_size']:.1e} to {row['to_size']:.1e}" if row["decades"] > 0 else "none"
    cut = ", cut off by the grid" if row["low_censored"] or row["high_censored"] else ""
    name = f"{row['environment'].replace('_', ' ')}, {row['direction']} direction, {RULES[row['key']]}"
    interval = Interval.from_columns(row, ("decades", "low", "high"), row["seeds"])
    return Case(f"{name} ({ends}{cut})", interval, quantity="decades that work")


def _told(cases: list[Case]) -> str:
    """Every difference, in words."""
    told = "; ".join(f"{case.name}: {case.interval:.2f}" for case in cases)
    return f"Decades that work along F⁻¹ĝ minus those along ĝ: {told}." if cases else ""


def _worked(ranges: pd.DataFrame) -> str:
    """How many decades work along ĝ with a learning rate, which is what the lecture calls delicate."""
    plain = ranges[(ranges["direction"] == "vanilla") & (ranges["key"] == "learning_rate")]
    each = [f"{row['decades']:.2g} on {problems([row['environment']])}" for row in plain.to_dict("records")]
    return f" With a learning rate along ĝ the decades that work are {listed(each)}." if each else ""


def _reason(found: str, cases: list[Case], beside: list[dict[str, Any]]) -> str:
    """What speaks against it, or what would decide it; and what the bound does instead."""
    if found == "supported" or not cases:
        return ""
    if found == "refuted":
        worst = min((case for case in cases if case.says == "against"), key=lambda case: case.interval.high)
        return f"Natural steps can narrow the range: {worst.name}, by {-worst.interval.estimate:.2f} decades."
    open_cases = [case for case in cases if case.says == "neither"]
    needed = "; ".join(f"{case.name}, about {_seeds_needed(case.interval):,.0f}" for case in open_cases)
    bound = [row["difference"] for row in beside if row["direction"] == "vanilla"]
    adds = f" A KL bound on ĝ alone adds {_span(bound)} decades." if bound else ""
    clear = [f"{case.name} {case.interval.estimate:+.2f}" for case in cases if case.says != "neither"]
    told = f" ({'; '.join(clear)} decades)" if clear else ""
    return (
        f"With the same step rule natural and plain directions can be told apart in {len(clear)} of "
        f"{len(cases)} comparisons{told}; seeds that would tell the others apart: {needed}.{adds}"
    )


def _span(values: list[float]) -> str:
    """`1.2 to 1.3`, or one number where both are alike."""
    return " to ".join(dict.fromkeys(f"{end(values):.1f}" for end in (min, max)))


def _seeds_needed(interval: Interval) -> float:
    """Seeds with which an interval around this estimate would leave zero out; its width goes like 1/√n."""
    share = (interval.high - interval.low) / 2 / max(abs(interval.estimate), 1e-3)
    return float(np.ceil(interval.n * share**2))
