"""The grid under one policy, seen from another: exact by dynamic programming over the steps."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from pgpipe.envs.grid import GridVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.by_form import expectations_by_form
from pgpipe.oracles.grid import exact, exact_action_values, transition_matrix

Floats = NDArray[np.float64]


def state_marginals(theta: Floats, environment: EnvironmentSpec) -> Floats:
    """d_t(s), the probability that step t is taken in s: less than one in sum once some are over.  (T, S)."""
    horizon, P, pi = _problem(theta, environment)
    d = np.zeros((horizon, len(pi)))
    d[0, :-1] = 1 / (len(pi) - 1)
    for t in range(1, horizon):
        d[t] = np.einsum("s,sa,sax->x", d[t - 1], pi, P)
        d[t, -1] = 0.0  # no step is taken on the goal
    return d


def kl(behaviour: Floats, target: Floats, environment: EnvironmentSpec) -> float:
    """KL(p_θ ‖ p_θ') of a whole trajectory: Σ_t Σ_s d_t(s) KL(π_θ(·|s) ‖ π_θ'(·|s))."""
    pi, new = _policy(behaviour), _policy(target)
    per_state = (pi * np.log(pi / new)).sum(1)
    return float((state_marginals(behaviour, environment) @ per_state).sum())


def weight_moments(behaviour: Floats, target: Floats, environment: EnvironmentSpec, n: int = 2) -> Floats:
    """E_θ[w_tⁿ] of w_t, the product of the first t ratios of an episode, for t = 1, …, T.  -> (T,).

    What an episode weighs when it ends stays its weight.
    """
    horizon, P, pi = _problem(behaviour, environment)
    tilted = pi * (_policy(target) / pi) ** n
    moments, ended = np.zeros(horizon), 0.0
    running = np.append(np.full(len(pi) - 1, 1 / (len(pi) - 1)), 0.0)
    for t in range(horizon):
        running = np.einsum("s,sa,sax->x", running, tilted, P)
        ended += running[-1]
        running[-1] = 0.0
        moments[t] = running.sum() + ended
    return moments


def expectations(behaviour: Floats, target: Floats, environment: EnvironmentSpec) -> dict[str, Floats]:
    """E_θ ĝ at θ' by form of importance weights, for reward to go without a baseline.  -> {name: (P,)}."""
    Q = exact_action_values(behaviour, environment)

    def expected(states: Floats, actions: Floats) -> Floats:
        return _expected(states, actions, Q, target, environment)

    return expectations_by_form(expected, behaviour, target, exact(target, environment)[1])


def log_state_ratios(behaviour: Floats, target: Floats, environment: EnvironmentSpec, obs: Floats) -> Floats:
    """log d'_t(s_t)/d_t(s_t), zero on padding.  One-hot (..., T, S) -> (..., T)."""
    T = obs.shape[-2]
    d, d_new = (state_marginals(theta, environment)[:T] for theta in (behaviour, target))
    ratios = np.log(np.divide(d_new, d, out=np.ones_like(d), where=d > 0))
    return np.einsum("...ts,ts->...t", obs, ratios)


def _expected(
    states: Floats, actions: Floats, Q: Floats, target: Floats, environment: EnvironmentSpec
) -> Floats:
    """Σ_t γᵗ E[∇log π_θ'(a|s) Q_t(s, a)], s ~ `states`, a ~ `actions`.  Q (T, S, 4) -> (P,).

    ∂ log π'(a|s) / ∂θ'_{s,b} = 1[a = b] - π'(b|s).
    """
    d, acting, new = state_marginals(states, environment), _policy(actions), _policy(target)
    credit = acting * Q  # (T, S, 4)
    moved = credit - new * credit.sum(-1, keepdims=True)
    discounted = environment["gamma"] ** np.arange(len(d))[:, None] * d
    return np.einsum("ts,tsa->sa", discounted, moved).ravel()


def _policy(theta: Floats) -> Floats:
    return softmax(theta.reshape(-1, 4), axis=1)


def _problem(theta: Floats, environment: EnvironmentSpec) -> tuple[int, Floats, Floats]:
    """Horizon, P(s'|s, a) and π(a|s)."""
    grid = GridVectorEnv(**environment["kwargs"])
    return grid.horizon, transition_matrix(grid.size, grid.slip), _policy(theta)
