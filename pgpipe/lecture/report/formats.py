"""How numbers, tables and ids look in the report, and the templates that place them."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import pandas as pd
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from pgpipe.lecture.common.words import readable, with_signs

# Longer tables are shown by their first rows where no script shows them all.
SHOWN_ROWS = 10

# Where a table is only laid out.
_BETWEEN = re.compile(r">\s+<")
# An id of the lecture, or of one's own, in a sentence.
ID = re.compile(r"\b[ECFPY]\d{1,2}\b")
# Tags, and what stands in those whose words stay as they are.
_ASIDE = re.compile(
    r"<(a|code|pre|math|svg|script|style|h1|h2|h3|button|summary)\b.*?</\1>|<[^>]+>", re.DOTALL
)


def templates_of(sources: Mapping[str, str]) -> Environment:
    """Jinja with << >> and <% %>, which do not occur in TeX or Markdown."""
    environment = Environment(
        loader=DictLoader(dict(sources)),
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # noqa: S701  others make no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "interval": interval,
        "words": readable,
        "with_signs": with_signs,
    }
    return environment


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, and below a million with all before its point: 15,990."""
    if value is None:
        return "none"
    large = 10**digits - 0.5 <= abs(value) < 1e6
    return with_signs(f"{value:,.0f}" if large else f"{value:.{digits}g}")


def interval(row: Mapping[str, Any]) -> str:
    """An estimate with its bounds, if it has any but itself; one known from one side alone says so."""
    value, low, high = (
        bound if (bound := row[name]) is not None and isfinite(bound) else None
        for name in ("value", "low", "high")
    )
    if row["kind"] in ("at least", "at most") and value is not None:
        return f"{row['kind']} {number(value)}"
    if value is None and low is not None and high is None:
        return f"more than {number(low)}"
    alone = row["kind"] in ("exact", "test statistic", "no bounds")
    return number(value) if alone else f"{number(value)} [{number(low)}, {number(high)}]"


def html_table(table: pd.DataFrame, shown: int | None = None) -> Markup:
    """A table, or its first rows."""
    first = table if shown is None else table.head(shown)
    html = first.to_html(index=False, border=0, na_rep="", float_format="{:.4g}".format, justify="left")
    return Markup(_BETWEEN.sub("><", html))


def linked(html: str, ids: frozenset[str]) -> str:
    """The page's words with a link at each of these ids, but for those in links, code and headings."""

    def link(text: str) -> str:
        return ID.sub(lambda m: f'<a class="ref" href="#{m[0]}">{m[0]}</a>' if m[0] in ids else m[0], text)

    pieces, end = [], 0
    for aside in _ASIDE.finditer(html):
        pieces += [link(html[end : aside.start()]), aside[0]]
        end = aside.end()
    return "".join([*pieces, link(html[end:])])
