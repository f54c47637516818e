"""Numbers and tables in sentences, as Markdown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

# What would be Markdown, in words that are none.
_MARKS = re.compile(r"([\\`*_{}\[\]<>|$#~^@&])")

# Letters of a table's columns; within these bounds they are as wide as what they hold.
NARROWEST, WIDEST = 11, 20

# What is no number, as Python writes it, and where one sentence ends and another begins.
_NONE = re.compile(r"(?<![^\W\d])[-−]?nan(?![^\W\d])")
# Parts of a sentence that are set as they are, a hyphen that is a minus sign, and a number in per cent.
_ASIDE = re.compile(r"(\$[^$]*\$|`[^`]*`)")
_MINUS = re.compile(r"(?<![\w)\]}])-(?=\.?\d|∞)|(?<=\S )-(?= )")
_PERCENT = re.compile(r"(?<=\d)%")
_END = re.compile(r"(?<=\.) +(?![a-z ])")


# Names of the config that the field writes in another way.
WRITTEN = {
    "rloo": "RLOO", "grpo": "GRPO", "dr_grpo": "Dr. GRPO", "ppo": "PPO", "v_trace": "V-trace",
    "gae": "GAE", "td": "TD", "natural_gae": "natural GAE",
}  # fmt: skip


class NoNumberError(ValueError):
    """What a sentence would say is not a finite number, so it cannot be said."""


def percent(share: float) -> str:
    """A share in per cent: whole, below ten with two digits.  Raises `NoNumberError`."""
    value = 100 * _finite(share)
    return f"{value:.0f} %" if value >= 9.5 or value == 0 else f"{value:.2g} %"


def number(value: float, digits: int = 2) -> str:
    """A number with so many significant digits, and all that stand before its point: −0.021, 1,024.

    Raises `NoNumberError`.
    """
    large = abs(_finite(value)) >= 10**digits
    return (f"{value:,.0f}" if large else f"{value:.{digits}g}").replace("-", "−", 1)


def fixed(value: float) -> str:
    """A number with two decimals.  Raises `NoNumberError`."""
    return f"{_finite(value):.2f}".replace("-", "−", 1)


def with_interval(value: float, low: float, high: float) -> str:
    """A number with its bounds, three digits of each: `145 [127, 165]`."""
    return f"{number(value, 3)} [{number(low, 3)}, {number(high, 3)}]"


def with_bounds(row: Mapping[str, Any]) -> str:
    """A row's interquartile mean with its bounds."""
    return with_interval(row["iqm"], row["low"], row["high"])


def readable(name: str) -> str:
    """A config name as words: as the field writes it, or as it is."""
    return WRITTEN.get(name, name.replace("_", " "))


def capital(words: str) -> str:
    """The words with a capital at their beginning, and the others as they are."""
    return words[:1].upper() + words[1:]


def counted(n: float, thing: str) -> str:
    """`1 update`, `2,000 updates`."""
    return f"{n:,.0f} {thing}" + ("" if n == 1 else "s")


def with_signs(words: str) -> str:
    """Sentences with minus signs in place of hyphens and a space before each %: −0.5, 26 %.

    Formulas and code stay as they are.
    """
    parts = _ASIDE.split(words)
    parts[::2] = [_PERCENT.sub(" %", _MINUS.sub("−", part)) for part in parts[::2]]
    return "".join(parts)


def plain(words: str) -> str:
    """Words of somebody else in one line: no Markdown, and a minus sign where a hyphen stands for one."""
    return re.sub(r"(?<!\w)-", "−", _MARKS.sub(r"\\\1", " ".join(words.split())))


def code(words: str) -> str:
    """The same as code, which nothing in it ends."""
    return f"`{' '.join(words.replace('`', ' ').split())}`"


def _finite(value: float) -> float:
    if not isfinite(value):
        raise NoNumberError
    return value


def pipe_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose lines may be wider than a narrow screen; empty without rows.

    In print the columns of a table that fills the page are as wide as the dashes say.
    """
    lines = [tuple(head), *map(tuple, rows)]
    if len(lines) == 1:
        return ""
    longest = (max(map(len, column)) for column in zip(*lines, strict=True))
    rule = "|".join("-" * min(max(letters, NARROWEST), WIDEST) for letters in longest)
    first, *others = (f"| {' | '.join(line)} |" for line in lines)
    return "\n".join(["::: {.scroll tabindex=0}", first, f"|{rule}|", *others, ":::"])


def without_none(words: str) -> str:
    """Sentences, but for those with a number that is none."""
    if not _NONE.search(words):
        return words
    return " ".join(part for part in _END.split(words) if not _NONE.search(part))


def open_where_none(words: str) -> str:
    """A question mark for each number that is none."""
    return _NONE.sub("?", words)
