"""Learning with baselines of equal variance, b* ± δ: runs on a bandit of three arms (P22, C40).

Chung et al. 2021. Every run draws an arm by the package's softmax policy, forms the estimate of one sample,

    ĝ = (r - b) ∇log π(a),

and steps along it, or along F⁻¹ĝ. b* is the constant of least variance of what is stepped along, at the run's
present policy, so b* + δ and b* - δ have the same variance there, as a parabola has the same height.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.intervals import Interval
from pgpipe.oracles import three_arms
from pgpipe.oracles.three_arms import probabilities
from pgpipe.policies.categorical import SoftmaxTable
from pgpipe.policies.policy import summed
from pgpipe.seeding import stream
from pgpipe.statistics import normal_interval, share_interval

Floats = NDArray[np.float64]


class RuleSpec(TypedDict):
    """What is stepped along, and how far."""

    direction: Literal["vanilla", "natural"]
    learning_rate: float


class ArmsSpec(TypedDict):
    """Rewards of the arms, the δ on either side of b*, steps by name, runs, and samples of one estimate."""

    seed: int
    rewards: list[float]
    deltas: list[float]  # above 0; each with both signs, and 0 beside them
    rules: dict[str, RuleSpec]
    runs: int
    updates: int
    samples: int


def compare_baselines(spec: ArmsSpec) -> dict[str, pd.DataFrame]:
    """The tables `baseline_arms`, by rule and δ, and `baseline_pairs`, which compares ±δ."""
    r = np.array(spec["rewards"])
    deltas = sorted({0.0, *(sign * delta for delta in spec["deltas"] for sign in (1, -1))})
    rows = []
    for name, rule in spec["rules"].items():
        for delta in deltas:
            final = train(spec, name, delta)
            best = int((final.argmax(-1) == r.argmax()).sum())
            row: dict[str, Any] = {"rule": name, **rule, "delta": delta, "runs": len(final)}
            row |= {"updates": spec["updates"]}
            row |= share_interval(best, len(final)).columns("share")
            pi = probabilities(final)
            row |= {"committed": float((pi.max(-1) > COMMITTED).mean())}
            row |= {"objective": float((pi @ r).mean())}
            row |= {"variance": float(variance(rule, probabilities(r[None]), r, delta)[0])}
            row |= measured_variance(spec, name, delta).columns("measured_variance")
            rows.append(row | {"samples": spec["samples"]})
    table = pd.DataFrame(rows)
    return {"baseline_arms": table, "baseline_pairs": pairs(table)}


COMMITTED = 0.99  # a policy that draws one arm so often has settled on it


def train(spec: ArmsSpec, name: str, delta: float) -> Floats:
    """The logits of every run after the updates, from equal ones, with b = b* + δ.  -> (runs, arms)."""
    rule, r = spec["rules"][name], np.array(spec["rewards"])
    rng = stream(spec["seed"], "three arms", name, f"{delta:g}")
    logits = np.zeros((spec["runs"], len(r)))
    for _ in range(spec["updates"]):
        logits += rule["learning_rate"] * estimates(rule, logits, r, delta, rng)
    return logits


def estimates(
    rule: Mapping[str, Any], logits: Floats, r: Floats, delta: float, rng: np.random.Generator
) -> Floats:
    """One sample's ĝ of every run, or F⁻¹ĝ.  logits (A, arms) -> (A, arms)."""
    policy = SoftmaxTable(1, len(r))
    theta, obs = torch.from_numpy(logits), torch.ones(len(logits), 1, 1, dtype=torch.float64)
    arm = policy.act(theta, obs, torch.from_numpy(policy.noise(rng, (len(logits), 1))))
    pi, drawn = probabilities(logits), arm.numpy()
    credit = r[drawn[:, 0]] - best_constant(rule, pi, r) - delta
    if rule["direction"] == "natural":
        # F = diag π - ππᵀ is singular: F x = ĝ leaves a constant on all logits open; this x moves one alone
        return np.eye(len(r))[drawn[:, 0]] * (credit / np.take_along_axis(pi, drawn, 1)[:, 0])[:, None]
    tape = policy.recorded(policy.unflatten(logits), obs.numpy())
    return summed(policy.factors(policy.unflatten(logits), tape, drawn, credit[:, None]))


