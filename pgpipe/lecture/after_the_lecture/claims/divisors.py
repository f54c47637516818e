"""Section 11, the divisor: whether dividing by lengths only rescales (C37)."""

from typing import Any

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture.claims._angles import angle_case
from pgpipe.lecture.after_the_lecture.criteria import STRAIGHT
from pgpipe.lecture.common.cases import PROMISE, lacking, listed, problems
from pgpipe.lecture.common.evidence import Case, Claim, verdict
from pgpipe.lecture.common.identities import Identities

IDENTITIES = Identities(
    "divisor_identities",
    {"E46": "The weights of each divisor written out from lists of lengths; E ĝ over all batches of two."},
)
WORDS = {
    "trajectories": "by N",
    "steps": "by ΣT",
    "each": "each by its own T",
    "constant": "by T_max",
}
BASELINES = {"none": "no baseline", "exact": "J subtracted", "mean": "others' mean subtracted"}


def c37(divisor_directions: pd.DataFrame) -> Claim:
    """The divisor of the sum only rescales the expected gradient."""
    rows = divisor_directions[divisor_directions["divisor"] != "trajectories"]
    looks = len(divisor_directions)
    cases = [_case(row, looks) for row in rows.itertuples()]
    turned = [case for case in cases if case.says == "against"]
    far = max(turned or cases, key=lambda case: abs(case.interval.estimate), default=None)
    straight = bool(cases) and all(case.says == "for" for case in cases)
    return Claim(
        test="Angle between ∇J and the mean estimate over many batches, by what the sum of losses is divided "
        "by, with and without a baseline, and by the size of the batch, on "
        f"{problems(rows['environment'])}.",
        found=_found(rows, turned, len(cases)),
        rule=f"Supported if every angle's interval is within ± {STRAIGHT:g} degrees; refuted if one is "
        f"beyond, at {PROMISE:g} over all of them (Bonferroni).",
        quantity="angle from ∇J of the mean estimate, the largest",
        unit="degrees",
        n_counts="batches in that case",
        interval=far.interval if far else Interval.unknown(),
        verdict=verdict(straight, bool(turned)),
        figure="P19",
        reason=_reason(turned, cases),
        lacks=lacking((not cases, "the divisor study has no divisor but the number of trajectories")),
        cases=cases,
    )


def _case(row: Any, looks: int) -> Case:
    named = (row.environment, WORDS[row.divisor], BASELINES[row.baseline], f"N = {row.batch_size}")
    return angle_case(", ".join(named), row.degrees, row.degrees_low, row.degrees_high, row.replicates, looks)


def _found(rows: pd.DataFrame, turned: list[Case], n: int) -> str:
    """The exact angles by problem, at the largest batch, and whether a sign is wrong."""
    last = rows[(rows["batch_size"] == rows["batch_size"].max()) & (rows["divisor"] == "each")]
    told = []
    for environment, own in last.groupby("environment", sort=False):
        angles = [f"{abs(row.exact_degrees):.1f}° ({BASELINES[row.baseline]})" for row in own.itertuples()]
        told.append(f"{environment}: {listed(angles)}")
    exact = f" Each by its own T, exactly, whatever N: {'; '.join(told)}." if told else ""
    wrong = (rows["long"] * rows["exact_long"] < 0) | (rows["right"] * rows["exact_right"] < 0)
    signs = f" In {wrong.sum()} of them a parameter's expectation has the wrong sign." if wrong.any() else ""
    return f"{len(turned)} of {n} mean estimates differ from ∇J in direction.{signs}{exact}"


def _reason(turned: list[Case], cases: list[Case]) -> str:
    """Which divisors do rescale only."""
    if not turned:
        return ""
    names = {WORDS[key]: [case for case in cases if f", {WORDS[key]}," in case.name] for key in WORDS}
    fine = [words for words, own in names.items() if own and not any(case in turned for case in own)]
    only = f" Divided {listed(fine)} the gradient is only rescaled." if fine else ""
    return f"A divisor that depends on a trajectory's own length turns the expected gradient.{only}"
