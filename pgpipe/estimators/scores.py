"""From step weights to the gradient: every score times its weight, averaged over the batch."""

import torch
from torch import Tensor
from torch.func import grad, vmap

from pgpipe.estimators.composition import Estimator
from pgpipe.policies import Policy
from pgpipe.trajectories import Trajectories

# Steps whose activations are held at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 8_192


def batch_gradient(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """ĝ = ∇ (1/N) Σ_i Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}).  theta (P,), weights (N, T) -> (P,).  E37.

    One backward pass through the pseudo-loss, in pieces, as gradients add up. Only steps that happened are
    computed, so the result does not depend on how far the batch is padded.
    """
    theta = theta.detach().requires_grad_()
    total = torch.zeros_like(theta)
    steps = (batch.obs[batch.mask], batch.actions[batch.mask], weights[batch.mask])  # (N, T, ...) -> (S, ...)
    for obs, actions, credit in zip(*(torch.split(step, STEPS_AT_A_TIME) for step in steps), strict=True):
        # the credit is a constant to the pseudo-loss
        pseudo_loss = credit.detach() @ policy.log_prob(theta, obs, actions)
        total += torch.autograd.grad(pseudo_loss, theta)[0]
    return total / batch.n_trajectories


def trajectory_gradients(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """∇ Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}) of every trajectory.  theta (P,), weights (N, T) -> (N, P).

    Their mean is `batch_gradient`.
    """

    def pseudo_loss(theta: Tensor, obs: Tensor, actions: Tensor, credit: Tensor) -> Tensor:
        return credit @ policy.log_prob(theta, obs, actions)

    rows = vmap(grad(pseudo_loss), in_dims=(None, 0, 0, 0))
    return rows(theta.detach(), batch.obs, batch.actions, weights.detach())  # type: ignore[no-any-return]


def estimate_each(policy: Policy, theta: Tensor, batches: Trajectories, estimator: Estimator) -> Tensor:
    """ĝ for each batch of (A, N, T), agent i's at row i of theta (A, P).  -> (A, P).

    Each batch is cut to its own longest episode, so no agent's estimate depends on the others', bit for bit.
    """
    estimates = [
        batch_gradient(policy, row, batch, estimator.step_weights(batch))
        for row, batch in zip(theta, batches.split(), strict=True)
    ]
    return torch.stack(estimates)
