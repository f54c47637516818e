"""A tanh network as a pure function of a flat parameter vector, for many agents at once.

`output` is the definition, in torch, for any derivative. `forward` and `factors` compute the same with numpy,
which has less to do for each small product, and keep what a gradient needs: the inputs of every layer.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

tanh_backward = torch.ops.aten.tanh_backward.grad_input

Array = NDArray[Any]
TANH_IS_ONE = 20.0  # and nothing less, in single and in double precision
# x (..., M, I) and δ (..., M, O) of a layer: a step's derivative by its parameters is the outer product x δᵀ
Factor = tuple[Array, Array]


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
    x = obs
    for layer, (weights, bias) in enumerate(_layers(widths, theta)):
        x = (x.tanh() if layer else x) @ weights + bias
    return x


def _layers(widths: Sequence[int], theta: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Split theta (A, P) into weights (A, fan_in, fan_out) and biases (A, 1, fan_out)."""
    layers = list(pairwise(widths))
    # one split: the derivative of a slice of a slice of θ is as long as θ, once for every slice
    pieces = theta.split([size for fan_in, fan_out in layers for size in (fan_in * fan_out, fan_out)], dim=-1)
    for (fan_in, fan_out), weights, bias in zip(layers, pieces[::2], pieces[1::2], strict=True):
        yield weights.reshape(*weights.shape[:-1], fan_in, fan_out), bias[..., None, :]


def matrices(widths: Sequence[int], theta: Array) -> list[Array]:
    """Each layer's weights, (A, fan_in + 1, fan_out [+ 1]), between inputs that end in a constant 1.

    The biases are the last row. A hidden layer has a last column too, which gives the next layer its 1.
    """
    layers, used = [], 0
    for place, (fan_in, fan_out) in enumerate(pairwise(widths), start=2):
        size = (fan_in + 1) * fan_out
        layer = np.zeros((*theta.shape[:-1], fan_in + 1, fan_out + (place < len(widths))), theta.dtype)
        layer[..., :fan_out] = theta[..., used : used + size].reshape(*theta.shape[:-1], fan_in + 1, fan_out)
        if place < len(widths):
            layer[..., -1, -1] = TANH_IS_ONE
        layers.append(layer)
        used += size
    return layers


def tape(widths: Sequence[int], shape: Sequence[int], dtype: DTypeLike) -> list[Array]:
    """Room for the inputs of every layer, each with the 1 of the bias at its end, and for the output."""
    return [np.ones((*shape, width + 1), dtype) for width in widths[:-1]] + [
        np.zeros((*shape, widths[-1]), dtype)
    ]


def forward(layers: Sequence[Array], tape: Sequence[Array], rows: NDArray[np.int64] | None = None) -> None:
    """Fill the tape, whose first entry holds the observations: each layer's input, then the output.

    With `rows` (A,) only so many of each agent's M are filled, and the rest is junk: as the last bits of a
    product depend on how many rows it has, every agent's are then multiplied by themselves.
    """
    even = rows is None or rows.min() == tape[0].shape[-2]
    apart = [] if rows is None or even else [(agent, n) for agent, n in enumerate(rows.tolist()) if n]
    for layer, x, y in zip(layers, tape, tape[1:], strict=False):
        for agent, n in apart:
            np.matmul(x[agent, :n], layer[agent], out=y[agent, :n])
        if even:
            np.matmul(x, layer, out=y)
        if y is not tape[-1]:
            np.tanh(y, out=y)


def along(layers: Sequence[Array], tape: Sequence[Array], change: Sequence[Array]) -> Array:
    """The derivative of the output along a change of the layers, formed as `matrices`.  -> (..., M, O)."""
    slope = tape[0] @ change[0]
    for layer, d_layer, h in zip(layers[1:], change[1:], tape[1:-1], strict=True):
        bent = slope * h
        bent *= h
        slope -= bent  # tanh' = 1 - tanh², so the constant stays what it is
        slope = slope @ layer
        slope += h @ d_layer
    return slope


def factors(layers: Sequence[Array], tape: Sequence[Array], delta: Array) -> list[Factor]:
    """What each layer's derivative is made of, in the layers' order, from the output's, delta (..., M, O)."""
    pairs = [(tape[-2], delta)]
    for layer, h, x in zip(layers[:0:-1], tape[-2:0:-1], tape[-3::-1], strict=True):
        delta = delta @ layer.swapaxes(-1, -2)
        # tanh' = 1 - tanh², so the constant gets nothing; torch has it in one pass, numpy in three
        tanh_backward(torch.from_numpy(delta), torch.from_numpy(h), grad_input=torch.from_numpy(delta))
        pairs.insert(0, (x, delta[..., :-1]))
    return pairs
