"""State, action and trajectory terms of the variance on the grid, exactly, by dynamic programming."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from pgpipe.envs.grid import GridVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.grid import exact_action_values, transition_matrix
from pgpipe.oracles.grid_off_policy import state_marginals
from pgpipe.oracles.variance_terms import VarianceTerms

Floats = NDArray[np.float64]


def terms(theta: Floats, environment: EnvironmentSpec, less_value: bool) -> VarianceTerms:
    """Of the reward to go, less the exact value or nothing, by the table's logits.  (S * 4,) each."""
    gamma, pi = environment["gamma"], softmax(theta.reshape(-1, 4), axis=1)
    Q = exact_action_values(theta, environment)  # (T, S, 4)
    square = _squares(theta, environment, Q)
    b = (pi * Q).sum(-1) * less_value  # (T, S)
    d = state_marginals(theta, environment)
    chosen = np.eye(4) - pi[:, None]  # (S, a, b): 1[a = b] - π(b|s)
    discounts = gamma ** (2 * np.arange(len(Q)))
    own = np.einsum("sa,sab,tsa->tsb", pi, chosen**2, (Q - b[..., None]) ** 2)  # E[E[x|s,a]²|s]
    mean = np.einsum("sa,sab,tsa->tsb", pi, chosen, Q)  # E[x|s]
    later = np.einsum("sa,sab,tsa->tsb", pi, chosen**2, square - Q**2)  # E[Var(x|s,a)|s]
    d = d[..., None]
    parts = (d * mean**2 - (d * mean) ** 2, d * (own - mean**2), d * later)
    state, action, trajectory = (np.einsum("t,tsb->sb", discounts, part).ravel() for part in parts)
    total = variance(theta, environment, Q, square, b)
    return VarianceTerms(state, action, trajectory, total - state - action - trajectory)


def variance(theta: Floats, environment: EnvironmentSpec, Q: Floats, square: Floats, b: Floats) -> Floats:
    """N Var ĝ of Σ_t γᵗ ∇log π(a_t|s_t) (R_t - b_t(s_t)), from E[Y|s], E[RY|s] and E[Y²|s] backward.  (P,).

    With R_t = r_t + γ R_{t+1} and Y_t = g_t (R_t - b_t) + γ Y_{t+1}. What pays ends the walk, so a reward
    multiplies no later Y.
    """
    gamma, pi = environment["gamma"], softmax(theta.reshape(-1, 4), axis=1)
    grid = GridVectorEnv(**environment["kwargs"])
    P, S = transition_matrix(grid.size, grid.slip), grid.size**2
    by_cell = np.zeros((S, 4, S, 4))  # the score of (s, a) by the logit of (s', b)
    by_cell[np.arange(S), :, np.arange(S)] = np.eye(4) - pi[:, None]
    g = by_cell.reshape(S, 4, -1)
    Y, RY, YY = np.zeros((3, S, S * 4))
    for t in reversed(range(len(Q))):
        Y1, RY1, YY1 = (np.einsum("sax,xp->sap", P, after) for after in (Y, gamma * RY, YY))
        base = b[t][:, None, None]
        q, q2 = Q[t][..., None], square[t][..., None]
        at = (
            g * (q - base) + gamma * Y1,
            g * (q2 - base * q) + gamma * RY1,
            g**2 * (q2 - 2 * base * q + base**2) + 2 * gamma * g * (RY1 - base * Y1) + gamma**2 * YY1,
        )
        Y, RY, YY = (np.einsum("sa,sap->sp", pi, x) for x in at)
        for table in (Y, RY, YY):
            table[grid.goal] = 0.0  # nothing follows the goal
    start = np.append(np.full(S - 1, 1 / (S - 1)), 0.0)
    found: Floats = start @ YY - (start @ Y) ** 2
    return found


def _squares(theta: Floats, environment: EnvironmentSpec, Q: Floats) -> Floats:
    """E[R_t²|s, a]: of a walk that pays γⁿ once, (1 at the goal) or γ² E[R_{t+1}²].  -> (T, S, 4)."""
    gamma, pi = environment["gamma"], softmax(theta.reshape(-1, 4), axis=1)
    grid = GridVectorEnv(**environment["kwargs"])
    P = transition_matrix(grid.size, grid.slip)
    pays = P[:, :, -1].copy()
    pays[-1] = 0.0
    square = np.zeros((len(Q) + 1, *pi.shape))
    for t in reversed(range(len(Q))):
        square[t] = pays + gamma**2 * P @ (pi * square[t + 1]).sum(1)
    return square[:-1]
