"""The exact variance of the expected (all-action) gradient of a softmax table (E51)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from pgpipe.envs.grid import GridVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.grid import exact_action_values, transition_matrix
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]
ActionValues = Callable[[Floats, EnvironmentSpec, Floats, NDArray[np.int64]], Floats]


def listed_variance(
    outcomes: Outcomes, theta: Floats, environment: EnvironmentSpec, values_of_actions: ActionValues
) -> Floats:
    """N Var ĝ where all trajectories can be listed, by the table's logits.  -> (P,).

    A trajectory contributes Σ_t γᵗ π(b|s_t) A_t(s_t, b) to the logit of (s_t, b), whatever it did there.
    """
    obs = outcomes.obs[:, :-1] * outcomes.mask[..., None]  # (M, T, S)
    pi = softmax(theta.reshape(obs.shape[-1], -1), axis=1)
    every = np.broadcast_to(np.arange(pi.shape[1]), (*obs.shape[:2], pi.shape[1]))
    Q = values_of_actions(theta, environment, obs, every)  # (M, T, A)
    chances = obs @ pi
    pull = chances * (Q - (chances * Q).sum(-1, keepdims=True))
    discounts = environment["gamma"] ** np.arange(obs.shape[1])
    rows = np.einsum("t,mts,mta->msa", discounts, obs, pull).reshape(len(obs), -1)
    return outcomes.covariance(rows, rows)


def grid_variance(theta: Floats, environment: EnvironmentSpec) -> Floats:
    """The same in the room, from E[Y|s] and E[Y²|s] backward, Y_t = f_t(s_t) + γ Y_{t+1}.  -> (P,)."""
    grid, gamma = GridVectorEnv(**environment["kwargs"]), environment["gamma"]
    pi, S = softmax(theta.reshape(-1, 4), axis=1), grid.size**2
    Q = exact_action_values(theta, environment)  # (T, S, 4)
    P = np.einsum("sa,sax->sx", pi, transition_matrix(grid.size, grid.slip))
    Y, YY = np.zeros((2, S, S * 4))
    for of_step in Q[::-1]:
        pull = pi * (of_step - (pi * of_step).sum(-1, keepdims=True))
        f = (np.eye(S)[..., None] * pull).reshape(S, -1)  # a cell moves its own logits alone
        after, square = P @ Y, P @ YY
        Y, YY = f + gamma * after, f**2 + 2 * gamma * f * after + gamma**2 * square
        Y[grid.goal], YY[grid.goal] = 0.0, 0.0  # nothing follows the goal
    start = np.append(np.full(S - 1, 1 / (S - 1)), 0.0)
    found: Floats = start @ YY - (start @ Y) ** 2
    return found
