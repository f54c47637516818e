"""From step weights to the gradient: every score times its weight, averaged over the batch."""

import torch
from torch import Tensor
from torch.func import grad, vmap

from pgpipe.estimators.composition import Estimator
from pgpipe.policies import Policy
from pgpipe.trajectories import Trajectories

# Steps whose activations are held at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 8_192
# Steps of the trajectories whose gradients are computed at a time, each padded to the longest of them.
PADDED_STEPS_AT_A_TIME = 8_192


def batch_gradient(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """ĝ = ∇ (1/N) Σ_i Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}).  (P,), weights ([B], N, T) -> ([B], P).  E37.

    A backward pass through the pseudo-loss for each of B weightings, in pieces, as gradients add up. Only
    steps that happened are computed, so the result does not depend on how far the batch is padded.
    """
    theta = theta.detach().requires_grad_()
    # the credit is a constant to the pseudo-loss
    credit = weights.detach().reshape(-1, *batch.mask.shape)[:, batch.mask]  # (B, N, T) -> (B, S)
    total = theta.new_zeros(len(credit), len(theta))
    pieces = zip(
        batch.obs[batch.mask].split(STEPS_AT_A_TIME),
        batch.actions[batch.mask].split(STEPS_AT_A_TIME),
        credit.split(STEPS_AT_A_TIME, dim=1),
        strict=True,
    )
    for obs, actions, piece in pieces:
        log_probs = policy.log_prob(theta, obs, actions)
        for row, weighting in zip(total, piece, strict=True):
            row += torch.autograd.grad(log_probs, theta, weighting, retain_graph=True)[0]
    return (total / batch.n_trajectories).reshape(*weights.shape[:-2], -1)


def trajectory_gradients(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """∇ Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}) of every trajectory.  theta (P,), weights (N, T) -> (N, P).

    Their mean is `batch_gradient`.  Trajectories of like length are computed together, with little padding.
    """

    def pseudo_loss(theta: Tensor, obs: Tensor, actions: Tensor, credit: Tensor) -> Tensor:
        return credit @ policy.log_prob(theta, obs, actions)

    rows = vmap(grad(pseudo_loss), in_dims=(None, 0, 0, 0))
    theta, weights = theta.detach(), weights.detach()
    gradients = theta.new_empty(batch.n_trajectories, len(theta))
    longest_first = batch.lengths.argsort(descending=True, stable=True)
    while len(longest_first):
        T = int(batch.lengths[longest_first[0]])
        like, longest_first = longest_first.tensor_split([max(1, PADDED_STEPS_AT_A_TIME // T)])
        gradients[like] = rows(theta, batch.obs[like, :T], batch.actions[like, :T], weights[like, :T])
    return gradients


def trajectory_estimates(policy: Policy, theta: Tensor, batch: Trajectories, estimator: Estimator) -> Tensor:
    """What every trajectory contributes to ĝ, whose mean it is.  theta (P,) -> (N, P)."""
    if not estimator.per_parameter:
        return trajectory_gradients(policy, theta, batch, estimator.step_weights(batch))
    weightings = (estimator.step_weights(batch), estimator.score_weights(batch))
    rows, scores = (trajectory_gradients(policy, theta, batch, weights) for weights in weightings)
    return rows - estimator.baseline(rows=rows, scores=scores) * scores


def estimate_each(policy: Policy, theta: Tensor, batches: Trajectories, estimator: Estimator) -> Tensor:
    """ĝ for each batch of (A, N, T), agent i's at row i of theta (A, P).  -> (A, P).

    Each batch is cut to its own longest episode, so no agent's estimate depends on the others', bit for bit.
    A baseline for each parameter needs every trajectory's gradient; all others need one backward pass.
    """
    estimates = [
        trajectory_estimates(policy, row, batch, estimator).mean(0)
        if estimator.per_parameter
        else batch_gradient(policy, row, batch, estimator.step_weights(batch))
        for row, batch in zip(theta, batches.split(), strict=True)
    ]
    return torch.stack(estimates)
