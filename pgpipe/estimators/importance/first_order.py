"""Weigh each score by its own action's ratio alone."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=("actions",))
def first_order(log_ratios: Tensor) -> LogWeights:
    """w_t = π_θ'(a_t|s_t)/π_θ(a_t|s_t).  (..., N, T).  Lecture E34.

    States and rewards are still θ's, so the expectation is Σ_t γᵗ E_{s~θ, a~θ'}[∇log π_θ' Q^θ].
    """
    return LogWeights(log_ratios)
