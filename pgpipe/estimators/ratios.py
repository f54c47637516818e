"""Importance ratios, in logarithms: how much likelier θ' makes the actions that θ took."""

from collections.abc import Mapping
from math import log
from typing import NamedTuple

import torch
from torch import Tensor

from pgpipe.policies.policy import Policy
from pgpipe.recording import Batch, RecordedBatch
from pgpipe.trajectories import Trajectories

# What forms of importance weights ask for by name: `log_ratios`, log π_θ'(a_t|s_t)/π_θ(a_t|s_t) of every
# step, (..., N, T), zero on padding; `log_state_ratios`, log p_θ'(s_t)/p_θ(s_t), where an oracle knows it.
Ratios = Mapping[str, Tensor]


class LogWeights(NamedTuple):
    """A form of importance weights in logarithms: what stands before a score, and between it and a reward.

    The reward of step k, credited to step t, is multiplied by exp(on_score_t + Σ_{t<j≤k} on_rewards_j).
    `on_score` is (..., N, T), or (..., N, 1) if it is the same for every step; without `on_rewards` the
    rewards stay as they are.
    """

    on_score: Tensor
    on_rewards: Tensor | None = None


@torch.no_grad()
def log_probs(policy: Policy, theta: Tensor, batch: Trajectories) -> Tensor:
    """log π_θ(a_{i,t}|s_{i,t}), zero on padding.  theta (P,), (N, T) -> (N, T), in double precision."""
    found = torch.zeros(batch.mask.shape, dtype=torch.float64)
    found[batch.mask] = policy.log_prob(theta, batch.obs[batch.mask], batch.actions[batch.mask]).double()
    return found


def log_probs_of_batch(policy: Policy, theta: Tensor, batch: Batch) -> Tensor:
    """The same of an agent's batch, from what its rollout has left.  -> (N, T)."""
    if isinstance(batch, RecordedBatch):
        return log_probs(policy, theta, batch.trajectories)
    return batch.log_probs(theta)


def self_normalized(weights: LogWeights) -> LogWeights:
    """Weights divided by their mean over the batch, step by step: their mean is then exactly one.

    A trajectory that is over counts on with the weight it ended with. The batch's own weights below a
    fraction are a bias of order 1/N, and the price of an estimate within the range of its credits.
    """
    on_score = weights.on_score - _log_mean(weights.on_score)
    if weights.on_rewards is None:
        return LogWeights(on_score)
    means = _log_mean(weights.on_rewards.cumsum(-1))
    return LogWeights(
        on_score, weights.on_rewards - means.diff(dim=-1, prepend=torch.zeros_like(means[..., :1]))
    )


def _log_mean(log_weights: Tensor) -> Tensor:
    """log((1/N) Σ_i w_i) over the trajectories, all in logarithms.  (..., N, T) -> (..., 1, T)."""
    return log_weights.logsumexp(-2, keepdim=True) - log(log_weights.shape[-2])
