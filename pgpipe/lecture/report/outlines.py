"""Paths of SVG in few bytes: each point by its distance from the one before."""

import re
from collections.abc import Iterator

_PART = re.compile(r"[A-Za-z]|-?[\d.]+")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "z": 0}  # of each command that matplotlib writes


def shortened(path: str, places: int) -> str:
    """The same path, with points rounded to so many places.

    Distances are those of the rounded points, so that none drifts.  Raises `KeyError` for
    other commands than M, L, Q, C and z.
    """
    parts: list[str] = []
    last = ""
    for command, distances in _steps(_PART.findall(path), 10**places):
        # after a point, more of them are lines
        if command in "mz" or command != ("l" if last == "m" else last):
            parts.append(command)
        parts += [_number(distance, places) for distance in distances]
        last = command
    return joined(parts)


def joined(parts: list[str]) -> str:
    """Commands and numbers, with a space only where two numbers would be read as one."""
    text, before = "", ""
    for part in parts:
        runs_on = part[0].isdigit() or (part[0] == "." and "." not in before)
        text += f" {part}" if runs_on and before[-1:].isdigit() else part
        before = part
    return text


def _steps(parts: list[str], unit: int) -> Iterator[tuple[str, list[int]]]:
    """Each command in small, and its points' distances, in units, from where the one before ended."""
    at = start = (0, 0)
    position = 0
    while position < len(parts):
        command, first = parts[position], position + 1
        position = first + 2 * _POINTS[command]
        values = [round(unit * float(number)) for number in parts[first:position]]
        points = list(zip(values[::2], values[1::2], strict=True))
        yield command.lower(), [side for x, y in points for side in (x - at[0], y - at[1])]
        at = points[-1] if points else start
        start = at if command == "M" else start


def _number(value: int, places: int) -> str:
    """So many units as a number, without the zeros that it does not need: .5, -12, 0."""
    whole, part = divmod(abs(value), 10**places)
    after = f"{part:0{places}d}".rstrip("0")
    digits = f"{whole or ''}.{after}" if after else str(whole)
    return f"-{digits}" if value < 0 else digits
