"""What the page carries with it, compressed: tables and sources, for its scripts and its readers."""

import gzip
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from pgpipe.lecture.registry import source_of

FONTS = Path(__file__).parent / "fonts"

# family, weight, style, file
FACES = (
    ("Lecture Sans", 400, "normal", "LectureSans-Regular"),
    ("Lecture Sans", 600, "normal", "LectureSans-Bold"),
    ("STIX Two Text", 400, "normal", "STIXTwoText-400-normal"),
    ("STIX Two Text", 400, "italic", "STIXTwoText-400-italic"),
    ("STIX Two Text", 600, "normal", "STIXTwoText-600-normal"),
    ("STIX Two Math", 400, "normal", "STIXTwoMath"),
)

# What the ledger's table has of a claim.
LEDGER = (
    *("id", "section", "statement", "verdict", "reason", "rule"),
    *("quantity", "unit", "value", "low", "high", "kind", "n", "n_counts", "seeds", "same"),
)


def fonts() -> str:
    """The page's letters, as CSS: the same on every machine, without a network."""
    faces = [
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:{style};font-display:block;"
        f"src:url(data:font/woff2;base64,{b64encode((FONTS / f'{file}.woff2').read_bytes()).decode()})}}"
        for family, weight, style, file in FACES
    ]
    return "\n".join(faces)


def tables(made: Mapping[str, pd.DataFrame]) -> Markup:
    """Each table as the CSV that lies under `reports/tables`."""
    return Markup("\n").join(
        packed("table", name, table.to_csv(index=False).encode()) for name, table in made.items()
    )


def ledger(claims: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The claims as a table, a row each: estimate and other seeds in columns of their own."""
    rows = [{**row, **row["estimate"], **(row["stability"] or {"seeds": 0, "same": 0})} for row in claims]
    return pd.DataFrame(rows, columns=list(LEDGER))


def code(modules: Iterable[str]) -> Markup:
    """The source of each module."""
    return Markup("\n").join(packed("code", module, source(module).encode()) for module in modules)


def source(module: str) -> str:
    """The text of a module of the package, or of a plugin."""
    return source_of(module).read_text("utf-8")


def packed(kind: str, name: str, content: bytes) -> Markup:
    """A file inside the page."""
    held = b64encode(squeezed(content)).decode()
    return Markup('<script type="application/gzip" id="{}-{}">{}</script>').format(kind, name, Markup(held))


def squeezed(content: bytes) -> bytes:
    """Compressed by gzip, with neither a time nor a system in its head, which Pythons fill in differently."""
    made = bytearray(gzip.compress(content, 9, mtime=0))
    made[9] = 255  # the system: not known
    return bytes(made)
