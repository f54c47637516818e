"""Section 11, groups: what is unbiased, and what the standard deviation does (C36, C41)."""

from typing import Any

import pandas as pd

from pgpipe.intervals import Interval, Kind
from pgpipe.lecture.after_the_lecture.claims._angles import angle_case, widened
from pgpipe.lecture.after_the_lecture.criteria import CHANCE, STRAIGHT
from pgpipe.lecture.common.cases import PROMISE, lacking
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import Identities
from pgpipe.lecture.common.unbiasedness import MARGIN

IDENTITIES = Identities(
    "group_identities",
    {
        "E43": "The mean of the others, subtracted group by group by hand; and E ĝ/∇p is 1.",
        "E44": "Centred and divided group by group by hand: the same advantages.",
        "E45": "c_G(p) counted over how many are right; and the measured E ĝ/∇p is c_G(p).",
    },
)
TOGETHER: Kind = "95 % interval over all cases together"


def c36(group_directions: pd.DataFrame, group_ratios: pd.DataFrame) -> Claim:
    """Dividing by the standard deviation changes only the length of the expected gradient."""
    looks = len(group_directions)
    rows = group_directions[(group_directions["form"] == "normalized") & (group_directions["group_size"] > 2)]
    cases = [
        angle_case(f"G = {row.group_size}", row.degrees, row.low, row.high, row.groups, looks)
        for row in rows.itertuples()
    ]
    factors = group_ratios[(group_ratios["form"] == "normalized") & (group_ratios["group_size"] > 2)]["exact"]
    turned = [case for case in cases if case.says == "against"]
    far = max(turned or cases, key=lambda case: abs(case.interval.estimate), default=None)
    interval = far.interval if far else Interval.unknown()
    straight = bool(cases) and all(case.says == "for" for case in cases)
    exact = rows["exact"].abs().max()
    at = f" with {far.name}" if far else ""
    exact = rows["exact"].abs().max()
    at = f" with {far.name}" if far else ""
    return Claim(
        test="Angle between ∇J and the mean over groups of fresh rollouts of normalised estimates, where "
        "prompts differ in how likely they are answered right; by size of the group.",
        found=f"For one prompt E ĝ is ∇p times a factor, from {factors.min():.2f} to {factors.max():.2f} by "
        f"p and G. For {_prompts(rows)} together the mean is {interval:.1f} degrees off ∇J{at}; exactly, the "
        f"largest angle is {exact:.1f} degrees.",
        rule=f"Supported if every angle's interval (groups larger than 2) is within ± {STRAIGHT:g} degrees; "
        f"refuted if one is beyond, at {PROMISE:g} over all of them (Bonferroni).",
        quantity="angle from ∇J of the mean estimate, the largest",
        unit="degrees",
        n_counts="groups" + (f" of that size ({far.name})" if far else ""),
        interval=interval,
        verdict=verdict(straight, bool(turned)),
        figure="P18",
        reason="Only the length changes for a single prompt, and for groups of 2 or 3. Where prompts differ "
        "in p, so do their factors, and the sum turns." if turned else "",
        lacks=lacking((not cases, "the group study has no groups larger than 2")),
        cases=cases,
    )  # fmt: skip


def c41(group_ratios: pd.DataFrame) -> Claim:
    """RLOO is unbiased, and GRPO with G = 2 is."""
    looks = len(group_ratios)
    rloo = group_ratios[group_ratios["form"] == "leave_one_out"]
    pairs = group_ratios[(group_ratios["form"] == "normalized") & (group_ratios["group_size"] == 2)]
    rows = pd.concat([rloo, pairs])
    cases = [_ratio(row, looks, len(rows)) for row in rows.to_dict("records")]
    off = [case for case in cases if case.says == "against"]
    pooled = [_pooled(part, looks) for part in (rloo, pairs)]
    near = all(interval.within(1, MARGIN) for interval in pooled)
    both = not rloo.empty and not pairs.empty
    interval = off[0].interval if off else pooled[0]
    return Claim(
        test="Mean over groups of fresh rollouts of ĝ·∇p/‖∇p‖², for RLOO at every success probability and "
        "size of the group, and for normalised groups of two.",
        found=f"On average over prompts and sizes RLOO has {pooled[0]:.3f} times the length of ∇p, GRPO with "
        f"G = 2 {pooled[1]:.3f} times. Of {len(cases)} intervals, all of which hold together at 95 %, "
        f"{sum(case.interval.low <= 1 <= case.interval.high for case in cases)} hold 1.",
        rule=f"Supported if both means' 95 % intervals lie within 1 ± {MARGIN:g} and no single ratio is "
        f"off; refuted if one is off 1 at {PROMISE:g} over all of them (Bonferroni).",
        quantity="E ĝ/∇p of RLOO, mean over prompts and sizes",
        n_counts="groups over all prompts and sizes",
        interval=interval,
        verdict=verdict(both and near and not off, bool(off)),
        figure="P18",
        reason=f"E ĝ/∇p is {off[0].interval:.2f} with {off[0].name}." if off else
        "With G = 2 the two are the same estimate: where the rewards differ, both have the advantages ± 1."
        if both and near else "",
        lacks=lacking((rloo.empty, "the group study has no leave_one_out"),
                      (pairs.empty, "the group study has no groups of 2")),
        cases=cases,
    )  # fmt: skip


def _ratio(row: dict[str, Any], looks: int, cases: int) -> Case:
    interval = Interval(row["ratio"], row["low"], row["high"], int(row["groups"]), TOGETHER)
    low, high = widened(interval, looks, PROMISE / cases)
    says: Says = "for" if low <= 1 <= high else "against"
    form = "RLOO" if row["form"] == "leave_one_out" else "GRPO"
    return Case(f"{form}, p = {row['success']:g}, G = {row['group_size']:.0f}", interval, says, "E ĝ/∇p")


def _pooled(rows: pd.DataFrame, looks: int) -> Interval:
    """The mean of all ratios; unknown of none.

    All weigh alike: a sample with few right responses has a low ratio and a small error.
    """
    if rows.empty:
        return Interval.unknown()
    one = Interval(0.0, -1.0, 1.0, 1, TOGETHER)
    halves = (rows["high"] - rows["low"]) / 2 * widened(one, looks, CHANCE)[1]
    half = float((halves**2).sum() ** 0.5) / len(rows)
    mean = float(rows["ratio"].mean())
    return Interval.by_chance(mean, mean - half, mean + half, int(rows["groups"].sum()))


def _prompts(rows: pd.DataFrame) -> str:
    return f"{rows['prompts'].iloc[0]} prompts" if len(rows) else "no prompts"
