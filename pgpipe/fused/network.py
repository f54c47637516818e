"""A tanh network forward and backward, a few steps at a time, compiled."""

from pgpipe.fused.compiled import compiled
from pgpipe.fused.functions import ONE, tanh32
from pgpipe.fused.layout import BACK, BACK_OUT, FAN_IN, FAN_OUT, FROM, OUT, TO, WEIGHTS
from pgpipe.fused.tiles import ROWS, add_products


@compiled
def spread(layers, theta, weights, back):
    """Put θ, as `network.output` reads it, in its padded places, and the weights, transposed, in `back`."""
    used = 0
    for layer in layers:
        fan_in, fan_out, out = layer[FAN_IN], layer[FAN_OUT], layer[OUT]
        first, first_back, back_out = layer[WEIGHTS], layer[BACK], layer[BACK_OUT]
        bias = first + (-(-fan_in // ROWS) * ROWS) * out
        for k in range(fan_in):
            for j in range(fan_out):
                weights[first + k * out + j] = theta[used + k * fan_out + j]
        for j in range(fan_out):
            for k in range(fan_in):
                back[first_back + j * back_out + k] = theta[used + k * fan_out + j]
        for j in range(fan_out):
            weights[bias + j] = theta[used + fan_in * fan_out + j]
        used += (fan_in + 1) * fan_out


@compiled
def gathered(layers, padded, theta):
    """Undo `spread`: what lies as the weights do, in the order of θ."""
    used = 0
    for layer in layers:
        fan_in, fan_out, out, first = layer[FAN_IN], layer[FAN_OUT], layer[OUT], layer[WEIGHTS]
        bias = first + (-(-fan_in // ROWS) * ROWS) * out
        for k in range(fan_in):
            for j in range(fan_out):
                theta[used + k * fan_out + j] = padded[first + k * out + j]
        for j in range(fan_out):
            theta[used + fan_in * fan_out + j] = padded[bias + j]
        used += (fan_in + 1) * fan_out


@compiled
def see(obs, tape, rows):
    """The first rows of obs (·, D) as the first inputs of a tape."""
    for row in range(rows):
        for d in range(obs.shape[1]):
            tape[row, d] = obs[row, d]


@compiled
def forward(layers, weights, tape, rows):
    """Each layer's input, then the output, of so many rows of a tape (·, step) with the observations."""
    step = tape.shape[1]
    flat = tape.reshape(-1)
    for number in range(len(layers)):
        layer = layers[number]
        out, to = layer[OUT], layer[TO]
        bias = layer[WEIGHTS] + (-(-layer[FAN_IN] // ROWS) * ROWS) * out
        for row in range(-(-rows // ROWS) * ROWS):
            y = flat[row * step + to : row * step + to + out]
            b = weights[bias : bias + out]
            for j in range(out):
                y[j] = b[j]
        add_products(
            flat[layer[FROM] :], step, 1, weights[layer[WEIGHTS] :], out, flat[to:], step,
            rows, layer[FAN_IN], out,
        )  # fmt: skip
        if number + 1 < len(layers):
            for row in range(-(-rows // ROWS) * ROWS):
                y = flat[row * step + to : row * step + to + out]
                for j in range(out):
                    y[j] = tanh32(y[j])


@compiled
def along(layers, weights, change, tape, slope, before, rows):
    """The derivatives of the output along a change of weights and biases, which lies as they do.

    `slope` and `before`, (·, widest), are written over; of the two returned the first holds the derivatives.
    """
    step, wide, whole = tape.shape[1], slope.shape[1], -(-rows // ROWS) * ROWS
    flat = tape.reshape(-1)
    for number in range(len(layers)):
        layer = layers[number]
        fan_in, out = layer[FAN_IN], layer[OUT]
        if number:
            for row in range(whole):
                d, h = slope[row, :fan_in], flat[row * step + layer[FROM] : row * step + layer[FROM] + fan_in]
                for j in range(fan_in):
                    d[j] *= ONE - h[j] * h[j]
        bias = layer[WEIGHTS] + (-(-fan_in // ROWS) * ROWS) * out
        b = change[bias : bias + out]
        for row in range(whole):
            d = before[row, :out]
            for j in range(out):
                d[j] = b[j]
        add_products(
            flat[layer[FROM] :], step, 1, change[layer[WEIGHTS] :], out, before.reshape(-1), wide,
            rows, fan_in, out,
        )  # fmt: skip
        if number:
            add_products(
                slope.reshape(-1), wide, 1, weights[layer[WEIGHTS] :], out, before.reshape(-1), wide,
                rows, fan_in, out,
            )  # fmt: skip
        slope, before = before, slope
    return slope, before


@compiled
def backward(layers, back, tape, delta, before, rows, sums):
    """Add the derivatives by weights and biases to `sums`, from those by the output, delta (rows, OUT).

    `delta` and `before`, (·, widest), are written over.
    """
    step, wide = tape.shape[1], delta.shape[1]
    flat = tape.reshape(-1)
    for number in range(len(layers) - 1, -1, -1):
        layer = layers[number]
        fan_in, out = layer[FAN_IN], layer[OUT]
        add_products(
            flat[layer[FROM] :], 1, step, delta.reshape(-1), wide, sums[layer[WEIGHTS] :], out,
            fan_in, rows, out,
        )  # fmt: skip
        bias = layer[WEIGHTS] + (-(-fan_in // ROWS) * ROWS) * out
        total = sums[bias : bias + out]
        for row in range(rows):
            d = delta[row, :out]
            for j in range(out):
                total[j] += d[j]
        if number:
            n = layer[BACK_OUT]
            for row in range(-(-rows // ROWS) * ROWS):
                d = before[row, :n]
                for j in range(n):
                    d[j] = 0
            add_products(
                delta.reshape(-1), wide, 1, back[layer[BACK] :], n, before.reshape(-1), wide,
                rows, layer[FAN_OUT], n,
            )  # fmt: skip
            for row in range(rows):
                d, h = before[row, :n], flat[row * step + layer[FROM] : row * step + layer[FROM] + n]
                for j in range(n):
                    d[j] *= ONE - h[j] * h[j]
            delta, before = before, delta
