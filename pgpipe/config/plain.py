"""What a config is made of: plain values, and no more of them than a machine can take."""

import re
from collections.abc import Iterator
from typing import Any

# What a config is made of, whatever it is written in.
PLAIN = (str, int, float, bool, type(None))

# How much a config may hold: bytes, values (of an alias each time it is named), how deep they lie, how large
# a whole number is.
MOST_BYTES, MOST_VALUES, DEEPEST, LARGEST = 10_000_000, 100_000, 50, 2**128

# How long a line of a message may be.
LONGEST = 5_000

# Halves of letters, which JSON can name and no file can hold.
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class ConfigError(Exception):
    """A config that cannot be used; its text names file, key path, what was found and what is allowed."""


def one_line(text: str) -> str:
    """The text with what would break the line, or is no letter, as Python writes it; a long one is cut."""
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in shown)


def plain_mapping(found: Any, origin: str) -> dict[str, Any]:
    """A mapping with nothing in it but what a file can hold.  Raises `ConfigError`, with the origin."""
    try:
        plain = plain_value(found)
    except ConfigError as error:
        raise ConfigError(one_line(f"{origin}: {error}")) from None
    if not isinstance(plain, dict):
        raise ConfigError(f"{origin}: found {type(found).__name__}; allowed: a mapping of config keys")
    return plain


def plain_value(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """A copy of a value that is made of what a file can hold.  Raises `ConfigError`, with the key path."""
    return _plain(value, path, iter(range(MOST_VALUES)))


def _plain(value: Any, path: tuple[Any, ...], places: Iterator[int], above: tuple[int, ...] = ()) -> Any:
    """A copy of a value that is made of mappings, lists, text and numbers.

    There is a place for each value that it may hold.  Raises `ConfigError`.
    """
    where = ".".join(map(str, path)) or "the whole config"
    if id(value) in above:
        raise ConfigError(f"{where}: found a value that contains itself")
    if next(places, None) is None:
        raise ConfigError(f"holds more than {MOST_VALUES:,} values")
    if len(above) > DEEPEST:
        raise ConfigError("is nested too deeply")
    inside = (*above, id(value))
    if isinstance(value, dict):
        if strange := [key for key in value if not isinstance(key, str)]:
            raise ConfigError(f"{where}: found the key {strange[0]!r}; allowed: text, such as '{strange[0]}'")
        return {
            _scalar(key, where): _plain(part, (*path, key), places, inside) for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(part, (*path, place), places, inside) for place, part in enumerate(value)]
    return _scalar(value, where)


def _scalar(value: Any, where: str) -> Any:
    """The same value, if a file can hold it.  Raises `ConfigError`."""
    if not isinstance(value, PLAIN):
        kind = type(value).__name__
        raise ConfigError(
            f"{where}: found {kind}; allowed: mappings, lists, text, numbers, true, false, null"
        )
    if isinstance(value, int) and abs(value) >= LARGEST:
        raise ConfigError(
            f"{where}: found a whole number of {len(str(abs(value)))} digits; allowed: up to 38"
        )
    if isinstance(value, str) and (lost := _SURROGATE.search(value)):
        raise ConfigError(f"{where}: found half a letter, {lost[0]!r}; allowed: text")
    return value
