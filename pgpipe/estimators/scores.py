"""From step weights to the gradient: every score times its weight, averaged over the batch."""

import torch
from torch import Tensor

from pgpipe.policies import Policy
from pgpipe.trajectories import Trajectories

# Steps whose activations are held at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 8_192


def batch_gradient(policy: Policy, theta: Tensor, trajectories: Trajectories, weights: Tensor) -> Tensor:
    """ĝ = ∇ (1/N) Σ_i Σ_t w_{i,t} log π_θ(a_{i,t}|s_{i,t}), per agent.  theta (A, P) -> (A, P).  E37.

    One backward pass through the pseudo-loss, in pieces along the trajectories: gradients add up.
    """
    agents, n, horizon = weights.shape
    theta = theta.detach().requires_grad_()
    weights = weights.detach()  # the credit is a constant to the pseudo-loss
    total = torch.zeros_like(theta)
    piece = max(1, STEPS_AT_A_TIME // (agents * horizon))
    for start in range(0, n, piece):
        rows = slice(start, start + piece)
        obs = trajectories.obs[:, rows].flatten(1, 2)  # (A, N, T, D) -> (A, M, D)
        actions = trajectories.actions[:, rows].flatten(1, 2)
        log_prob = policy.log_prob(theta, obs, actions)
        pseudo_loss = (weights[:, rows].flatten(1, 2) * log_prob).sum()
        total += torch.autograd.grad(pseudo_loss, theta)[0]
    return total / n
