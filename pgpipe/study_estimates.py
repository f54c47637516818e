"""All estimators of one signal on the rollouts of the study, and what each of them costs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from pgpipe.estimators.baselines.optimal import optimal
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import batch_gradient, estimate_each, trajectory_gradients
from pgpipe.operations import OperationCount
from pgpipe.oracles.values import exact_value
from pgpipe.policies import Policy
from pgpipe.rollout import policy_for
from pgpipe.trajectories import Trajectories

# Up to so many parameters a gradient for every trajectory costs less than calls for one batch at a time.
FEW_PARAMETERS = 100
# Numbers in the gradients of all trajectories that are held at a time.
HELD = 2**22


def estimate_batches(spec: Mapping[str, Any], theta: Tensor, batches: Trajectories) -> dict[str, Tensor]:
    """ĝ of every estimator on each batch of (R, N, T) at theta (P,).  -> {name: (R, P)}."""
    policy, estimators = policy_for(spec["environment"]), _estimators(spec, theta)
    per_parameter = {name: e for name, e in estimators.items() if e.per_parameter}
    others = {name: e for name, e in estimators.items() if name not in per_parameter}
    chunk = max(1, HELD // (batches.n_trajectories * len(theta)))
    parts = []
    for part in _chunks(batches, chunk):
        few = len(theta) <= FEW_PARAMETERS
        found = by_rows(policy, theta, part, others) if few else by_batch(policy, theta, part, others)
        parts.append(found | with_constants(policy, theta, part, per_parameter))
    return {name: torch.cat([part[name] for part in parts]) for name in estimators}


def by_batch(
    policy: Policy, theta: Tensor, batches: Trajectories, estimators: Mapping[str, Estimator]
) -> dict[str, Tensor]:
    """ĝ by one forward pass for each batch and a backward pass for each estimator.  -> {name: (R, P)}."""
    gradients = [
        batch_gradient(
            policy, theta, batch, torch.stack([e.step_weights(batch) for e in estimators.values()])
        )
        for batch in batches.split()
        if estimators
    ]
    return dict(zip(estimators, torch.stack(gradients, dim=1), strict=True)) if gradients else {}


def by_rows(
    policy: Policy, theta: Tensor, batches: Trajectories, estimators: Mapping[str, Estimator]
) -> dict[str, Tensor]:
    """ĝ as the mean of every trajectory's gradient, those of all batches at once.  -> {name: (R, P)}."""
    return {
        name: _rows(policy, theta, batches, _weights(batches, estimator.step_weights)).mean(1)
        for name, estimator in estimators.items()
    }


def with_constants(
    policy: Policy, theta: Tensor, batches: Trajectories, estimators: Mapping[str, Estimator]
) -> dict[str, Tensor]:
    """ĝ with a constant for each parameter; those that differ in nothing else share their rows."""
    gradients, parts = {}, {}
    for name, estimator in estimators.items():
        like = replace(estimator, baseline=optimal)  # the same signal, whichever constant comes after it
        if like not in parts:
            weightings = (_weights(batches, like.step_weights), _weights(batches, like.score_weights))
            parts[like] = [_rows(policy, theta, batches, weights) for weights in weightings]
        rows, scores = parts[like]
        gradients[name] = (rows - estimator.baseline(rows=rows, scores=scores) * scores).mean(1)
    return gradients


def count_operations(spec: Mapping[str, Any], theta: Tensor, batches: Trajectories) -> pd.DataFrame:
    """Floating-point operations of every estimator, alone, on one batch: rows of `estimator_costs.csv`."""
    policy, one = policy_for(spec["environment"]), next(_chunks(batches, 1))
    steps, rows = int(one.mask.sum()), []
    for name, estimator in _estimators(spec, theta).items():
        with OperationCount() as count:
            estimate_each(policy, theta[None], one, estimator)
        key = {"environment": spec["environment"]["name"], "estimator": name}
        rows.append(key | {"operations": count.total, "env_steps": steps, "per_step": count.total / steps})
    return pd.DataFrame(rows)


def _estimators(spec: Mapping[str, Any], theta: Tensor) -> dict[str, Estimator]:
    environment = spec["environment"]
    value = exact_value(spec["module"], theta, environment) if spec["module"] else None
    return {
        name: Estimator.from_spec(line, environment["gamma"], value) for name, line in spec["group"].items()
    }


def _chunks(batches: Trajectories, size: int) -> Iterator[Trajectories]:
    """So many batches at a time."""
    pieces = {f.name: getattr(batches, f.name).split(size) for f in fields(batches)}
    for parts in zip(*pieces.values(), strict=True):
        yield Trajectories(**dict(zip(pieces, parts, strict=True)))


def _weights(batches: Trajectories, weigh: Callable[[Trajectories], Tensor]) -> Tensor:
    """What `weigh` gives batch by batch.  -> (R, N, T)."""
    weights = torch.zeros_like(batches.rewards)
    for row, batch in zip(weights, batches.split(), strict=True):
        row[:, : batch.rewards.shape[1]] = weigh(batch)
    return weights


def _rows(policy: Policy, theta: Tensor, batches: Trajectories, weights: Tensor) -> Tensor:
    """Every trajectory's gradient.  weights (R, N, T) -> (R, N, P)."""
    flat = Trajectories(**{f.name: getattr(batches, f.name).flatten(0, 1) for f in fields(batches)})
    return trajectory_gradients(policy, theta, flat, weights.flatten(0, 1)).unflatten(0, weights.shape[:2])
