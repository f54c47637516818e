"""A tanh network as a pure function of a flat parameter vector, for many agents at once."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def n_parameters(widths: Sequence[int]) -> int:
    """All weights and biases, layer by layer; `widths` are those of input, hidden layers and output."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))


def initial(widths: Sequence[int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Weights and biases uniform in ±1/√fan_in, as torch's linear layers start.  -> (P,)."""
    layers = [
        rng.uniform(-1, 1, size=(fan_in + 1) * fan_out) / fan_in**0.5 for fan_in, fan_out in pairwise(widths)
    ]
    return np.concatenate(layers)


def output(widths: Sequence[int], theta: Tensor, obs: Tensor) -> Tensor:
    """W_L tanh(… tanh(W_1 s + b_1) …) + b_L.  (A, P), (A, M, widths[0]) -> (A, M, widths[-1])."""
    first, *later = _layers(widths, theta)
    x = _affine(obs, *first)
    for weights, bias in later:
        x = _affine(x.tanh(), weights, bias)
    return x


def _affine(x: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
    """x W + b."""
    if weights.shape[-1] == 1:
        # torch multiplies by a single column in another order for one agent than for many: not the same bits
        return (x * weights.transpose(-1, -2)).sum(-1, keepdim=True) + bias
    return x @ weights + bias


def _layers(widths: Sequence[int], theta: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Cut theta (A, P) into weights (A, fan_in, fan_out) and biases (A, 1, fan_out)."""
    layers = list(pairwise(widths))
    # one cut: the derivative of a slice of a slice of θ is as long as θ, once for every slice
    pieces = theta.split([size for fan_in, fan_out in layers for size in (fan_in * fan_out, fan_out)], dim=-1)
    for (fan_in, fan_out), weights, bias in zip(layers, pieces[::2], pieces[1::2], strict=True):
        yield weights.reshape(*weights.shape[:-1], fan_in, fan_out), bias[..., None, :]
