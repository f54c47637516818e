"""tanh and exp in single precision, sine and cosine in double, in what a processor does side by side."""

import numpy as np

from pgpipe.fused.compiled import compiled, inlined

f4 = np.float32
ONE, TWO = f4(1), f4(2)
LOG2_E, LN2_HIGH, LN2_LOW = f4(1.4426950408889634), f4(0.693359375), f4(-2.12194440e-4)
NEAREST = f4(1.5 * 2**23)  # added to a number and taken away again, it leaves the nearest integer
GREATEST, LEAST = f4(88), f4(-87)  # powers of e that single precision has
# of (exp r - 1 - r) / r² where |r| ≤ ½ log 2: Moshier's Cephes
E0, E1, E2, E3, E4, E5 = (
    f4(5.0000001201e-1), f4(1.6666665459e-1), f4(4.1665795894e-2),
    f4(8.3334519073e-3), f4(1.3981999507e-3), f4(1.9875691500e-4),
)  # fmt: skip

TWO_OVER_PI, NEAREST_IN_DOUBLE = 2 / np.pi, 1.5 * 2**52
# π/2 in three pieces, of which the first two have few digits, so that some thousand times them is exact
PI_1, PI_2, PI_3 = 1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21
# of sine and cosine where |r| ≤ π/4: Sun's fdlibm
S1, S2, S3, S4, S5, S6 = (
    -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04,
    2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10,
)  # fmt: skip
C1, C2, C3, C4, C5, C6 = (
    4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
    -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11,
)  # fmt: skip


@inlined
def _halves(x):
    """2ⁿ and eʳ - 1, of which eˣ is made: r = x - n log 2, |r| ≤ ½ log 2, and x within -87 and 88."""
    x = GREATEST if x > GREATEST else x
    x = LEAST if x < LEAST else x
    shifted = x * LOG2_E + NEAREST
    n = shifted - NEAREST
    r = x - n * LN2_HIGH
    r = r - n * LN2_LOW
    rest = (((((E5 * r + E4) * r + E3) * r + E2) * r + E1) * r + E0) * (r * r) + r
    scale = np.int32((f4(shifted).view(np.int32) << 23) + (127 << 23))
    return scale.view(np.float32), rest


@inlined
def exp32(x):
    """eˣ = 2ⁿ eʳ.  Within 1.1 ulp; at least e⁻⁸⁷."""
    scale, rest = _halves(x)
    return (rest + ONE) * scale


@inlined
def tanh32(x):
    """m / (m + 2) with m = e²ˣ - 1 = 2ⁿ (eʳ - 1) + 2ⁿ - 1, which is exact near zero.  Within 2.3 ulp."""
    a = abs(x)
    scale, rest = _halves(a + a)
    m = scale * rest + (scale - ONE)
    value = m / (m + TWO)
    return -value if x < f4(0) else value


@compiled
def sin_cos(x):
    """Sine and cosine, by the quarter turn n and the rest r, |r| ≤ π/4.

    Within 1.5 ulp to |x| = 100, within 2.5 to 10⁶.
    """
    shifted = x * TWO_OVER_PI + NEAREST_IN_DOUBLE
    quarter = np.float64(shifted).view(np.int64)
    n = shifted - NEAREST_IN_DOUBLE
    r = x - n * PI_1
    r = r - n * PI_2
    r = r - n * PI_3
    z = r * r
    sin = (((((S6 * z + S5) * z + S4) * z + S3) * z + S2) * z + S1) * z * r + r
    cos = (((((C6 * z + C5) * z + C4) * z + C3) * z + C2) * z + C1) * z * z - 0.5 * z + 1.0
    odd = (quarter & 1) == 1
    by_sin = cos if odd else sin
    by_cos = sin if odd else cos
    by_sin = -by_sin if (quarter & 2) == 2 else by_sin
    by_cos = -by_cos if ((quarter + 1) & 2) == 2 else by_cos
    return by_sin, by_cos


@compiled
def exponentials(tape, place, n, rows, powers):
    """e^(logit - the greatest) and its argument of so many rows, whose n logits stand at `place` in the tape.

    powers (2, n, ·): powers and arguments, all axes turned round, so that rows lie side by side.
    """
    greatest = powers[0, 0]
    for r in range(rows):
        most = tape[r, place]
        for j in range(1, n):
            most = tape[r, place + j] if tape[r, place + j] > most else most
        greatest[r] = most
    for j in range(n - 1, -1, -1):
        argument = powers[1, j]
        for r in range(rows):
            argument[r] = tape[r, place + j] - greatest[r]
    for j in range(n):
        power, argument = powers[0, j], powers[1, j]
        for r in range(rows):
            power[r] = exp32(argument[r])


@compiled
def log_softmax(tape, place, n, rows, powers):
    """π and log π of so many rows, whose n logits stand at `place` in the tape; powers as above."""
    exponentials(tape, place, n, rows, powers)
    for r in range(rows):
        total = np.float32(0)
        for j in range(n):
            total += powers[0, j, r]
        log_total = np.float32(np.log(total))
        for j in range(n):
            powers[0, j, r] /= total
            powers[1, j, r] -= log_total
