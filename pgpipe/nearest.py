"""The words "did you mean" of an error message."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_name(name: str, names: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the one of `names` nearest to `name`, or "." if none is near."""
    matches = get_close_matches(name, list(names), n=1)
    return f"; did you mean '{matches[0]}'?" if matches else "."
