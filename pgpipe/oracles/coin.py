"""Exact objective and gradient of the coin, in closed form."""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]


def exact(theta: Floats, environment: EnvironmentSpec) -> tuple[float, Floats]:
    """J = γp and ∇J = γp(1-p) (-1, 1), with p the probability of action 1.  theta (2,), the two logits.

    The coin's mean is zero, so of X + γ(a_2 - X) only γ E a_2 = γp is left.
    """
    p = float(expit(theta[1] - theta[0]))
    slope = environment["gamma"] * p * (1 - p)
    return environment["gamma"] * p, np.array([-slope, slope])


def values(theta: Floats, environment: EnvironmentSpec, obs: Floats) -> Floats:
    """V_0 = γp, V_1 = p: the coin is hidden, and its mean is zero.  obs (..., T+1, 1) -> (..., T+1)."""
    p = float(expit(theta[1] - theta[0]))
    V = np.zeros(obs.shape[-2])
    V[:2] = environment["gamma"] * p, p
    return np.broadcast_to(V, obs.shape[:-1])


def outcomes(theta: Floats, environment: EnvironmentSpec) -> Outcomes:
    """The eight of them: two sides of the coin, two actions in each of two steps."""
    p = float(expit(theta[1] - theta[0]))
    X, *actions = np.array(list(product((-1, 1), (0, 1), (0, 1)))).T
    a = np.stack(actions, axis=1)  # (8, 2)
    score = a - p  # of the logit of action 1; that of action 0 is its negative
    return Outcomes(
        probabilities=np.where(a == 1, p, 1 - p).prod(1) / 2,
        obs=np.ones((8, 3, 1)),
        rewards=np.stack([X, a[:, 1] - X], axis=1).astype(float),
        starts=X,
        scores=np.stack([-score, score], axis=2),
        mask=np.ones((8, 2), dtype=bool),
    )


def values_of_actions(
    theta: Floats, environment: EnvironmentSpec, obs: Floats, actions: NDArray[np.int64]
) -> Floats:
    """Q_0(a) = γp, as the first action pays nothing, and Q_1(a) = a.  (..., 2, K) -> (..., 2, K)."""
    first = values(theta, environment, np.ones((3, 1)))[0]
    return np.where(np.arange(obs.shape[-2])[:, None] == 0, first, actions)
