"""What every column of every table under `reports/tables` is, declared beside what makes the table.

A room's `tables.yaml` says of each table what a row is and, in their order, what its columns are. Columns
described together share an entry, `low, high: ends of …`. An entry without a meaning has the one that
`common/columns.yaml` gives it. `unbounded` lists numbers that chance has a part in and that have no interval,
so that nothing says how far another machine may move them; `rows` among them stands for how many rows there
are, and so for the whole table. `python -m pgpipe.lecture.codebook` prints all of them, `docs/tables.md`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pgpipe.lecture.registry import LECTURE, LIBRARY, SECTIONS
from pgpipe.nearest import nearest_name

FILE, ROWS = "tables.yaml", "rows"
SHARED = LECTURE / "common/columns.yaml"

# The rooms that publish tables, in the order of the lecture, and the titles of those that have no text.
ROOMS = ("gradients", *SECTIONS, "report")
TITLES = {"gradients": "The gradient study", "report": "The report"}

PREFACE = """\
# The tables

What the columns of every table under `reports/tables` are. `make schema` writes this page from the
`tables.yaml` beside what makes each table.

θ are the parameters of a policy, J is its objective, the mean discounted return, ĝ an estimate of ∇J from
one batch, and F the Fisher matrix per time step. Off-policy, θ is the behaviour policy, which samples, θ' the
target policy, and w an importance weight. E, F, P and C with a number are the lecture's equations, pictures,
plots and claims. A cell is empty where there is no such number or it is not known.
"""


@dataclass(frozen=True)
class Entry:
    """Columns that stand side by side and are described together, mostly a single one."""

    columns: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Table:
    """What a row of a table is, and its columns in their order."""

    name: str
    rows: str
    entries: tuple[Entry, ...]
    unbounded: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of its file."""
        return tuple(column for entry in self.entries for column in entry.columns)


@dataclass(frozen=True)
class Room:
    """The tables of a folder of the lecture, under the title of its text."""

    name: str
    title: str
    tables: tuple[Table, ...]


@cache
def rooms() -> tuple[Room, ...]:
    """All tables, room by room.

    Raises `ValueError` for a declaration that lacks something.
    """
    shared = _mapping(SHARED, "", yaml.safe_load(SHARED.read_text("utf-8")))
    return tuple(Room(name, _title(name), read_tables(LECTURE / name / FILE, shared)) for name in ROOMS)


def read_tables(path: Path, shared: Mapping[str, Any]) -> tuple[Table, ...]:
    """The tables that a file declares; `shared` gives meanings to columns without one.

    Raises `ValueError`, naming file and key, for a meaning that neither gives, a column declared twice, a
    table without `rows` or with keys that are not known.
    """
    found = _mapping(path, "", yaml.safe_load(path.read_text("utf-8")))
    return tuple(_table(path, name, declared, shared) for name, declared in found.items())


def _table(path: Path, name: str, declared: Any, shared: Mapping[str, Any]) -> Table:
    keys = (ROWS, "columns", "unbounded")
    for key in (declared := _mapping(path, name, declared)):
        if key not in keys:
            raise ValueError(_at(path, f"{name}.{key}", f"unknown key{nearest_name(key, keys)}"))
    if not (rows := declared.get(ROWS)):
        raise ValueError(_at(path, f"{name}.{ROWS}", "found nothing; allowed: what a row of the table is"))
    key = f"{name}.columns"
    listed = _mapping(path, key, declared.get("columns"))
    entries = tuple(_entry(path, key, columns, meaning, shared) for columns, meaning in listed.items())
    table = Table(name, rows, entries, tuple(declared.get("unbounded", ())))
    if twice := [column for column in table.columns if table.columns.count(column) > 1]:
        raise ValueError(_at(path, key, f"found {twice[0]} twice; allowed: once"))
    for column in table.unbounded:
        if column not in (columns := (ROWS, *table.columns)):
            near = nearest_name(column, columns)
            raise ValueError(_at(path, f"{name}.unbounded", f"found {column}, which is no column{near}"))
    return table


def _entry(path: Path, key: str, columns: str, meaning: Any, shared: Mapping[str, Any]) -> Entry:
    if not (meaning := meaning or shared.get(columns)):
        near, known = nearest_name(columns, shared), "; ".join(shared)
        problem = f"found no meaning, nor has {SHARED.name} one{near} Known there: {known}"
        raise ValueError(_at(path, f"{key}.{columns}", problem))
    return Entry(tuple(columns.split(", ")), meaning)


def _mapping(path: Path, key: str, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(_at(path, key, f"found {type(found).__name__}; allowed: a mapping"))
    return found


def _at(path: Path, key: str, problem: str) -> str:
    """A problem with the file, as it is called in the checkout, and the key in front."""
    checkout = LIBRARY.parent
    file = path.relative_to(checkout) if path.is_relative_to(checkout) else path
    return ": ".join(part for part in (str(file), key, problem) if part)


def _title(room: str) -> str:
    """That of a section's text, with the section's number; that of a room without a text."""
    if room in TITLES:
        return TITLES[room]
    heading, _, _ = (LECTURE / room / "text.md").read_text("utf-8").partition("\n")
    return f"{SECTIONS.index(room) + 1} {heading.removeprefix('# ').partition(' {#')[0]}"


def page() -> str:
    """Return `docs/tables.md` as text."""
    return "\n".join([PREFACE, *(line for room in rooms() for line in _room_lines(room))])


def _room_lines(room: Room) -> Iterator[str]:
    yield f"## {room.title}\n"
    for table in room.tables:
        yield f"### `{table.name}`\n\nRows: {_markdown(table.rows)}.\n"
        yield "| column | what it is |\n|---|---|"
        for entry in table.entries:
            yield f"| {', '.join(f'`{column}`' for column in entry.columns)} | {_markdown(entry.meaning)} |"
        yield ""


def _markdown(text: str) -> str:
    """Text whose bars separate no cells, and whose stars emphasise nothing."""
    return text.replace("|", r"\|").replace("*", r"\*")


if __name__ == "__main__":
    print(page(), end="")
