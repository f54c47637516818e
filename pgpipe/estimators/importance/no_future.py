"""Weigh each score by the ratios so far, and leave the rewards as they came: policy iteration."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=("actions", "states"), product=True)
def no_future(log_ratios: Tensor) -> LogWeights:
    """w_t = Π_{k≤t} π_θ'(a_k|s_k)/π_θ(a_k|s_k), rewards unweighted.  (..., N, T).  Lecture E30.

    The states are then those of θ', but what follows an action is still θ's: the expectation is
    Σ_t γᵗ E_θ'[∇log π_θ' Q^θ], not ∇J(θ').
    """
    return LogWeights(log_ratios.cumsum(-1))
