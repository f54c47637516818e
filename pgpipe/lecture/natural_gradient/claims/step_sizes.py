"""Which step sizes work: what F⁻¹ adds, and what a KL bound adds (C35)."""

from typing import Any

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, stretched
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.statistics import LEVEL

RULES = {"kl": "KL bound", "learning_rate": "learning rate"}


def c35(step_size_ranges: pd.DataFrame, step_size_contrasts: pd.DataFrame) -> Claim:
    """Choosing the step size is delicate, and less so with natural steps: more sizes work."""
    decide = step_size_contrasts[step_size_contrasts["differ_in"] == "direction"].to_dict("records")
    looks, works = len(decide), step_size_ranges["works"].iloc[0]
    cases = [_contrast_case(row, looks) for row in decide]
    beside = step_size_contrasts[step_size_contrasts["differ_in"] == "key"].to_dict("records")
    least = min((case.interval for case in cases), key=lambda i: i.low, default=Interval.unknown())
    found = verdict(
        supported=bool(cases) and all(case.says == "for" for case in cases),
        refuted=any(case.says == "against" for case in cases),
    )
    return Claim(
        test=f"How many decades of step length let training reach {works:.0%} of the best return: along "
        "ĝ and along F⁻¹ĝ, each set by a learning rate and by a KL bound, in every environment, on the same "
        "seeds.",
        found=_told(cases),
        rule="Supported if under both rules and in every environment more decades work along F⁻¹ĝ than along "
        "ĝ, at 95 % over all comparisons together; refuted if fewer do in any one, at "
        f"{1 - PROMISE:.1%}. Bootstrap over seeds, the same ones on both sides.",
        quantity="decades that F⁻¹ adds at the same rule, the least of all comparisons",
        unit="decades of step length",
        interval=least,
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


def _reason(found: str, cases: list[Case], beside: list[dict[str, Any]]) -> str:
    """What speaks against it, or what would decide it; and what the bound does instead."""
    if found == "supported" or not cases:
        return ""
    if found == "refuted":
        worst = min((case for case in cases if case.says == "against"), key=lambda case: case.interval.high)
        return f"Natural steps can narrow the range: {worst.name}, by {-worst.interval.estimate:.2f} decades."
    open_cases = [case for case in cases if case.says == "neither"]
    needed = "; ".join(f"{case.name}, about {_seeds_needed(case.interval):,.0f} seeds" for case in open_cases)
    bound = [row["difference"] for row in beside if row["direction"] == "vanilla"]
    adds = f" A KL bound on ĝ alone adds {min(bound):.1f} to {max(bound):.1f} decades." if bound else ""
    return (
        f"At the same rule the directions are too close to tell apart in {len(open_cases)} of {len(cases)} "
        + (f"comparisons (needed: {needed}).{adds}")
    )


def _seeds_needed(interval: Interval) -> float:
    """Seeds with which an interval around this estimate would leave zero out; its width goes like 1/√n."""
    share = (interval.high - interval.low) / 2 / max(abs(interval.estimate), 1e-3)
    return float(np.ceil(interval.n * share**2))
