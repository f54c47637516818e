"""The probability of a whole trajectory, start and dynamics included, and its derivatives (E5, E8, E9)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.func import grad, vmap

from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories


@dataclass(frozen=True)
class Listing:
    """Trajectories τ_i with volumes v_i, such that ∫ f(τ) dτ = Σ_i f(τ_i) v_i.

    If `finite`, they are all the trajectories there are and every volume is one; else nodes of a quadrature.
    """

    trajectories: Trajectories  # (M, T)
    volumes: Tensor  # (M,)
    finite: bool


class Dynamics(Protocol):
    """What the agent does not know and this study does: where episodes start, and what a step leads to."""

    def log_start(self, obs: Tensor) -> Tensor:
        """log p(s_0).  (N, D) -> (N,)."""

    def log_step(self, obs: Tensor, actions: Tensor, next_obs: Tensor) -> Tensor:
        """log p(s_{t+1}|s_t,a_t).  (N, T, D), (N, T, [E]), (N, T, D) -> (N, T)."""

    def list_trajectories(self, policy: Policy, theta: Tensor) -> Listing:
        """All trajectories, or nodes that stand for them where p_θ is."""


@dataclass(frozen=True)
class TrajectoryDensity:
    """p_θ(τ) = p(s_0) Π_t π_θ(a_t|s_t) p(s_{t+1}|s_t,a_t), for every trajectory of a batch (N, T).  E8."""

    policy: Policy
    dynamics: Dynamics

    def log_factors(self, theta: Tensor, batch: Trajectories) -> Tensor:
        """The logarithm of every factor, zero where no step happened.  theta (P,) -> (N, 1 + 2T)."""
        start = self.dynamics.log_start(batch.obs[:, 0])  # (N,)
        actions = self.policy.log_prob(theta, batch.obs, batch.actions)  # (N, T)
        steps = self.dynamics.log_step(batch.obs, batch.actions, next_obs(batch))  # (N, T)
        actions, steps = (torch.where(batch.mask, factors, 0.0) for factors in (actions, steps))
        return torch.cat([start[:, None], actions, steps], dim=1)

    def prob(self, theta: Tensor, batch: Trajectories) -> Tensor:
        """p_θ(τ), the product of all factors.  -> (N,).  E8."""
        return self.log_factors(theta, batch).exp().prod(-1)

    def log_prob(self, theta: Tensor, batch: Trajectories) -> Tensor:
        """log p_θ(τ), the sum of the logarithms.  -> (N,).  E9."""
        return self.log_factors(theta, batch).sum(-1)

    def grad_prob(self, theta: Tensor, batch: Trajectories) -> Tensor:
        """∇p_θ(τ), differentiating the product.  -> (N, P).  The right side of E5."""
        return _each_gradient(self.prob, theta, batch)

    def grad_log_prob(self, theta: Tensor, batch: Trajectories) -> Tensor:
        """∇log p_θ(τ), differentiating the sum.  -> (N, P).  The left side of E10."""
        return _each_gradient(self.log_prob, theta, batch)


def next_obs(batch: Trajectories) -> Tensor:
    """s_{t+1}, which after the last step is the final observation.  -> (N, T, D)."""
    mask = batch.mask
    goes_on = torch.cat([mask[:, 1:], torch.zeros_like(mask[:, :1])], dim=1)
    return torch.where(goes_on[..., None], batch.obs.roll(-1, dims=1), batch.final_obs[:, None])


def _each_gradient(
    function: Callable[[Tensor, Trajectories], Tensor], theta: Tensor, batch: Trajectories
) -> Tensor:
    """∇_θ of a function that gives a number for each trajectory.  (N, T) -> (N, P)."""

    def one(theta: Tensor, row: dict[str, Tensor]) -> Tensor:
        return function(theta, Trajectories(**{name: tensor[None] for name, tensor in row.items()}))[0]

    return vmap(grad(one), in_dims=(None, 0))(theta.detach(), batch.fields)
