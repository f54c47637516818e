"""The gradient by automatic differentiation, as the lecture writes it down: the definition (E37)."""

import torch
from torch import Tensor
from torch.func import grad, vmap

from pgpipe.estimators.composition import Estimator
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories


def pseudo_loss(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """J̃ = (1/N) Σ_i Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}), whose gradient is ĝ.  weights (N, T) -> ().  E37.

    The weights are constants to it. Only steps that happened are computed.
    """
    log_probs = policy.log_prob(theta, batch.obs[batch.mask], batch.actions[batch.mask])
    return weights.detach()[batch.mask] @ log_probs / batch.n_trajectories


def gradient(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """∇J̃ by one backward pass.  theta (P,), weights (N, T) -> (P,)."""
    theta = theta.detach().requires_grad_()
    return torch.autograd.grad(pseudo_loss(policy, theta, batch, weights), theta)[0]


def gradients_by_trajectory(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """∇ Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}) of every trajectory, by `torch.func`.  -> (N, P)."""

    def of_one(theta: Tensor, obs: Tensor, actions: Tensor, credit: Tensor) -> Tensor:
        return credit @ policy.log_prob(theta, obs, actions)

    rows = vmap(grad(of_one), in_dims=(None, 0, 0, 0))
    return rows(theta.detach(), batch.obs, batch.actions, weights.detach())


def differentiated(policy: Policy, theta: Tensor, batch: Trajectories, estimator: Estimator) -> Tensor:
    """ĝ of one batch (N, T) at theta (P,).  -> (P,).  What `scores.estimate` computes faster."""
    weights = estimator.step_weights(batch)
    if not estimator.per_parameter:
        return gradient(policy, theta, batch, weights)
    rows, scores = (
        torch.stack([gradient(policy, theta, *one) for one in zip(batch.each(), each.split(1), strict=True)])
        for each in (weights, estimator.score_weights(batch))
    )
    return (rows - estimator.baseline(rows=rows, scores=scores) * scores).mean(0)
