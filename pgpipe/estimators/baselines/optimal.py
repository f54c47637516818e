"""Subtract the constant of least variance, one for each parameter."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(source="others", average="each parameter")
def optimal(rows: Tensor, scores: Tensor) -> Tensor:
    """b_{i,p} = Σ_{j≠i} X_{j,p} G_{j,p} / Σ_{j≠i} G_{j,p}².  (..., N, P) -> (..., N, P).  Lecture E21.

    X is a trajectory's gradient without a baseline and G its sum of scores, so that X - b G has the least
    variance at b = Cov(X, G) / Var(G), whatever the signal; for the total return, X = G r, that is
    E[g² r] / E[g²]. Zero where the others have no score. Raises `ValueError` for a batch of one trajectory.
    """
    if rows.shape[-2] < 2:
        raise ValueError("baseline optimal needs at least 2 trajectories in a batch, got 1")
    products, squares = rows * scores, scores**2
    # leave-one-out: a constant fitted on row i would know its actions
    numerator = products.sum(-2, keepdim=True) - products
    denominator = squares.sum(-2, keepdim=True) - squares
    return (numerator / denominator).masked_fill(denominator <= 0, 0)
