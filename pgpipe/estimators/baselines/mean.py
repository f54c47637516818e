"""Subtract the mean credit of the other trajectories."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(source="others", average="all steps")
def mean(credit: Tensor, mask: Tensor) -> Tensor:
    """b_i = Σ_{j≠i} Σ_t Q̂_{j,t} / Σ_{j≠i} T_j.  (..., N, K) -> (..., N, 1).  Lecture E19.

    One credit a trajectory (total return, K = 1) makes it the mean over trajectories; one a step, over
    trajectories and steps. `mask` (..., N, K) is true where there is a credit.

    Raises `ValueError` for a batch of one trajectory, which leaves nothing to take the mean of.
    """
    if credit.shape[-2] < 2:
        raise ValueError("baseline mean needs at least 2 trajectories in a batch, got 1")
    totals = (credit * mask).sum(-1, keepdim=True)  # (..., N, 1)
    counts = mask.sum(-1, keepdim=True)
    # leave-one-out: a mean that includes row i shrinks the gradient by 1 - 1/N
    return (totals.sum(-2, keepdim=True) - totals) / (counts.sum(-2, keepdim=True) - counts)
