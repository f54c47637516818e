"""What goes wrong by what somebody else wrote."""

import traceback
from collections.abc import Sequence
from pathlib import Path


class UserError(Exception):
    """Its text is one line, and says all that is needed to mend it: no traceback of this package helps."""


def fits(what: str, found: Sequence[int], allowed: Sequence[int]) -> None:
    """Raises `ValueError` for an array of another shape: compiled code would read whatever lies behind it."""
    if tuple(found) != tuple(allowed):
        raise ValueError(f"{what}: found shape {tuple(found)}; allowed: {tuple(allowed)}")


def told(error: BaseException) -> str:
    """An exception in one line: its kind, its message, the last line of code."""
    message = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if message else ''}{message[:300]}{place}"
