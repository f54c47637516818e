"""The linear critic in the limit of many trajectories, and what one of them adds to it."""

import numpy as np
from numpy.typing import NDArray

from pgpipe.critics import RIDGE
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]


def least_squares(outcomes: Outcomes, phi: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Limit and influence of the critic's weights, from features (M, T, F) and targets (M, T)."""
    phi = phi * outcomes.mask[..., None]
    squares = np.einsum("mtf,mtk->mfk", phi, phi)
    squares = squares + RIDGE * squares * np.eye(phi.shape[-1])
    normal = outcomes.mean(squares)
    normal += np.diag(np.diagonal(normal) == 0)  # a feature that never shows
    products = np.einsum("mtf,mt->mf", phi, targets)
    weights = np.linalg.solve(normal, outcomes.mean(products)).astype(np.float64)
    influences = np.linalg.solve(normal, (products - squares @ weights).T).T
    return weights[None], influences[:, None]


def features(outcomes: Outcomes) -> Floats:
    """φ = (s, s², 1, t).  -> (M, T+1, F)."""
    s = outcomes.obs
    t = np.broadcast_to(np.arange(s.shape[1])[:, None] / 100, (*s.shape[:2], 1))
    return np.concatenate([s, s**2, t**0, t], axis=2)