def best_constant(rule: Mapping[str, Any], pi: Floats, r: Floats) -> Floats:
    """b* = Σ_a π_a ‖x_a‖² r_a / Σ_a π_a ‖x_a‖², x_a = ∇log π(a) or F⁻¹∇log π(a), of least variance.

    For F⁻¹ it is that of each logit's own variance, as the mean of x is not zero.  (A, arms) -> (A,).
    """
    if rule["direction"] == "natural":
        return three_arms.best_constant(pi, r)
    weights = pi * _squares(pi)
    return (weights * r).sum(-1) / weights.sum(-1)


def variance(rule: Mapping[str, Any], pi: Floats, r: Floats, delta: float) -> Floats:
    """tr Cov of one sample's estimate with b* + δ.  (A, arms) -> (A,)."""
    b = best_constant(rule, pi, r) + delta
    if rule["direction"] == "natural":
        return three_arms.variance(pi, r, b)
    gradient = pi * (r - (pi * r).sum(-1, keepdims=True))
    return (pi * _squares(pi) * (r - b[:, None]) ** 2).sum(-1) - (gradient**2).sum(-1)


def _squares(pi: Floats) -> Floats:
    """‖∇log π(a)‖² = ‖1[a] - π‖² of every arm.  (A, arms) -> (A, arms)."""
    return 1 - 2 * pi + (pi**2).sum(-1, keepdims=True)


def measured_variance(spec: ArmsSpec, name: str, delta: float) -> Interval:
    """The same from so many samples of one policy, with its 95 % interval.

    Its logits are the rewards: of equal ones b* would be the mean reward, whatever one took for it.
    """
    rule, r, n = spec["rules"][name], np.array(spec["rewards"]), spec["samples"]
    rng = stream(spec["seed"], "three arms", "variance", name, f"{delta:g}")
    x = estimates(rule, np.tile(r, (n, 1)), r, delta, rng)
    squares = ((x - x.mean(0)) ** 2).sum(-1)
    return normal_interval(float(squares.sum()) / (n - 1), float(squares.std(ddof=1)) / n**0.5, n)


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `baseline_pairs.csv`: b* + δ beside b* - δ, ratio of variances, difference of shares."""
    rows = []
    by = table.set_index(["rule", "delta"])
    for rule, delta in [key for key in by.index if key[1] > 0]:
        above, below = by.loc[(rule, delta)], by.loc[(rule, -delta)]
        row = {"rule": rule, "direction": above["direction"], "learning_rate": above["learning_rate"]}
        row |= {"delta": delta, "runs": int(above["runs"])}
        row |= {"ratio": above["variance"] / below["variance"]}
        row |= _ratio(above, below).columns("measured_ratio")
        rows.append(row | _difference(above, below).columns("difference"))
    return pd.DataFrame(rows)


def _ratio(above: Any, below: Any) -> Interval:
    """Of the measured variances, by their relative errors."""
    names = [f"measured_variance{end}" for end in ("", "_low", "_high")]
    (a, a_low, a_high), (b, b_low, b_high) = ([row[name] for name in names] for row in (above, below))
    half = np.hypot((a_high - a_low) / a, (b_high - b_low) / b) / 2
    return Interval.by_chance(a / b, a / b * np.exp(-half), a / b * np.exp(half), int(above["samples"]))


def _difference(above: Any, below: Any) -> Interval:
    """Of two independent shares, with one success and one failure added to each.  Agresti & Caffo 2000."""
    n = int(above["runs"])
    shares = [(row["share"] * n + 1) / (n + 2) for row in (above, below)]
    error = (sum(share * (1 - share) for share in shares) / (n + 2)) ** 0.5
    interval = normal_interval(shares[0] - shares[1], error, n)
    return Interval.by_chance(above["share"] - below["share"], interval.low, interval.high, n)
