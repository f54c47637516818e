"""Two decisions, the first of which is how long to go on: what dividing by lengths does (E46)."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from pgpipe.estimators.composition import Estimator
from pgpipe.oracles.batches import all_batches, expected
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]

LONG, SHORT = 8, 2  # steps
PAYS = {"long": 1.0, "short": 0.6}  # with the last step, if the second decision was right
LOGITS = (-0.5, 0.3)  # of long, and of right


def outcomes(
    theta: Floats, lengths: tuple[int, int] = (LONG, SHORT), pays: Mapping[str, float] = PAYS
) -> Outcomes:
    """The four ways: step 0 decides long or short, step 1 right or wrong; what follows decides nothing.

    theta (2,), the logits of long and of right. The step is what is observed.
    """
    long, right = (np.array(x) for x in ((1, 1, 0, 0), (1, 0, 1, 0)))
    q, p = expit(theta)
    T = max(lengths)
    steps = np.where(long == 1, *lengths)  # (4,)
    mask = np.arange(T) < steps[:, None]
    scores = np.zeros((4, T, 2))
    scores[:, 0, 0], scores[:, 1, 1] = long - q, right - p
    rewards = np.zeros((4, T))
    rewards[np.arange(4), steps - 1] = right * np.where(long == 1, pays["long"], pays["short"])
    obs = np.arange(T + 1.0) * (np.arange(T + 1) <= steps[:, None])
    chances = np.where(long == 1, q, 1 - q) * np.where(right == 1, p, 1 - p)
    return Outcomes(chances, obs[..., None], rewards, scores, mask)


def exact(theta: Floats, pays: Mapping[str, float] = PAYS) -> tuple[float, Floats]:
    """J = p (q long + (1-q) short) and ∇J, with q and p the chances of long and of right."""
    q, p = expit(theta)
    worth = q * pays["long"] + (1 - q) * pays["short"]
    by_long = p * (pays["long"] - pays["short"]) * q * (1 - q)
    return float(p * worth), np.array([by_long, worth * p * (1 - p)])


def expectation(listed: Outcomes, estimator: Estimator, n: int) -> Floats:
    """E ĝ of a composition for batches of n of these outcomes, over all batches.  -> (P,)."""
    nothing = torch.zeros(listed.mask.shape, dtype=torch.int64)  # no credit looks at actions
    batches, chances, drawn = all_batches(listed, nothing, n)
    weights = torch.stack([_padded(estimator.weighted_advantages(b), listed) for b in batches.split()])
    return expected(listed, weights, drawn, chances)


def cosine(found: Floats, gradient: Floats) -> float:
    """Of the angle between the two."""
    return float(found @ gradient / (np.linalg.norm(found) * np.linalg.norm(gradient)))


def _padded(weights: torch.Tensor, listed: Outcomes) -> torch.Tensor:
    whole = weights.new_zeros((len(weights), listed.mask.shape[1]))
    whole[:, : weights.shape[1]] = weights
    return whole
