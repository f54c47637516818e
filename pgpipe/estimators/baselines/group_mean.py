"""Subtract the mean credit of the other trajectories from the same start: leave-one-out within a group."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.groups import sums_by_group


@Facts(source="others", average="all steps")
def group_mean(credit: Tensor, mask: Tensor, group: Tensor) -> Tensor:
    """b_i = Σ_{j≠i} Σ_t Q̂_{j,t} / Σ_{j≠i} T_j, j in the group of i.  (..., N, K) -> (..., N, 1).  E43.

    For the total return it is RLOO, the mean over the others of the group: unbiased. Kool et al. 2019;
    Ahmadian et al. 2024. `group` (..., N) holds the numbers of the groups.

    Raises `ValueError` for a group of one trajectory, which leaves nothing to take the mean of.
    """
    totals = (credit * mask).sum(-1, keepdim=True)  # (..., N, 1)
    counts = mask.sum(-1, keepdim=True)
    size = sums_by_group(counts > 0, group)
    if (least := int(size.min())) < 2:
        raise ValueError(f"baseline group_mean needs at least 2 trajectories in a group, got {least}")
    # leave-one-out: a mean that includes row i shrinks the gradient by 1 - 1/G
    return (sums_by_group(totals, group) - totals) / (sums_by_group(counts, group) - counts)
