"""Weigh a trajectory by how much likelier the new policy makes it."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=("actions", "states", "rewards"), product=True)
def trajectory(log_ratios: Tensor) -> LogWeights:
    """w = Π_{k=1}^T π_θ'(a_k|s_k)/π_θ(a_k|s_k), the same for every step.  (..., N, T) -> (..., N, 1).

    Lecture E25, E26: start and dynamics drop out of p_θ'(τ)/p_θ(τ). A sum of logarithms, as the product would
    be zero before the last factors could make it large again.
    """
    return LogWeights(log_ratios.sum(-1, keepdim=True))
