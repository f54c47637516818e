"""The lecture's products written down once more, for the forms to be held against (E25 to E31).

Nothing of the policies' densities and scores, of the estimators or of their weights is used: densities are
torch's own, derivatives automatic and a step at a time, sums are loops.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Normal
from torch.func import grad, vmap
from torch.nn.functional import cross_entropy, linear

from pgpipe.lecture.off_policy.problem import Problem
from pgpipe.policies.distributions import torch_log_prob, unvalidated
from pgpipe.trajectories import Trajectories


@dataclass(frozen=True)
class ByHand:
    """What the lecture's formulas are made of, along trajectories (N, T) of θ, seen from θ'."""

    ratios: Tensor  # ρ_t = π_θ'/π_θ, one on padding.  (N, T)
    scores: Tensor  # ∇log π_θ'(a_t|s_t), zero on padding.  (N, T, P)
    rewards: Tensor  # γᵗ r_t.  (N, T)

    @classmethod
    def of(cls, problem: Problem, target: Tensor, batch: Trajectories) -> "ByHand":
        """Along a batch (N, T) of the behaviour, in double precision."""
        steps = batch.obs[batch.mask], batch.actions[batch.mask]

        def log_prob(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
            return action_log_prob(problem, theta, obs, action)

        each = vmap(log_prob, in_dims=(None, 0, 0))
        ratios = torch.ones(batch.mask.shape, dtype=torch.float64)
        ratios[batch.mask] = each(target, *steps).exp() / each(problem.theta, *steps).exp()
        scores = torch.zeros(*batch.mask.shape, len(target), dtype=torch.float64)
        scores[batch.mask] = vmap(grad(log_prob), in_dims=(None, 0, 0))(target, *steps)
        discounts = torch.tensor([problem.gamma**t for t in range(ratios.shape[1])], dtype=torch.float64)
        return cls(ratios, scores, batch.rewards.double() * discounts)

    def weights(self) -> Tensor:
        """p_θ'(τ)/p_θ(τ) = Π_t ρ_t, start and dynamics cancelled.  (N,).  E25."""
        return self.ratios.prod(1)

    def three_products(self) -> Tensor:
        """Π ρ · Σ ∇log π' · Σ γᵗ r_t.  (N, P).  E28."""
        return (self.weights() * self.rewards.sum(1))[:, None] * self.scores.sum(1)

    def causal(self, rewards_weighted: bool) -> Tensor:
        """Σ_t ∇log π'_t Π_{k≤t} ρ_k Σ_{t'≥t} γ^t' r_t' [Π_{t<k≤t'} ρ_k].  (N, P).  E29; E30 without [ ]."""
        total = torch.zeros_like(self.scores[:, 0])
        for t in range(self.ratios.shape[1]):
            credit, since = torch.zeros_like(total[:, 0]), torch.ones_like(total[:, 0])
            for later in range(t, self.ratios.shape[1]):
                if rewards_weighted and later > t:
                    since = since * self.ratios[:, later]
                credit = credit + since * self.rewards[:, later]
            total = total + (self.ratios[:, : t + 1].prod(1) * credit)[:, None] * self.scores[:, t]
        return total

    def pairs(self, mask: Tensor) -> Tensor:
        """∇log π(a|s) Q̂ of every pair, Q̂ a sum of the rewards from there on.  (pairs, P).  E31."""
        T = self.rewards.shape[1]
        to_go = torch.stack([self.rewards[:, t:].sum(1) for t in range(T)], dim=1)
        return (to_go[..., None] * self.scores)[mask]


def derivative_of_weighted_returns(problem: Problem, target: Tensor, batch: Trajectories) -> Tensor:
    """∇_θ' of w(θ') r(τ), the right side of E24, for every trajectory.  (N, P).  E26."""
    theta, rows = target.clone().requires_grad_(), []
    returns = batch.rewards @ torch.tensor(
        [problem.gamma**t for t in range(batch.rewards.shape[1])], dtype=batch.rewards.dtype
    )
    for obs, actions, mask, earned in zip(batch.obs, batch.actions, batch.mask, returns, strict=True):
        logs = [
            vmap(lambda s, a, at=at: action_log_prob(problem, at, s, a))(obs[mask], actions[mask]).sum()
            for at in (theta, problem.theta)
        ]
        rows.append(torch.autograd.grad((logs[0] - logs[1]).exp() * earned, theta)[0])
    return torch.stack(rows)


def action_log_prob(problem: Problem, theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
    """log π_θ(a|s) of one step, obs (D,), from torch's densities.  -> ()."""
    spec: Any = problem.environment["policy"]
    if spec["kind"] == "linear_gaussian":
        spread = {"sigma": torch.abs, "log_sigma": torch.exp, "sigma_squared": lambda u: u.abs().sqrt()}
        sigma = spread[spec.get("parameterization", "sigma")](theta[1])
        return Normal(theta[0] * obs[0], sigma, validate_args=False).log_prob(action[0])
    if spec["kind"] == "softmax_table":
        return -cross_entropy(obs @ theta.reshape(len(obs), -1), action)
    policy: Any = problem.policy
    if spec["kind"] == "torch":
        with unvalidated():
            return torch_log_prob(policy.distribution(theta, obs[None]), action[None])[0]
    out, used = _network(policy.widths, theta, obs)
    if spec["kind"] == "categorical_mlp":
        sizes = policy.choices if action.ndim else [len(out)]
        axes = zip(out.split(sizes), action.reshape(-1), strict=True)
        return -torch.stack([cross_entropy(logits, chosen) for logits, chosen in axes]).sum()
    return Normal(out, theta[used:].exp(), validate_args=False).log_prob(action).sum()


def _network(widths: tuple[int, ...], theta: Tensor, obs: Tensor) -> tuple[Tensor, int]:
    """The output of a tanh network whose weights and biases are laid out in theta, and their number."""
    x, used = obs, 0
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
        weights = theta[used : used + fan_in * fan_out].reshape(fan_in, fan_out)
        used += fan_in * fan_out
        x = linear(x.tanh() if layer else x, weights.T, theta[used : used + fan_out])
        used += fan_out
    return x, used
