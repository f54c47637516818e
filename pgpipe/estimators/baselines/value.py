"""Subtract what the state is worth."""

from torch import Tensor


def value(values: Tensor) -> Tensor:
    """b_{i,t} = V(s_{i,t}).  values (..., N, T+1) -> (..., N, T)."""
    return values[..., :-1]
