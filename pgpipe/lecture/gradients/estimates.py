"""All estimators on the rollouts of the study."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.baselines.none import none
from pgpipe.estimators.composition import Estimator, ValueFunction
from pgpipe.estimators.scores import (
    batch_gradient,
    estimate,
    trajectory_estimates,
    trajectory_gradients,
)
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.oracles.values import exact_value
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for
from pgpipe.trajectories import Trajectories

# Up to so many parameters a gradient for every trajectory costs less than calls for one batch at a time.
FEW_PARAMETERS = 100
# Numbers in the gradients of all trajectories that are held at a time.
HELD = 2**22


class GroupSpec(TypedDict):
    """Estimators in an environment, and the module that knows its value function, if one of them asks."""

    environment: EnvironmentSpec
    group: dict[str, EstimatorSpec]
    module: str | None


class EstimatesSpec(GroupSpec):
    """The same for batches of these sizes."""

    batch_sizes: list[int]


def estimate_gradients(
    spec: EstimatesSpec, policies: Mapping[str, Tensor], rollouts: dict[str, Tensor]
) -> dict[str, Tensor]:
    """ĝ of every estimator on each batch of the rollouts: `<estimator>.<stage>.<batch size>`, (R, P)."""
    estimates = {}
    for policy, theta in sorted(policies.items()):
        trajectories = Trajectories.from_tensors(rollouts, f"{policy}.")
        for n in spec["batch_sizes"]:
            for name, rows in estimate_batches(spec, theta, trajectories.first(n)).items():
                estimates[f"{name}.{policy}.{n}"] = rows
    return estimates


def estimate_batches(spec: GroupSpec, theta: Tensor, batches: Trajectories) -> dict[str, Tensor]:
    """ĝ of every estimator on each batch of (R, N, T) at theta (P,).  -> {name: (R, P)}."""
    policy, estimators = policy_for(spec["environment"]), estimators_of(spec, theta)
    size = max(1, HELD // (batches.n_trajectories * len(theta)))
    parts = [estimate_chunk(policy, theta, chunk, estimators) for chunk in _chunks(batches, size)]
    return {name: torch.cat([part[name] for part in parts]) for name in estimators}


def estimate_chunk(
    policy: Policy, theta: Tensor, batches: Trajectories, estimators: Mapping[str, Estimator]
) -> dict[str, Tensor]:
    """As `estimate_batches`, for so many batches that all their trajectories' gradients can be held.

    Estimators that differ by a constant for each trajectory or parameter share the rows X and G of X - b G;
    all others share a forward pass for each batch.
    """
    each = batches.split()
    own = {name: e for name, e in estimators.items() if e.composed.own_gradient}
    gradients = {name: _by_own_rows(policy, theta, batches, each, e) for name, e in own.items()}
    estimators = {name: e for name, e in estimators.items() if name not in own}
    values = {value: _remembered(value) for value in (e.value for e in estimators.values())}
    estimators = {name: replace(e, value=values[e.value]) for name, e in estimators.items()}
    bare = {name: replace(e, baseline=none) for name, e in estimators.items()}  # X is without a baseline
    wanted = dict.fromkeys(bare[name] for name, e in estimators.items() if e.per_parameter)
    pairs = {e: _rows_and_scores(policy, theta, batches, each, e) for e in wanted}
    for name, estimator in estimators.items():
        if bare[name] in pairs and (b := _constants(estimator, each, *pairs[bare[name]])) is not None:
            rows, scores = pairs[bare[name]]
            gradients[name] = (rows - b * scores).mean(1)
        elif len(theta) <= FEW_PARAMETERS:
            weights = _padded(batches, [estimator.weighted_advantages(batch) for batch in each])
            gradients[name] = _rows(policy, theta, batches, weights).mean(1)
    rest = {name: e for name, e in estimators.items() if name not in gradients}
    by_batch = _by_batch(policy, theta, each, list(rest.values()))
    return gradients | dict(zip(rest, by_batch, strict=True))


def estimators_of(spec: GroupSpec, theta: Tensor) -> dict[str, Estimator]:
    """The estimators of a group; an exact value function is that of theta (P,)."""
    environment = spec["environment"]
    value = exact_value(spec["module"], theta, environment) if spec["module"] else None
    return {
        name: Estimator.from_spec(line, environment["gamma"], value) for name, line in spec["group"].items()
    }


def _remembered(value: ValueFunction) -> ValueFunction:
    """The same function, which computes the values of each of these batches once for all estimators."""
    known: dict[int, Tensor] = {}

    def once(trajectories: Trajectories, gamma: float) -> Tensor:
        if id(trajectories) not in known:
            known[id(trajectories)] = value(trajectories, gamma)
        return known[id(trajectories)]

    return once


def _chunks(batches: Trajectories, size: int) -> Iterator[Trajectories]:
    """So many batches at a time."""
    pieces = {name: value.split(size) for name, value in batches.fields.items()}
    for parts in zip(*pieces.values(), strict=True):
        yield Trajectories(**dict(zip(pieces, parts, strict=True)))


def _by_own_rows(
    policy: Policy, theta: Tensor, batches: Trajectories, each: Sequence[Trajectories], estimator: Estimator
) -> Tensor:
    """ĝ of a signal that is the gradient; all batches at once, unless lengths divide.  -> (R, P)."""
    if estimator.composed.aggregate.facts.divides == "lengths":
        return torch.stack([estimate(policy, theta, batch, estimator) for batch in each])
    rows = trajectory_estimates(policy, theta, batches.joined(), estimator)
    return rows.unflatten(0, batches.mask.shape[:2]).mean(1)


def _by_batch(
    policy: Policy, theta: Tensor, each: Sequence[Trajectories], estimators: Sequence[Estimator]
) -> list[Tensor]:
    """ĝ by a forward pass for each batch and a backward pass for each estimator.  -> (R, P) for each."""
    if not estimators:
        return []
    weightings = [torch.stack([e.weighted_advantages(batch) for e in estimators]) for batch in each]
    gradients = [batch_gradient(policy, theta, b, w) for b, w in zip(each, weightings, strict=True)]
    return list(torch.stack(gradients, dim=1))


def _constants(
    estimator: Estimator, each: Sequence[Trajectories], rows: Tensor, scores: Tensor
) -> Tensor | None:
    """b, one for each trajectory or parameter, (R, N, P) or (R, N, 1); None where it changes step by step."""
    if estimator.per_parameter:
        return estimator.baseline(rows=rows, scores=scores)
    found = [b for batch in each if (b := estimator.constants(batch)) is not None]
    # in a batch of one step every baseline is one number, but not in the others
    return torch.stack(found) if len(found) == len(each) else None


def _rows_and_scores(
    policy: Policy, theta: Tensor, batches: Trajectories, each: Sequence[Trajectories], estimator: Estimator
) -> tuple[Tensor, Tensor]:
    """X, every trajectory's gradient without a baseline, and G, its sum of scores.  -> (R, N, P) each."""
    weightings = [
        [weigh(b) for b in each] for weigh in (estimator.weighted_advantages, estimator.score_weights)
    ]
    both = torch.stack([_padded(batches, weights) for weights in weightings])
    rows, scores = _rows(policy, theta, batches, both)
    return rows, scores


def _padded(batches: Trajectories, weights: Sequence[Tensor]) -> Tensor:
    """Weights (N, T_r) of each batch, to one length.  -> (R, N, T)."""
    padded = torch.zeros_like(batches.rewards)
    for row, own in zip(padded, weights, strict=True):
        row[:, : own.shape[1]] = own
    return padded


def _rows(policy: Policy, theta: Tensor, batches: Trajectories, weights: Tensor) -> Tensor:
    """Every trajectory's gradient.  weights ([B], R, N, T) -> ([B], R, N, P)."""
    rows = trajectory_gradients(policy, theta, batches.joined(), weights.flatten(-3, -2))
    return rows.unflatten(-2, weights.shape[-3:-1])
