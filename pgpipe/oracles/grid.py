"""Exact objective and gradient of the grid for a softmax table, by dynamic programming."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from pgpipe.envs.grid import GridVectorEnv, neighbour
from pgpipe.envs.spec import EnvironmentSpec

Floats = NDArray[np.float64]


def transition_matrix(size: int, slip: float) -> Floats:
    """P(s'|s, a), (S, 4, S); nothing leaves the goal, whose value is zero."""
    cells = np.arange(size**2)
    to = np.stack([neighbour(cells, np.full_like(cells, action), size) for action in range(4)], axis=1)
    moved = np.eye(size**2)[to]  # (S, 4, S)
    P = (1 - slip) * moved + slip * moved.mean(axis=1, keepdims=True)
    P[-1] = np.eye(size**2)[-1]
    return P


def action_values(theta: Floats, *, gamma: float, size: int, slip: float, horizon: int) -> Floats:
    """Q_t(s, a) = r(s, a) + γ Σ_s' P(s'|s, a) V_{t+1}(s'), backward from V_T = 0.  -> (T, S, 4)."""
    pi = softmax(theta.reshape(-1, 4), axis=1)
    P = transition_matrix(size, slip)
    reward = P[:, :, -1].copy()  # one unit for entering the goal, so r(s, a) = P(goal|s, a)
    reward[-1] = 0.0
    Q = np.zeros((horizon + 1, size**2, 4))
    for t in reversed(range(horizon)):
        Q[t] = reward + gamma * P @ (pi * Q[t + 1]).sum(1)
    return Q[:-1]


def exact_action_values(theta: Floats, environment: EnvironmentSpec) -> Floats:
    """Q_t(s, a) at theta (S * 4,) for the environment of a spec.  -> (T, S, 4)."""
    grid = GridVectorEnv(**environment["kwargs"])
    return action_values(
        theta, gamma=environment["gamma"], size=grid.size, slip=grid.slip, horizon=grid.horizon
    )


def values(theta: Floats, environment: EnvironmentSpec, obs: Floats) -> Floats:
    """V_t(s) = Σ_a π(a|s) Q_t(s, a) at step t, zero from the horizon on.  obs (..., T+1, S) -> (..., T+1)."""
    grid = GridVectorEnv(**environment["kwargs"])
    Q = exact_action_values(theta, environment)
    V = np.zeros((max(grid.horizon + 1, obs.shape[-2]), grid.size**2))
    V[: grid.horizon] = (softmax(theta.reshape(-1, 4), axis=1) * Q).sum(-1)
    return np.einsum("...ts,ts->...t", obs, V[: obs.shape[-2]])


def objective_and_gradient(
    theta: Floats, *, gamma: float, size: int, slip: float, horizon: int
) -> tuple[float, Floats]:
    """J and ∇J of the discounted return over `horizon` steps.  theta (S * 4,) -> (S * 4,).

    ∂J/∂θ_{s,a} = Σ_t γᵗ d_t(s) π(a|s) A_t(s,a) with the state distribution d_t run forward from the start
    and the advantage A_t = Q_t - V_t run backward from V_T = 0 (policy gradient theorem, finite horizon).
    """
    pi = softmax(theta.reshape(-1, 4), axis=1)
    P = transition_matrix(size, slip)
    Q = action_values(theta, gamma=gamma, size=size, slip=slip, horizon=horizon)
    V = (pi * Q).sum(-1)  # (T, S)
    d = np.full(size**2, 1 / (size**2 - 1))
    d[-1] = 0.0  # episodes start anywhere but on the goal
    J = float(d @ V[0])
    gradient = np.zeros_like(pi)
    for t in range(horizon):
        gradient += gamma**t * d[:, None] * pi * (Q[t] - V[t, :, None])
        d = np.einsum("s,sa,sax->x", d, pi, P)
    return J, gradient.ravel()


def exact(theta: Floats, environment: EnvironmentSpec) -> tuple[float, Floats]:
    """J and ∇J at theta (S * 4,) for the environment of a spec."""
    grid = GridVectorEnv(**environment["kwargs"])
    return objective_and_gradient(
        theta, gamma=environment["gamma"], size=grid.size, slip=grid.slip, horizon=grid.horizon
    )


def values_of_actions(
    theta: Floats, environment: EnvironmentSpec, obs: Floats, actions: NDArray[np.int64]
) -> Floats:
    """Q_t(s_t, a) of any actions.  One-hot (..., T, S), (..., T, K) -> (..., T, K)."""
    return looked_up(exact_action_values(theta, environment), obs, actions)


def looked_up(Q: Floats, obs: Floats, actions: NDArray[np.int64]) -> Floats:
    """What a table Q (T', S, A) has at one-hot observations and actions, 0 after T'.  -> (..., T, K)."""
    T = obs.shape[-2]
    long_enough = np.pad(Q, ((0, max(0, T - len(Q))), (0, 0), (0, 0)))[:T]
    found: Floats = np.take_along_axis(np.einsum("...ts,tsa->...ta", obs, long_enough), actions, -1)
    return found
