"""Take the mean over all actions of each state that was visited, not only the one that was chosen."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.policies.every_action import every_action
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories


@Facts(own_gradient=True)
def all_actions(
    trajectories: Trajectories,
    gamma: float,
    policy: Policy,
    theta: Tensor,
    action_values: Callable[[Trajectories, float, Tensor], Tensor],
) -> Tensor:
    """Σ_t γᵗ Σ_a π_θ(a|s_t) ∇log π_θ(a|s_t) Q_t(s_t, a), the expected gradient.  (N, T) -> (N, P).  E51.

    Q is an oracle's, or what a critic makes of it, which is a bias. The sum over a is an integral for real
    actions, by as many nodes as are exact for a Q of degree two. Of the variance only that of the states is
    left.  Sutton et al. 2001; Ciosek & Whiteson 2018.
    """
    N, T = trajectories.mask.shape
    found = every_action(policy, theta, trajectories.obs.flatten(0, 1))  # (K, N T, [E]), (K, N T)
    actions, chances = (x.movedim(0, 1).unflatten(0, (N, T)) for x in found)  # (N, T, K, [E]), (N, T, K)
    K = chances.shape[-1]
    discounts = gamma ** torch.arange(T, dtype=chances.dtype)[:, None]
    weights = discounts * chances * action_values(trajectories, gamma, actions)
    wide = replace(  # every action of a state as a step of its own
        trajectories,
        obs=trajectories.obs.repeat_interleave(K, 1),
        actions=actions.flatten(1, 2),
        rewards=trajectories.rewards.repeat_interleave(K, 1),
        mask=trajectories.mask.repeat_interleave(K, 1),
    )
    return trajectory_gradients(policy, theta, wide, weights.flatten(1, 2).to(theta.dtype))
