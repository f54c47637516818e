"""Section 6, policy iteration: what steps along E30 do for the policy (C15)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.off_policy.claims._rows import SMALL, several_steps


def c15(
    off_policy_paths: pd.DataFrame, off_policy_limits: pd.DataFrame, off_policy_weights: pd.DataFrame
) -> Claim:
    """Without the weights on the rewards the step still improves the policy: over the old one, for small
    steps.
    """
    paths = several_steps(off_policy_paths, off_policy_weights)
    steps = paths[paths["step"] > 0]
    along = [_path(own) for _, own in steps[steps["path"] == "E30"].groupby("environment")]
    around = several_steps(off_policy_limits, off_policy_weights)
    around = around[(around["form"] == "no_future") & (around["direction"] != "gradient")]
    once = [_around(key, own) for key, own in around.groupby(["environment", "distance"])]
    far = around[around["distance"] == around["distance"].max()]
    cases = [*along, *once]
    lower = [case for case in along if case.says == "against"]
    fewer = [case for case in once if case.says == "against"]
    supported = bool(along) and bool(once) and all(case.says == "for" for case in cases)
    values = [case.interval.estimate for case in along]
    return Claim(
        test="Repeated exact E30 steps from θ on θ's own data, whether J stays above J(θ); and one step from "
        "policies θ' in random directions from θ, whether it raises J(θ'); in every environment of several "
        "steps whose J is exact.",
        found=f"On every path J stays above J(θ) up to {_least(values)}, where a path ends"
        f"{_control(steps)}. A step from a random θ' raises J(θ') in {_share(around, 'new'):.0%}, but at "
        f"{SMALL:g} nats ends above J(θ) itself in {_share(far, 'old'):.0%}."
        if along
        else "",
        rule=f"Supported if on every path J is above J(θ) at each step up to {SMALL:g} nats, and every "
        "step from a random θ' up to there raises J(θ'); refuted if J falls below J(θ) on a path by then, or "
        "fewer than half of an environment's steps at a distance raise J(θ'). Exact, so no correction.",
        quantity="KL from θ up to which repeated steps stay above J(θ), least over environments",
        unit="nats",
        n_counts="environments",
        interval=Interval.over_cases(min(values, default=np.nan), values, len(values)),
        verdict=verdict(supported, refuted=bool(lower or fewer)),
        figure="P26",
        reason="" if supported else _reason(lower, fewer, once),
        lacks="" if cases else "no environment of several steps with an exact J",
        cases=cases,
    )


def _path(rows: pd.DataFrame) -> Case:
    """How far from θ a path first falls to J(θ), or ends."""
    rows = rows.sort_values("step")
    fallen = ~(rows["reached"] > rows["old"])
    held = rows[~fallen.cummax()]["kl"].max() if not fallen.iloc[0] else 0.0
    early = bool((fallen & (rows["kl"] <= SMALL)).any())
    return Case(f"{rows['environment'].iloc[0]}, from θ", exactly(held), "against" if early else "for")


def _around(key: tuple[str, float], rows: pd.DataFrame) -> Case:
    """The share of random θ' at a distance from which a step raises J."""
    share = _share(rows, "new")
    says: Says = "for" if share == 1 else "against" if share < 0.5 else "neither"
    return Case(
        f"{key[0]}, random θ' at {key[1]:g} nats", exactly(share), says, "share of steps that raise J(θ')"
    )


def _share(rows: pd.DataFrame, over: str) -> float:
    return float((rows["after"] > rows[over]).mean())


def _control(steps: pd.DataFrame) -> str:
    """What J does along other paths by the distance that counts as small, in words."""
    small = steps[(steps["kl"] <= SMALL)].sort_values("step").groupby(["environment", "path"]).tail(1)
    against = small[small["path"] == "against E30"]
    random = small[small["path"].str.startswith("random")]
    if against.empty and random.empty:
        return ""
    return (
        f"; against E30 it falls in {int((against['reached'] < against['old']).sum())} of {len(against)}, "
        f"along random directions in {int((random['reached'] < random['old']).sum())} of {len(random)}"
    )


def _least(values: list[float]) -> str:
    return f"{min(values):.2g} nats" if values else "no distance"


def _reason(lower: list[Case], fewer: list[Case], once: list[Case]) -> str:
    if lower:
        return f"J falls below J(θ) within {SMALL:g} nats: {lower[0].name}."
    if fewer:
        return f"Most steps lower J: {fewer[0].name}, where {fewer[0].interval.estimate:.0%} raise it."
    unsure = [case for case in once if case.says == "neither"]
    return f"Not every step raises J: {unsure[0].name}, {unsure[0].interval.estimate:.0%}." if unsure else ""
