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
    return constant(weights)[batch.mask] @ log_probs / batch.n_trajectories


def constant(weights: Tensor) -> Tensor:
    """The weights as numbers: no gradient flows through what a score is multiplied by."""
    return weights.detach()


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


def off_policy_gradient(
    policy: Policy, theta: Tensor, behaviour: Tensor, batch: Trajectories, estimator: Estimator
) -> Tensor:
    """∇J̃ at theta (P,) from trajectories (N, T) that `behaviour` (P,) sampled.  -> (P,).  E26, E29, E30, E34.

    J̃ = (1/N) Σ_i Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}) with w from the ratios π_θ/π_behaviour: θ stands in the
    weights as well, and there it is a constant.
    """
    theta = theta.detach().requires_grad_()
    new, old = (policy.log_prob(each, batch.obs, batch.actions) for each in (theta, behaviour))
    ratios = torch.where(batch.mask, new - old, 0.0).double()
    weights = constant(estimator.weighted_advantages(batch, {"log_ratios": ratios}))
    return torch.autograd.grad((weights * new)[batch.mask].sum() / batch.n_trajectories, theta)[0]


def clipped_surrogate(
    policy: Policy, theta: Tensor, behaviour: Tensor, batch: Trajectories, advantages: Tensor, clip: float
) -> Tensor:
    """J̃ = (1/N) Σ_i Σ_t min(ρ_t A_t, clip(ρ_t, 1-ε, 1+ε) A_t), ρ_t = π_θ(a_t|s_t)/π_behaviour(a_t|s_t).  E47.

    `advantages` (N, T), with γᵗ in front, are constants to it, and so are the behaviour's probabilities.
    """
    new, old = (
        policy.log_prob(each, batch.obs[batch.mask], batch.actions[batch.mask]) for each in (theta, behaviour)
    )
    ratios, A = (new - constant(old)).exp(), constant(advantages)[batch.mask]
    least = torch.minimum(ratios * A, ratios.clamp(1 - clip, 1 + clip) * A)
    return least.sum() / batch.n_trajectories


def differentiated(policy: Policy, theta: Tensor, batch: Trajectories, estimator: Estimator) -> Tensor:
    """ĝ of one batch (N, T) at theta (P,).  -> (P,).  What `scores.estimate` computes faster."""
    if estimator.composed.own_gradient:
        return estimator.rows(policy, theta, batch).mean(0)
    weights = estimator.weighted_advantages(batch)
    if not estimator.per_parameter:
        return gradient(policy, theta, batch, weights)
    rows, scores = (
        torch.stack([gradient(policy, theta, *one) for one in zip(batch.each(), each.split(1), strict=True)])
        for each in (weights, estimator.score_weights(batch))
    )
    return (rows - estimator.baseline(rows=rows, scores=scores) * scores).mean(0)
