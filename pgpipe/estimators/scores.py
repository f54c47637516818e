"""From step weights to the gradient: every score times its weight, averaged over the batch.

A score is a product of two factors for each layer of the policy, so a sum of weighted scores is a product of
matrices: Σ_t w_t x_t δ_tᵀ = Xᵀ diag(w) Δ. A law holds all of this to `pseudo_loss`, the same by autograd.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios
from pgpipe.network import Array, Factor
from pgpipe.policies.policy import Policy, summed
from pgpipe.recording import Batch, RecordedBatch
from pgpipe.trajectories import Trajectories

# Steps whose factors are held at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 1_024


def batch_gradient(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """ĝ = (1/N) Σ_i Σ_t w_{i,t} ∇log π_θ(a_{i,t}|s_{i,t}).  (P,), weights ([B], N, T) -> ([B], P).  E37.

    For each of B weightings at once. Only steps that happened are computed, so the result does not depend on
    how far the batch is padded.
    """
    credit = weights.detach().numpy().reshape(-1, *batch.mask.shape)[:, batch.mask.numpy()]  # (B, S)
    total = np.zeros((len(credit), len(theta)), credit.dtype)
    pieces = policy.unflatten(theta.detach().numpy())
    obs, actions = (steps[batch.mask].numpy() for steps in (batch.obs, batch.actions))
    for start in range(0, len(obs), STEPS_AT_A_TIME):
        some = slice(start, start + STEPS_AT_A_TIME)
        factors = _scores(policy, pieces, obs[some], actions[some])
        for row, w in zip(total, credit[:, some], strict=True):
            row += summed(_weighted(factors, w))
    return torch.from_numpy(total / batch.n_trajectories).reshape(*weights.shape[:-2], -1)


def trajectory_gradients(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """Σ_t w_{i,t} ∇log π_θ(a_{i,t}|s_{i,t}) of every trajectory.  (P,), weights ([B], N, T) -> ([B], N, P).

    Their mean is `batch_gradient`.  Trajectories of like length are computed together, with little padding.
    """
    credit = weights.detach().numpy().reshape(-1, *batch.mask.shape)  # (B, N, T)
    gradients = np.zeros((*credit.shape[:2], len(theta)), credit.dtype)
    pieces = policy.unflatten(theta.detach().numpy())
    obs, actions, lengths = batch.obs.numpy(), batch.actions.numpy(), batch.lengths.numpy()
    longest_first = np.argsort(-lengths, kind="stable")
    while len(longest_first):
        T = int(lengths[longest_first[0]])
        like, longest_first = np.split(longest_first, [max(1, STEPS_AT_A_TIME // T)])
        factors = _scores(policy, pieces, obs[like, :T], actions[like, :T])
        for rows, w in zip(gradients, credit[:, like, :T], strict=True):
            rows[like] = summed(_weighted(factors, w))
    return torch.from_numpy(gradients).reshape(*weights.shape[:-1], -1)


def recorded_gradient(
    policy: Policy, theta: Tensor, batch: Batch, weights: Tensor, entropy: float = 0.0
) -> Tensor:
    """`batch_gradient` from what the rollout computed already, and that of the entropy bonus.

        ĝ = (1/N) Σ_i Σ_t w_{i,t} ∇log π_θ(a_{i,t}|s_{i,t}) + β ∇H(π_θ(·|s_{i,t}))

    theta (P,) is the one that acted, weights (N, T).  -> (P,).
    """
    total = batch.scores(theta, weights, entropy)
    return torch.from_numpy(total / batch.trajectories.n_trajectories)


def gradient_elsewhere(policy: Policy, theta: Tensor, batch: Batch, weights: Tensor) -> Tensor:
    """`batch_gradient` of an agent's batch at a θ (P,) that did not act, weights (N, T).  -> (P,)."""
    if isinstance(batch, RecordedBatch):
        return batch_gradient(policy, theta, batch.trajectories, weights)
    total = batch.scores_elsewhere(theta, weights)
    return torch.from_numpy(total / batch.trajectories.n_trajectories)


def trajectory_estimates(
    policy: Policy, theta: Tensor, batch: Trajectories, estimator: Estimator, ratios: Ratios | None = None
) -> Tensor:
    """What every trajectory contributes to ĝ, whose mean it is.  theta (P,) -> (N, P).

    `ratios` are those of theta to the policy that sampled the batch; none if that is theta itself.
    """
    if estimator.composed.own_gradient:
        return estimator.rows(policy, theta, batch)
    if not estimator.per_parameter:
        return trajectory_gradients(policy, theta, batch, estimator.weighted_advantages(batch, ratios))
    weightings = torch.stack(
        [estimator.weighted_advantages(batch, ratios), estimator.score_weights(batch, ratios)]
    )
    rows, scores = trajectory_gradients(policy, theta, batch, weightings)
    return rows - estimator.baseline(rows=rows, scores=scores) * scores


def estimate(
    policy: Policy, theta: Tensor, batch: Trajectories, estimator: Estimator, ratios: Ratios | None = None
) -> Tensor:
    """ĝ of one batch (N, T) at theta (P,).  -> (P,).

    Some need every trajectory's gradient; all others need the batch's alone.
    """
    if estimator.by_rows:
        return trajectory_estimates(policy, theta, batch, estimator, ratios).mean(0)
    return batch_gradient(policy, theta, batch, estimator.weighted_advantages(batch, ratios))


def estimate_each(policy: Policy, theta: Tensor, batches: Trajectories, estimator: Estimator) -> Tensor:
    """ĝ for each batch of (A, N, T), agent i's at row i of theta (A, P).  -> (A, P).

    Each batch is cut to its own longest episode, so no agent's estimate depends on the others', bit for bit.
    """
    each = zip(theta, batches.split(), strict=True)
    return torch.stack([estimate(policy, row, batch, estimator) for row, batch in each])


def _scores(policy: Policy, pieces: Sequence[Array], obs: Array, actions: Array) -> list[Factor]:
    """∇log π_θ(a|s) of every step, in factors.  (..., S, D), (..., S, [E])."""
    credit = np.ones(actions.shape[: obs.ndim - 1], obs.dtype)
    return policy.factors(pieces, policy.recorded(pieces, obs), actions, credit)


def _weighted(factors: Sequence[Factor], weights: Array) -> Iterator[Factor]:
    """Each step's score times its weight (..., S), on the factor that has fewer numbers."""
    w = weights[..., None]
    for x, delta in factors:
        yield (x * w, delta) if x.shape[-1] <= delta.shape[-1] else (x, w * delta)
