"""Divide the sum over all steps by the number of steps in the batch."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(divides="lengths")
def steps(mask: Tensor) -> Tensor:
    """ĝ = Σ_i Σ_t x_{i,t} / Σ_j T_j: a factor of N / Σ_j T_j.  (..., N, T) -> (..., N, 1).

    A bias, as the own T_i is in the sum: where long trajectories earn more it counts them less. As N grows
    it goes to ∇J / E T, which is only another length. Yu et al. 2025 (DAPO).
    """
    lengths = mask.sum(-1, keepdim=True).double()
    return mask.shape[-2] / lengths.sum(-2, keepdim=True).expand_as(lengths)
