"""What a part has given, held against what is needed of it: whatever does not fit is told in a line."""

from typing import Any

from torch import Size, Tensor

from pgpipe.errors import UserError
from pgpipe.estimators.parts import Part
from pgpipe.estimators.ratios import LogWeights


class GivenError(UserError):
    """A part that gives something else than its kind does; its text is one line."""


def credit_given(signal: Part, found: Any, mask: Tensor) -> Tensor:
    """Q̂, one number for each step, or one for the whole trajectory.  mask (..., N, T) -> (..., N, T or 1)."""
    if isinstance(found, Tensor) and found.shape in _shapes(mask):
        return found
    raise GivenError(f"signal {signal.name}: found {_kind(found)}; needed: {_needed(mask)}")


def baseline_given(baseline: Part, found: Any, mask: Tensor) -> Tensor:
    """b, the same, or 1 along the other axes, too: there it is subtracted from all alike."""
    if isinstance(found, Tensor) and found.ndim == mask.ndim and _broadcasts(found.shape, mask.shape):
        return found
    raise GivenError(f"baseline {baseline.name}: found {_kind(found)}; needed: {_needed(mask)}")


def weights_given(importance: Part, found: Any) -> LogWeights:
    """Logarithms of weights."""
    if isinstance(found, LogWeights):
        return found
    needed = "LogWeights(on_score) of pgpipe.estimators.ratios, logarithms of weights"
    raise GivenError(f"importance {importance.name}: found {_kind(found)}; needed: {needed}")


def _broadcasts(shape: Size, to: Size) -> bool:
    return all(n in (1, most) for n, most in zip(shape, to, strict=True))


def _kind(found: Any) -> str:
    if isinstance(found, Tensor):
        return f"a tensor of shape {tuple(found.shape)}"
    return f"a value of type {type(found).__name__}"


def _shapes(mask: Tensor) -> tuple[Size, Size]:
    return mask.shape, Size((*mask.shape[:-1], 1))


def _needed(mask: Tensor) -> str:
    return f"a tensor of shape {' or '.join(str(tuple(shape)) for shape in dict.fromkeys(_shapes(mask)))}"
