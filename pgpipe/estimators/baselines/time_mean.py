"""Subtract the mean credit of the other trajectories at the same step."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(source="others", average="each step")
def time_mean(credit: Tensor, mask: Tensor) -> Tensor:
    """b_{i,t} = Σ_{j≠i} Q̂_{j,t} / #{j ≠ i still running at t}, 0 where there is none.  (..., N, K) -> same.

    For a single credit a trajectory (total return, K = 1) it is `mean`.  Greensmith, Bartlett & Baxter 2004.

    Raises `ValueError` for a batch of one trajectory, which leaves nothing to take the mean of.
    """
    if credit.shape[-2] < 2:
        raise ValueError("baseline time_mean needs at least 2 trajectories in a batch, got 1")
    credits = credit * mask
    others = credits.sum(-2, keepdim=True) - credits
    running = mask.sum(-2, keepdim=True) - mask.int()
    return others / running.clamp(min=1)
