"""The memory of this process: what it keeps, and the most that a computation has had."""

import ctypes
from contextlib import suppress
from math import nan
from pathlib import Path

PROCESS = Path("/proc/self")

# Of glibc's mallopt: from what size on memory is mapped by itself, how much more is asked for at a time, and
# how much may be free at the end before it is given back.
MMAP_THRESHOLD, TOP_PAD, TRIM_THRESHOLD = -3, -2, -1


def keep_freed_memory() -> None:
    """Have this process use freed memory again instead of giving it back (glibc).

    Temporary arrays come and go by the thousand; clearing the pages of each anew takes up to an eighth of a
    job's time.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for option, size in ((MMAP_THRESHOLD, 2**25), (TOP_PAD, 2**26), (TRIM_THRESHOLD, 2**31 - 1)):
            mallopt(option, size)


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
