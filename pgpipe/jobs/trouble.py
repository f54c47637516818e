"""What the machine refused a job, in a line: what, where, and what to do."""

import errno
import os
import shutil
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
AGAIN = "then run again: what is done stays done"


def refused(error: BaseException, memory_mb: float | None) -> str:
    """The line for a file that could not be written, or memory that could not be had; else ""."""
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return f"out of memory: {' '.join(str(error).split())[:200]}. {more_memory(memory_mb)}"
    if not isinstance(error, OSError):
        return ""
    place = os.path.abspath(error.filename) if isinstance(error.filename, str) else os.getcwd()
    if error.errno in FULL:
        return f"{place}: cannot be written: {_space(place)}. Make room, {AGAIN}"
    if error.errno == errno.EFBIG:
        return f"{place}: cannot be written: a file may not be so large. Raise the limit (ulimit -f), {AGAIN}"
    if error.errno in CLOSED:
        return f"{place}: cannot be written: {os.strerror(error.errno)}. Make it writable, {AGAIN}"
    return ""


def more_memory(memory_mb: float | None) -> str:
    """What to do where memory runs out."""
    said = f"The rule's mem_mb is {memory_mb:.0f}. " if memory_mb else ""
    return (
        f"{said}Let fewer jobs run side by side (--cores 1, or --resources mem_mb=N for N MB in all), or ask "
        f"for less in the config, {AGAIN}"
    )


def killed(memory_mb: float | None) -> str:
    """The line for a process that is gone without a word."""
    return (
        "The job's process was killed, or could not be started. The system does so when memory runs out "
        f"(`dmesg` tells). {more_memory(memory_mb)}"
    )


def _space(place: str) -> str:
    """Of what there is too little on a file's file system."""
    folder = next(parent for parent in (Path(place), *Path(place).parents) if parent.is_dir())
    try:
        free = shutil.disk_usage(folder).free / 1e6
    except OSError:
        return "no space left"
    return f"no space left on its file system or in its quota ({free:.0f} MB free)"
