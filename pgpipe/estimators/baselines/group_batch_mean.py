"""Subtract the mean credit of all trajectories from the same start, the own one included."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.groups import sums_by_group


@Facts(source="batch", average="all steps")
def group_batch_mean(credit: Tensor, mask: Tensor, group: Tensor) -> Tensor:
    """b_i = Σ_j Σ_t Q̂_{j,t} / Σ_j T_j, j in the group of i.  (..., N, K) -> (..., N, 1).

    A bias: b knows trajectory i's own credit. For the total return it shrinks E ĝ by exactly 1 - 1/G, with G
    the size of the groups; `group_mean` leaves the own trajectory out. Shao et al. 2024; Liu et al. 2025.
    """
    totals, counts = (x.sum(-1, keepdim=True) for x in (credit * mask, mask))
    return sums_by_group(totals, group) / sums_by_group(counts, group)
