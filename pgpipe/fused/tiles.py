"""Products of small matrices, a tile of the result at a time in the processor's registers.

The one piece that is written for LLVM, the compiler's back end, itself: of loops numba would make scalar code
here, and a library of linear algebra is slower with so few rows, and rounds by how many there are.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pgpipe.fused.compiled import compiled

# Of a tile: eight registers of AVX2 or four of AVX-512, enough that no sum waits for the one before.
ROWS, LANES = 4, 16

_intrinsic: Any = intrinsic


@_intrinsic
def _tile(typing, x, x_row, x_next, w, w_next, y, y_row, n):
    """y[r, j] += Σ_k x[r, k] w[k, j] for a tile, in the order of k, each product added by one rounding.

    x, w and y are addresses; x_row and x_next are how far the next row and the next k of x lie, in numbers.
    """
    number, vector, integer = ir.FloatType(), ir.VectorType(ir.FloatType(), LANES), ir.IntType(64)

    def generate(context: Any, b: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        x, x_row, x_next, w, w_next, y, y_row, n = arguments
        x, w, y = (b.inttoptr(address, number.as_pointer()) for address in (x, w, y))
        fma = b.module.globals.get(f"llvm.fma.v{LANES}f32") or ir.Function(
            b.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{LANES}f32"
        )
        rows = [ir.Constant(integer, r) for r in range(ROWS)]
        places = [b.bitcast(b.gep(y, [b.mul(y_row, r)]), vector.as_pointer()) for r in rows]
        begun = [b.load(place, align=4) for place in places]
        before, loop, after = b.block, b.append_basic_block("next_k"), b.append_basic_block("done")
        b.branch(loop)
        b.position_at_end(loop)
        k, sums = b.phi(integer), [b.phi(vector) for _ in rows]
        weights = b.load(b.bitcast(b.gep(w, [b.mul(k, w_next)]), vector.as_pointer()), align=4)
        x_k = b.gep(x, [b.mul(k, x_next)])
        added = []
        for r, total in zip(rows, sums, strict=True):
            one = b.insert_element(
                ir.Constant(vector, ir.Undefined),
                b.load(b.gep(x_k, [b.mul(x_row, r)])),
                ir.Constant(ir.IntType(32), 0),
            )
            every = b.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))
            added.append(b.call(fma, [every, weights, total]))
        following = b.add(k, ir.Constant(integer, 1))
        for phi, first, later in zip(
            [k, *sums], [ir.Constant(integer, 0), *begun], [following, *added], strict=True
        ):
            phi.add_incoming(first, before)
            phi.add_incoming(later, loop)
        b.cbranch(b.icmp_signed("<", following, n), loop, after)
        b.position_at_end(after)
        for place, total in zip(places, added, strict=True):
            b.store(total, place, align=4)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 8), generate


@compiled
def add_products(x, x_row, x_next, w, w_next, y, y_row, rows, n, columns):
    """y[r, j] += Σ_k x[r, k] w[k, j] of arrays in single precision, each from its first number on.

    n > 0. Rows are computed up to a multiple of ROWS and columns of LANES: there has to be room. A number of
    the result depends on its own row and column alone, not on how many others there are.
    """
    x_at, w_at, y_at = x.ctypes.data, w.ctypes.data, y.ctypes.data
    for column in range(0, columns, LANES):
        for row in range(0, rows, ROWS):
            _tile(
                x_at + 4 * row * x_row, x_row, x_next,
                w_at + 4 * column, w_next,
                y_at + 4 * (row * y_row + column), y_row, n,
            )  # fmt: skip
