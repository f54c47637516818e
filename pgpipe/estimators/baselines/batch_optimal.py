"""Subtract the constant of least variance on this very batch, one for each parameter."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(source="batch", average="each parameter")
def batch_optimal(rows: Tensor, scores: Tensor) -> Tensor:
    """b_p = Σ_j X_{j,p} G_{j,p} / Σ_j G_{j,p}².  (..., N, P) -> (..., 1, P).  Lecture E21 to the letter.

    It contains the trajectory that it corrects, and so biases the estimate. Zero where there is no score.
    """
    squares = (scores**2).sum(-2, keepdim=True)
    return ((rows * scores).sum(-2, keepdim=True) / squares).masked_fill(squares <= 0, 0)
