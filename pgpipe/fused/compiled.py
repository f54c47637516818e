"""numba's compiler, as this room uses it."""

from typing import Any

from numba import njit

# A product may be added in one instruction, and the sign of zero is nobody's; nothing else is taken lightly:
# sums keep their order, and what is no number stays none.
EXACT_BUT_FOR = {"contract", "nsz"}
compiled: Any = njit(cache=True, fastmath=EXACT_BUT_FOR, error_model="numpy")
inlined: Any = njit(inline="always", fastmath=EXACT_BUT_FOR, error_model="numpy")
