"""Baselines of equal variance under which one learns better than under the other (Chung et al. 2021).

A softmax bandit with a few arms of fixed rewards. The update is α (r - b)/π_a on the logit of the drawn arm:
the natural gradient, up to a constant on all logits, which changes no policy.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ARMS = (1.0, 0.7, 0.0)
STEP_SIZE = 0.05


def best_constant(pi: Floats, rewards: Floats) -> Floats:
    """b* = Σ_a x_a r_a / Σ_a x_a, x_a = (1-π_a)/π_a, of least variance.  (..., A), (A,) -> (...)."""
    x = (1 - pi) * (pi.min(-1, keepdims=True) / pi)  # a common factor, so that nothing is infinite
    return (x * rewards).sum(-1) / x.sum(-1)


def variance(pi: Floats, rewards: Floats, b: Floats) -> Floats:
    """Σ_a Var((r - b) 1[a]/π_a) = Σ_a (r_a - b)² (1-π_a)/π_a: the same for b* ± δ.  -> (...)."""
    return ((rewards - np.asarray(b)[..., None]) ** 2 * (1 - pi) / pi).sum(-1)


def final_arms(
    rng: np.random.Generator,
    delta: float,
    runs: int,
    updates: int = 1_000,
    rewards: tuple[float, ...] = ARMS,
    step_size: float = STEP_SIZE,
) -> NDArray[np.int64]:
    """The likeliest arm of every run after so many updates from equal logits, with b = b* + δ.  -> (runs,).

    b* is that of the policy at every update. An arm that is no longer drawn stays where it is.
    """
    r, each = np.array(rewards), np.arange(runs)
    logits = np.zeros((runs, len(r)))
    for _ in range(updates):
        pi = probabilities(logits)
        arm = (rng.random(runs)[:, None] > pi.cumsum(-1)[:, :-1]).sum(-1)
        logits[each, arm] += step_size * (r[arm] - best_constant(pi, r) - delta) / pi[each, arm]
    return logits.argmax(-1)


def probabilities(logits: Floats) -> Floats:
    """π = softmax(logits), no less than 10⁻³⁰⁰, where nobody draws.  (..., A) -> (..., A)."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.maximum(powers / powers.sum(-1, keepdims=True), 1e-300)
