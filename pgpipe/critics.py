"""Values of states and of actions, fitted on other trajectories than those they correct."""

import torch
from torch import Tensor

from pgpipe.discounting import tail_sums
from pgpipe.trajectories import Trajectories

# How much of its own mean square every feature's penalty is, for fits that the other trajectories leave open.
RIDGE = 1e-4
# Numbers in the matrices of those trajectories that are left out at a time.
NUMBERS = 2**24


def linear_critic(trajectories: Trajectories, gamma: float) -> Tensor:
    """V_{-i}(s_{i,t}) = φ(s_{i,t}, t)ᵀ w_{-i} along every trajectory i.  (N, T, D) -> (N, T+1).

        w_{-i} = argmin_w Σ_{j≠i} Σ_t (φ_{j,t}ᵀ w - Σ_{k≥t} γ^{k-t} r_{j,k})² + ρ Σ_f w_f² Σ_j Σ_t φ_f²

    with φ = (s, s², 1, t), after Duan et al. 2016, but fitted on the *other* trajectories: a fit that has
    seen the rewards of the steps it corrects takes part of the gradient away. And without their t² and t³:
    the longest trajectory would stand on an extrapolation. Column t of the result is V(s_t), the column after
    the last step the value of the final observation: zero if it is terminal.

    Raises `ValueError` for a batch of one trajectory, which leaves nothing to fit.
    """
    features = _features(trajectories)  # (N, T+1, F)
    weights = _fitted_on_others(features[:, :-1] * trajectories.mask[..., None], trajectories, gamma)
    values = (features @ weights)[..., 0] * trajectories.has_value
    return values.to(trajectories.rewards.dtype)


def linear_action_critic(trajectories: Trajectories, gamma: float, actions: Tensor) -> Tensor:
    """Q_{-i}(s_{i,t}, a) of K actions in every state, by the same fit.  (N, T, K, [E]) -> (N, T, K).

    With weights of their own for each of K numbered actions; of actions that are numbers with a, a² and s a
    as features, too. A bias: what the fit has not understood of Q is not in the gradient.

    Raises `ValueError` for a batch of one trajectory, which leaves nothing to fit.
    """
    states = _features(trajectories)[:, :-1, None]  # (N, T, 1, F)
    K = actions.shape[2]
    done = _with_actions(states, trajectories.actions[:, :, None], K)[:, :, 0] * trajectories.mask[..., None]
    weights = _fitted_on_others(done, trajectories, gamma)[:, None]  # (N, 1, F, 1)
    values = (_with_actions(states, actions, K) @ weights)[..., 0] * trajectories.mask[..., None]
    return values.to(trajectories.rewards.dtype)


def _with_actions(states: Tensor, actions: Tensor, n_actions: int) -> Tensor:
    """Features of states (N, T, 1, F) and K actions (N, T, K, [E]).  -> (N, T, K, F')."""
    if not actions.is_floating_point():
        chosen = torch.nn.functional.one_hot(actions, n_actions).to(states.dtype)
        return (chosen[..., None] * states[..., None, :]).flatten(-2)
    a, D = actions.double(), (states.shape[-1] - 2) // 2
    products = (a[..., None] * states[..., None, :D]).flatten(-2)
    return torch.cat([states.expand(*a.shape[:3], -1), a, a**2, products], -1)


def _fitted_on_others(fitted: Tensor, trajectories: Trajectories, gamma: float) -> Tensor:
    """w_{-i}, from features that are zero on padding.  (N, T, F) -> (N, F, 1)."""
    n = trajectories.n_trajectories
    if n < 2:
        raise ValueError("a critic needs at least 2 trajectories in a batch, got 1")
    targets = tail_sums(trajectories.rewards.double(), gamma)[..., None]
    correlations = fitted.mT @ targets  # (N, F, 1)
    # leave-one-out, as everywhere: the sums over all others
    wanted = correlations.sum(0) - correlations
    some = max(1, NUMBERS // fitted.shape[-1] ** 2)
    parts = fitted.split(some)
    total = torch.stack([(part.mT @ part).sum(0) for part in parts]).sum(0)  # (F, F)
    solved = [
        _ridge(total - part.mT @ part, own) for part, own in zip(parts, wanted.split(some), strict=True)
    ]
    return torch.cat(solved)


def _ridge(covariance: Tensor, correlation: Tensor) -> Tensor:
    """(C + ρ diag C)⁻¹ c.  (n, F, F), (n, F, 1) -> (n, F, 1)."""
    penalty = RIDGE * covariance.diagonal(dim1=-2, dim2=-1)
    # a feature that was never seen gets no weight
    penalty = torch.where(penalty > 0, penalty, 1)
    covariance.diagonal(dim1=-2, dim2=-1).add_(penalty)
    weights: Tensor = torch.linalg.solve(covariance, correlation)
    return weights


def _features(trajectories: Trajectories) -> Tensor:
    """φ(s_t, t) of every observation, the final one included.  -> (N, T+1, 2D+2), float64."""
    obs = trajectories.all_obs.double()
    t = torch.arange(obs.shape[1], dtype=obs.dtype).expand(obs.shape[:2])[..., None] / 100
    return torch.cat([obs, obs**2, torch.ones_like(t), t], -1)
