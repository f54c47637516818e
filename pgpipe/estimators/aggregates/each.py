"""Divide the sum over a trajectory's steps by how many it has."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(divides="lengths")
def each(mask: Tensor) -> Tensor:
    """ĝ = (1/N) Σ_i (1/T_i) Σ_t x_{i,t}: a factor of 1/T_i.  (..., N, T) -> (..., N, 1).

    A bias at every N: what is credited to a long trajectory counts for less, be it good or bad. Shao et al.
    2024 (GRPO); Liu et al. 2025 say what it does to the length of responses.
    """
    return 1 / mask.sum(-1, keepdim=True).double()
