"""Numbers and lists as figures say them."""

from collections.abc import Sequence
from math import floor, log10


def percent(share: float) -> str:
    """A share in per cent: whole, below ten with two digits."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 9.5 or value == 0 else f"{value:.2g} %"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def short_number(value: float) -> str:
    """A number above zero with two digits, as a decimal: 80, 2.4, 0.40, 0.0033; 1 without any."""
    if value >= 9.95 or abs(value - 1) < 1e-9:
        return f"{value:.0f}"
    if value < 1e-5:
        return f"{value:.0e}".replace("e-0", "e-")
    return f"{value:.{max(1, 1 - floor(log10(value)))}f}"


def signed(value: float, digits: int = 2) -> str:
    """A number of either sign with so many digits at most, and with a minus that is one."""
    return f"{value:.{digits}g}".replace("-", "−", 1) if abs(value) >= 1e-4 or not value else f"{value:.0e}"
