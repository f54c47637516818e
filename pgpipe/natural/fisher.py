"""The Fisher matrix of a batch, and its products with vectors, for which it is never formed (E40, E42).

Everywhere in this package F is that *per step*, averaged over the S steps of the batch and not discounted,

    F = (1/S) Σ_s E_{a~π_θ(·|s)}[∇log π_θ(a|s) ∇log π_θ(a|s)ᵀ],

and `mean_kl` is the mean of KL(π_θ(·|s) ‖ π_θ'(·|s)) over the same states, whose second derivative F is.
The Fisher matrix of a whole trajectory is F times the mean number of steps.

`fisher_product` is the definition, by automatic differentiation. `Fisher` computes the same from a tape.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.func import grad, vmap

from pgpipe import compiler
from pgpipe.network import Array
from pgpipe.policies.by_family import ByFamily
from pgpipe.policies.every_action import every_action
from pgpipe.policies.policy import Policy

if TYPE_CHECKING:
    from pgpipe.fused.fisher import FusedFisher

# Steps whose factors are held at a time: what fits the cache is faster than what fits the memory.
STEPS_AT_A_TIME = 1_024


def mean_kl(policy: Policy, theta: Tensor, other: Tensor, obs: Tensor) -> Tensor:
    """(1/S) Σ_s KL(π_θ(·|s) ‖ π_θ'(·|s)).  (P,), (P,), (S, D) -> ()."""
    return policy.kl(theta, other, obs).mean()


def fisher_product(policy: Policy, theta: Tensor, obs: Tensor) -> Callable[[Tensor], Tensor]:
    """v -> F v = ∂/∂θ' (vᵀ ∂/∂θ' KL(π_θ ‖ π_θ')) at θ' = θ.  theta (P,), obs (S, D), v (P,).  E42.

    The first derivative is taken once, every product is one more backward pass through it.
    """
    here = theta.detach()
    other = here.clone().requires_grad_()
    (slope,) = torch.autograd.grad(mean_kl(policy, here, other, obs), other, create_graph=True)
    return lambda v: torch.autograd.grad(slope @ v, other, retain_graph=True)[0]


class Fisher:
    """F of a batch at θ, as what it does to a vector: `fisher(v)` is F v, in numpy.

    A state's part is J_sᵀ C_s J_s, with the derivative J_s of the policy's output and the Fisher matrix C_s
    of the distribution by that output: forward along v, times C_s, and back again, from one tape.
    theta (P,), obs (S, D).
    """

    def __init__(self, policy: Policy, theta: Tensor, obs: Tensor) -> None:
        self.policy, self.theta, self.obs = policy, theta, obs
        self.pieces = policy.unflatten(theta.detach().numpy())

    @cached_property
    def tapes(self) -> list[list[Array]]:
        """Those of the states, so many at a time."""
        some = self.obs.to(self.policy.dtype).split(STEPS_AT_A_TIME)
        return [self.policy.recorded(self.pieces, states.numpy()) for states in some]

    def __call__(self, vector: Array) -> Array:
        """F v.  (P,) -> (P,), or (A, P) -> (A, P) for A vectors at once."""
        v = vector.astype(self.policy.numpy_dtype)
        total = np.zeros_like(v)
        for tape in self.tapes:
            each = np.ones(len(tape[0]), v.dtype)
            total += self.policy.fisher_product(self.pieces, tape, v, each)
        return total / len(self.obs)

    def kl(self, other: Tensor) -> float:
        """`mean_kl` to π_θ', which F bends.  (P,)."""
        return float(mean_kl(self.policy, self.theta, other, self.obs))


def fisher_of(policy: Policy, theta: Tensor, obs: Tensor) -> "Fisher | FusedFisher":
    """F of a batch: by the compiled code, where numba is and it knows the policy."""
    if compiler.COMPILES:
        from pgpipe.fused.fisher import FusedFisher  # numba takes a while
        from pgpipe.fused.policy import known

        if known(policy):
            return FusedFisher(policy, theta, obs)
    return Fisher(policy, theta, obs)


def dense_fisher(policy: Policy, theta: Tensor, obs: Tensor) -> Tensor:
    """F by its definition: every score that can be, squared and weighted.  theta (P,), obs (S, D) -> (P, P).

    All actions where there are finitely many; else Gauss-Hermite nodes, exact for a Gaussian's scores. These
    are the P² numbers that nobody wants to hold: for comparison only.
    """
    scores, weights = _all_scores(policy, theta, obs)
    rows = (scores * weights.sqrt()[..., None]).flatten(0, 1)  # (B S, P)
    return rows.mT @ rows / len(obs)


def score_variances(policy: Policy, theta: Tensor, obs: Tensor) -> Tensor:
    """E_a[(∂log π_θ(a|s)/∂θ_p)²] in every state, F's diagonal state by state.  (P,), (S, D) -> (S, P)."""
    parts = (_all_scores(policy, theta, some) for some in obs.split(STEPS_AT_A_TIME))
    return torch.cat([(weights[..., None] * scores**2).sum(0) for scores, weights in parts])


def _all_scores(policy: Policy, theta: Tensor, obs: Tensor) -> tuple[Tensor, Tensor]:
    """The scores (B, S, P) of B actions in every state, and the actions' weights (B, S)."""
    if isinstance(policy, ByFamily):
        return _scores_of_parts(policy, theta.detach(), obs)
    actions, weights = every_action(policy, theta, obs)

    def log_prob(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
        return policy.log_prob(theta, obs[None], action[None])[0]

    scores = vmap(vmap(grad(log_prob), (None, 0, 0)), (None, None, 0))
    return scores(theta.detach(), obs, actions), weights


def _scores_of_parts(policy: ByFamily, theta: Tensor, obs: Tensor) -> tuple[Tensor, Tensor]:
    """The same of each independent part of an action by itself: their Fisher matrices add up."""

    def log_probs(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
        return policy.family.log_probs(policy.numbers(theta, obs[None]), policy.vector(action[None]))[0]

    found = []
    for part, (actions, weights) in enumerate(policy.family.nodes(policy.numbers(theta, obs))):
        chosen = actions[..., 0] if policy.scalar else actions
        score = grad(lambda theta, obs, action, part=part: log_probs(theta, obs, action)[part])
        found.append((vmap(vmap(score, (None, 0, 0)), (None, None, 0))(theta, obs, chosen), weights))
    return torch.cat([scores for scores, _ in found]), torch.cat([weights for _, weights in found])
