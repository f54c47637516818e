"""Which file is meant by the name of a figure, a table, a claim or a check, and what it is called."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pgpipe.errors import UserError
from pgpipe.lecture import registry
from pgpipe.lecture.codebook import rooms
from pgpipe.lecture.declared import functions, is_evidence
from pgpipe.nearest import nearest_name

KINDS = ("figure", "table", "claim", "check")


@dataclass(frozen=True)
class Asked:
    """What somebody asks about: the file, how it is called, and the tables that it is made from by name."""

    name: str
    path: str
    tables: tuple[str, ...] = ()


def asked_for(kind: str, name: str) -> Asked:
    """The file of a figure (`P10`, or its whole name), a table, a claim (`C3`) or a check (`E7`).

    Raises `UserError` for a name that is not known.
    """
    known = KNOWN[kind]()
    if name not in known:
        near = nearest_name(name, known)
        raise UserError(f"{kind.upper()}: unknown {kind} '{name}'{near} Known: {', '.join(sorted(known))}")
    return known[name]


def _figures() -> dict[str, Asked]:
    found: dict[str, Asked] = {}
    for figure in registry.figure_files():
        path = f"reports/figures/{figure.name}.svg"
        asked = Asked(f"{' '.join(figure.ids)} {figure.title}", path, figure.tables)
        found |= dict.fromkeys((*figure.ids, figure.name), asked)
    return found


def _tables() -> dict[str, Asked]:
    names = (table.name for room in rooms() for table in room.tables)
    return {name: Asked(f"the table {name}", f"reports/tables/{name}.csv") for name in names}


def _claims() -> dict[str, Asked]:
    return dict(_evidence("c", "claim"))


def _checks() -> dict[str, Asked]:
    return dict(_evidence("e", "checks of"))


def _evidence(letter: str, word: str) -> Iterator[tuple[str, Asked]]:
    """The functions of all sections whose ids have this letter, and those of plugins, which have y."""
    for section in registry.section_files():
        for function, tables in _functions(section.modules).items():
            if is_evidence(function) and function[0] in (letter, "y"):
                name = function.upper()
                yield name, Asked(f"{word} {name}", f"results/evidence/{section.name}.json", tables)


def _functions(modules: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    return {
        name: tables for module in modules for name, tables in functions(registry.source_of(module)).items()
    }


KNOWN = {"figure": _figures, "table": _tables, "claim": _claims, "check": _checks}
