"""Sums, and largest values, over the trajectories of a group, those that began in one start state."""

from torch import Tensor

from pgpipe.trajectories import Trajectories


def groups_of(trajectories: Trajectories, who: str) -> Tensor:
    """The numbers of the groups.  Raises `ValueError` for a batch that has none, which `who` asks for."""
    if trajectories.group is None:
        raise ValueError(f"{who} needs trajectories in groups that began in one state; the batch has none")
    return trajectories.group


def sums_by_group(rows: Tensor, group: Tensor) -> Tensor:
    """Σ_{j in the group of i} x_j for every trajectory i.  (..., N, K), (..., N) -> (..., N, K)."""
    values = rows if rows.is_floating_point() else rows.long()
    index = group[..., None].expand(values.shape)
    sums = values.new_zeros((*values.shape[:-2], int(group.max()) + 1, values.shape[-1]))
    return sums.scatter_add(-2, index, values).gather(-2, index)


def largest_by_group(rows: Tensor, group: Tensor) -> Tensor:
    """max_{j in the group of i} x_j for every trajectory i, of x ≥ 0.  Shapes as in `sums_by_group`."""
    index = group[..., None].expand(rows.shape)
    largest = rows.new_zeros((*rows.shape[:-2], int(group.max()) + 1, rows.shape[-1]))
    return largest.scatter_reduce(-2, index, rows, "amax").gather(-2, index)
