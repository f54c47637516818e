"""The most memory that a computation has had, measured."""

import ctypes
from contextlib import suppress
from math import nan
from pathlib import Path

PROCESS = Path("/proc/self")


class Peak:
    """Watches the memory of this process from now on, where the system tells it (Linux)."""

    def __init__(self) -> None:
        self._start = nan
        with suppress(OSError):
            # what was freed is given back first, or the next computation would find room in it
            getattr(ctypes.CDLL(None), "malloc_trim", lambda pad: 0)(0)
            (PROCESS / "clear_refs").write_text("5")  # the peak starts anew
            self._start = _kilobytes("VmRSS")

    @property
    def megabytes(self) -> float:
        """What it had at most above what it had at first; NaN where nobody knows."""
        return nan if self._start != self._start else (_kilobytes("VmHWM") - self._start) / 1e3


def _kilobytes(entry: str) -> float:
    lines = (PROCESS / "status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{entry}:"))
