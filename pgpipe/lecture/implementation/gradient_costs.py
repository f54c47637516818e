"""What the gradient costs in three ways, by parameters and samples: counted, timed, or extrapolated (P12)."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from math import isqrt
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec, SampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.jobs.memory import Peak
from pgpipe.lecture.implementation.gradient_ways import WAYS, Cost, count_cost
from pgpipe.policies.policy import Policy
from pgpipe.policies.spec import PolicySpec
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

# Samples in the two small computations from which the cost of a larger one is foretold.
PROBES = (20, 40)


class LimitSpec(TypedDict):
    """What a computation may cost at most to be run."""

    calls: int
    gigabytes_moved: float
    gigabytes_held: float


class GradientCostsSpec(SampledSpec):
    """A number of parameters, and of trajectories in the batches of one gradient."""

    estimator: PlainEstimatorSpec
    parameters: int
    trajectories: list[int]
    limit: LimitSpec


def count_costs(spec: GradientCostsSpec) -> dict[str, pd.DataFrame]:
    """What the gradient costs in three ways at one number of parameters: counted, and timed beside."""
    counted, timed = gradient_costs(spec)
    return {"gradient_costs": counted, "seconds": timed}


def gradient_costs(spec: GradientCostsSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `gradient_costs.csv` for one number of parameters, and what was timed beside them.

    Counts grow by the same amount with every sample. Two small computations tell how much that is, and so
    which of the others would pass the limit: those are not run, and their row is the line through the two.
    """
    environment = sized(spec["environment"], spec["parameters"])
    policy = policy_for(environment)
    theta = policy.initial(stream(spec["seed"], environment["name"], "costs", spec["parameters"]))
    whole = _rollouts(environment, theta, spec)
    estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
    weights = estimator.weighted_advantages(whole)
    rows, times = [], []
    for way in WAYS:
        probes = [count_cost(WAYS[way], policy, theta, *_cut(whole, weights, n))[0] for n in PROBES]
        for batch, credit in _batches(whole, weights, spec["trajectories"]):
            samples = int(batch.mask.sum())
            key = {"way": way, "parameters": len(theta), "samples": samples}
            cost, difference, kind = foretold(probes, samples), np.nan, "extrapolated"
            if fits(cost, spec["limit"]):
                cost, found = count_cost(WAYS[way], policy, theta, batch, credit)
                difference, kind = _difference(found, policy, theta, batch, credit), "counted"
                times.append(_timed(key, cost, policy, theta, batch, credit))
            told = {"trajectories": batch.n_trajectories, "kind": kind, **cost._asdict()}
            rows.append(key | told | {"difference": difference})
    return pd.DataFrame(rows), pd.DataFrame(times)


def sized(environment: EnvironmentSpec, parameters: int) -> EnvironmentSpec:
    """The environment with a network of two hidden layers of one width, nearest to so many parameters."""

    def with_width(width: int) -> EnvironmentSpec:
        return {**environment, "policy": _with_hidden(environment["policy"], [width, width])}

    def size(width: int) -> int:
        return policy_for(with_width(width)).n_parameters

    widths = range(1, isqrt(parameters) + 2)  # wider ones have more, as P is more than the square
    above = bisect_left(widths, parameters, hi=len(widths) - 1, key=size)
    near = widths[max(0, above - 1) : above + 1]
    return with_width(min(near, key=lambda width: abs(size(width) - parameters)))


def _with_hidden(policy: PolicySpec, hidden: list[int]) -> PolicySpec:
    """The same network with other hidden layers."""
    if policy["kind"] == "gaussian_mlp":
        return {**policy, "hidden": hidden}
    assert policy["kind"] == "categorical_mlp"  # the config allows nothing but a network
    return {**policy, "hidden": hidden}


def foretold(probes: list[Cost], samples: int) -> Cost:
    """The line through the costs of the two probes, at so many samples."""
    first, second = PROBES
    return Cost(*(a + (b - a) * (samples - first) // (second - first) for a, b in zip(*probes, strict=True)))


def fits(cost: Cost, limit: LimitSpec) -> bool:
    """Whether a computation stays within what the config allows."""
    moved, held = limit["gigabytes_moved"] * 1e9, limit["gigabytes_held"] * 1e9
    return cost.calls <= limit["calls"] and cost.bytes_moved <= moved and cost.bytes_held <= held


def _rollouts(environment: EnvironmentSpec, theta: Tensor, spec: GradientCostsSpec) -> Trajectories:
    """As many trajectories as the largest computation takes."""
    n = max(spec["trajectories"])
    (batches,) = sample_batches(environment, theta, spec["seed"], ("costs",), 1, n)
    return batches.split()[0]


def _batches(whole: Trajectories, weights: Tensor, sizes: list[int]) -> Iterator[tuple[Trajectories, Tensor]]:
    for n in sizes:
        yield whole.first(n), weights[:n]


def _cut(whole: Trajectories, weights: Tensor, samples: int) -> tuple[Trajectories, Tensor]:
    """The first steps of the first trajectory, which is long enough."""
    one = whole.first(1)
    steps = {name: getattr(one, name)[:, :samples] for name in ("obs", "actions", "rewards", "mask")}
    return Trajectories(**{**vars(one), **steps}), weights[:1, :samples]


def _difference(found: Tensor, policy: Policy, theta: Tensor, batch: Trajectories, credit: Tensor) -> float:
    """‖ĝ - ĝ'‖ / ‖ĝ'‖, ĝ' that of the pseudo-loss."""
    reference = WAYS["pseudo_loss"](policy, theta, batch, credit)
    return float((found - reference).norm() / reference.norm())


def _timed(key: Mapping[str, Any], cost: Cost, *arguments: Any) -> dict[str, Any]:
    """Seconds and the memory that came on top, of the computation alone, beside what was counted of it."""
    peak, start = Peak(), perf_counter()
    WAYS[key["way"]](*arguments)
    seconds, memory = perf_counter() - start, peak.megabytes
    return {
        "computation": "gradient by {way}, {parameters} parameters, {samples} samples".format(**key),
        "operations": cost.operations,
        "megabytes_held": cost.bytes_held / 1e6,
        "seconds": seconds,
        "memory_mb": memory,
    }
