"""A plugin that is one file: what is marked in it counts."""

from torch import Tensor

from pgpipe import baseline
from pgpipe.estimators.baselines.mean import mean


@baseline(source="others")
def half_mean(credit: Tensor, mask: Tensor) -> Tensor:
    """b_i = half of the mean credit of the other trajectories.  (..., N, K) -> (..., N, 1)."""
    return 0.5 * mean(credit, mask)
