"""Section 6, policy iteration: what steps along E30 do for the policy (C15)."""

from dataclasses import replace

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly, lowest_of, problems
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.off_policy.claims._rows import DISTANCE, SMALL, several_steps

HELD = "KL from θ up to which repeated steps keep J above J(θ)"


def c15(
    off_policy_paths: pd.DataFrame, off_policy_limits: pd.DataFrame, off_policy_weights: pd.DataFrame
) -> Claim:
    """Without the weights on the rewards a small step still improves on the old policy θ."""
    paths = several_steps(off_policy_paths, off_policy_weights)
    steps = paths[paths["step"] > 0].dropna(subset=["reached", "old"])
    own = steps[steps["path"] == "E30"]
    along = [_path(path) for _, path in own.groupby("environment")]
    around = several_steps(off_policy_limits, off_policy_weights)
    around = around[(around["form"] == "no_future") & (around["direction"] != "gradient")]
    once = [_around(key, own) for key, own in around.groupby(["environment", "distance"])]
    far = around[around["distance"] == around["distance"].max()]
    cases = [*along, *once]
    lower = [case for case in along if case.says == "against"]
    fewer = [case for case in once if case.says == "against"]
    supported = bool(along) and bool(once) and all(case.says == "for" for case in cases)
    return Claim(
        test=f"On {problems(own['environment'])}, where J is exact, whether repeated "
        "exact E30 steps from θ on θ's own data keep J above J(θ); and whether one step from a policy θ' in "
        f"each of {around['direction'].nunique()} random directions from θ raises J(θ') ({DISTANCE}).",
        found=f"Along E30 J stays above J(θ) {_how_far(along)}{_control(steps)} A step from a random θ' "
        f"raises J(θ') in {_share(around, 'new'):.0%} of cases; from {SMALL:g} nats away it ends above J(θ) "
        f"itself in {_share(far, 'old'):.0%}."
        if along
        else "",
        rule=f"Supported if on every path J is above J(θ) at each step up to {SMALL:g} nats, and every "
        "step from a random θ' up to there raises J(θ'); refuted if J falls below J(θ) on a path by then, or "
        "fewer than half of an environment's steps at a distance raise J(θ'). Exact, so no correction.",
        quantity=f"{HELD}, least of all environments",
        unit="nats",
        n_counts="environments",
        interval=replace(lowest.interval, n=len(along))
        if (lowest := lowest_of(along))
        else Interval.unknown(),
        verdict=verdict(supported, refuted=bool(lower or fewer)),
        figure="P26",
        reason="" if supported else _reason(lower, fewer, once),
        lacks="" if cases else "no environment of several steps with an exact J",
        cases=cases,
    )


def _path(rows: pd.DataFrame) -> Case:
    """How far from θ a path first falls to J(θ), or ends without having fallen."""
    rows = rows.sort_values("step")
    fallen = ~(rows["reached"] > rows["old"])
    held = float(rows[~fallen.cummax()]["kl"].max()) if not fallen.iloc[0] else 0.0
    early = bool((fallen & (rows["kl"] <= SMALL)).any())
    interval = exactly(held) if fallen.any() else Interval.at_least(held)
    return Case(f"{rows['environment'].iloc[0]}, from θ", interval, "against" if early else "for", HELD)


def _around(key: tuple[str, float], rows: pd.DataFrame) -> Case:
    """The share of random θ' at a distance from which a step raises J."""
    share = _share(rows, "new")
    says: Says = "for" if share == 1 else "against" if share < 0.5 else "neither"
    name = f"{key[0]}, random θ' at {key[1]:g} nats"
    return Case(name, exactly(share, len(rows)), says, "share of steps that raise J(θ')")


def _share(rows: pd.DataFrame, over: str) -> float:
    return float((rows["after"] > rows[over]).mean())


def _control(steps: pd.DataFrame) -> str:
    """What J does along other paths by the distance that counts as small, in words."""
    small = steps[(steps["kl"] <= SMALL)].sort_values("step").groupby(["environment", "path"]).tail(1)
    small = small.assign(rise=small["reached"] - small["old"])
    along, against, random = (
        small[small["path"].str.startswith(path)] for path in ("E30", "against E30", "random")
    )
    if against.empty and random.empty:
        return "."
    return (
        f". As controls, by {SMALL:g} nats J falls below J(θ) in {_falls(against)} steps against E30 and in "
        f"{_falls(random)} straight ways in random directions{_rises(along, random)}."
    )


def _falls(rows: pd.DataFrame) -> str:
    return f"{int((rows['rise'] < 0).sum())} of {len(rows)}"


def _rises(along: pd.DataFrame, random: pd.DataFrame) -> str:
    """The rise along E30 beside the best of the random directions: a small step up is no rare event."""
    if random.empty:
        return ""
    best = random.groupby("environment")["rise"].max()
    told = [
        f"{rise:.2g} and {best[name]:.2g} on {problems([name])}"
        for name, rise in along.set_index("environment")["rise"].items()
        if name in best
    ]
    return f"; along E30 and in the best of these it rises by {', by '.join(told)}"


def _how_far(along: list[Case]) -> str:
    """Up to which distance, and whether the path ends there."""
    least = lowest_of(along)
    if least is None or not least.interval.estimate > 0:
        return "at no distance"
    end = ", where the path ends" if least.interval.kind == "at least" else ""
    return f"up to {least.interval.estimate:.2g} nats{end}"


def _reason(lower: list[Case], fewer: list[Case], once: list[Case]) -> str:
    if lower:
        return f"J falls below J(θ) within {SMALL:g} nats: {lower[0].name}."
    if fewer:
        return f"Most steps lower J: {fewer[0].name}, where {fewer[0].interval.estimate:.0%} raise it."
    unsure = [case for case in once if case.says == "neither"]
    return f"Not every step raises J: {unsure[0].name}, {unsure[0].interval.estimate:.0%}." if unsure else ""
