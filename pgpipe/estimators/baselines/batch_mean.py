"""Subtract the mean credit of the whole batch, the own trajectory included: E19 to the letter."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(source="batch", average="all steps")
def batch_mean(credit: Tensor, mask: Tensor) -> Tensor:
    """b = Σ_j Σ_t Q̂_{j,t} / Σ_j T_j.  (..., N, K) -> (..., 1, 1).  Lecture E19.

    A bias: b knows trajectory i's own credit. For the total return it shrinks E ĝ by exactly 1 - 1/N; `mean`
    leaves the own trajectory out.
    """
    return (credit * mask).sum((-2, -1), keepdim=True) / mask.sum((-2, -1), keepdim=True)
