"""Subtract what the state is worth."""

from torch import Tensor

from pgpipe.estimators.facts import Facts


@Facts(source="value")
def value(values: Tensor) -> Tensor:
    """b_{i,t} = V(s_{i,t}).  values (..., N, T+1) -> (..., N, T)."""
    return values[..., :-1]
