"""Axes of numbers that may be all the same, none, or not positive."""

from math import isfinite

from matplotlib.axes import Axes


def limits(low: float, high: float) -> tuple[float, float]:
    """An axis from low to high; half a unit to both sides where they are the same; 0 to 1 without numbers."""
    if not (isfinite(low) and isfinite(high)):
        return 0.0, 1.0
    return (low, high) if low != high else (low - 0.5, high + 0.5)


def log_limits(low: float, high: float) -> tuple[float, float]:
    """The same of a logarithmic axis: a factor of two to both sides; 0.1 to 1 without positive numbers."""
    if not (isfinite(low) and isfinite(high) and low > 0 and high > 0):
        return 0.1, 1.0
    return (low, high) if low != high else (low / 2, 2 * high)


def log_scale(ax: Axes, *, vertical: bool) -> None:
    """A logarithmic axis of what is drawn; a plain one where no number of it is positive."""
    smallest = ax.dataLim.minposy if vertical else ax.dataLim.minposx
    if isfinite(smallest) or not ax.has_data():
        (ax.set_yscale if vertical else ax.set_xscale)("log")
