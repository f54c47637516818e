"""Follow how the return of one and the same noise changes with the parameters."""

from collections.abc import Callable

import torch
from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.trajectories import Trajectories


@Facts(own_gradient=True)
def pathwise(
    trajectories: Trajectories,
    gamma: float,
    policy: LinearGaussian,
    theta: Tensor,
    slopes: Callable[[Trajectories], tuple[Tensor, Tensor, Tensor, Tensor]],
) -> Tensor:
    """∇_θ r(τ) of τ as a function of θ and the noise, Σ_t γᵗ dr_t.  (N, T) -> (N, P).  E50.

        da_t = ∂_θ a_t + ∂_s a_t ds_t,  dr_t = ∂_s r ds_t + ∂_a r da_t,  ds_{t+1} = ∂_s s' ds_t + ∂_a s' da_t

    with a_t = f_θ(s_t, ε_t). Where rewards and dynamics are differentiable its mean is ∇J, as the score
    function's is.  Mohamed et al. 2020.

    Raises `ValueError` for a policy that is not the lecture's.
    """
    if not isinstance(policy, LinearGaussian):
        raise ValueError(f"signal pathwise needs policy linear_gaussian, got {type(policy).__name__}")
    of_theta, of_state = policy.reparameterised(theta, trajectories.obs, trajectories.actions)
    by_s, by_a, onward, moved = (x[..., None] for x in slopes(trajectories))  # (N, T, 1)
    rows = torch.zeros_like(of_theta[:, 0])  # (N, P)
    ds = rows
    for t in range(trajectories.mask.shape[-1]):
        da = of_theta[:, t] + of_state[:, t, None] * ds
        happened = trajectories.mask[:, t, None]
        rows = rows + gamma**t * (by_s[:, t] * ds + by_a[:, t] * da) * happened
        ds = onward[:, t] * ds + moved[:, t] * da
    return rows
