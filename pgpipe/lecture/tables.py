"""The tables of a run, as the rules declare them: a rule's outputs say which there are, and their parts."""

from collections.abc import Collection, Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from pgpipe.config.files import ConfigError
from pgpipe.lecture import registry
from pgpipe.lecture.codebook import rooms
from pgpipe.lecture.declared import YOURS, FigureFile, SectionFile
from pgpipe.nearest import nearest_name

# Where a table lies that figures, claims and readers ask for by its name.
FOLDER = "reports/tables"

# A table of this kind holds what is never the same twice; the page of costs alone shows it.
TIMED = "_seconds"


class Tables:
    """What the rules publish: each table by its file's name, with the files that it is gathered from.

    A table without a wildcard in its path lies under `reports/tables` already. One with wildcards has a part
    for each combination of their values; without any value this run does not make it.
    """

    def __init__(self, sections: Collection[str] | None = None) -> None:
        self.whole = sections is None
        # parts of the lecture; what plugins bring is always asked for
        self.asked = (*(registry.SECTIONS if sections is None else sections), YOURS)
        self.parts: dict[str, list[str]] = {}
        self._timed: list[tuple[set[str], list[str]]] = []  # beside the names of the same job's other tables

    def publish(
        self, outputs: Iterable[str], wildcards: Mapping[str, Iterable[Any]], made: bool = True
    ) -> None:
        """Take in the tables among a rule's outputs, whose paths may have wildcards."""
        values = [dict(zip(wildcards, each, strict=True)) for each in product(*wildcards.values())]
        patterns = list(outputs)
        names = {Path(pattern).stem for pattern in patterns}
        for pattern in patterns:
            paths = [pattern.format(**each) for each in values] if made else []
            if pattern.endswith(f"{TIMED}.csv"):
                self._timed.append((names, paths))
            elif pattern.endswith(".csv"):
                if (name := Path(pattern).stem) in self.parts:
                    raise ConfigError(f"{pattern}: another rule publishes a table '{name}'")
                self.parts[name] = paths

    @property
    def made(self) -> list[str]:
        """The tables of this run."""
        return [name for name, paths in self.parts.items() if paths]

    @property
    def told(self) -> list[str]:
        """Those of them that the report tells of: of the sections that are asked for, and what these read.

        The gradient study belongs to no section; where one reads a table of it, all of it is told.
        """
        if self.whole:
            return self.made
        files: list[FigureFile | SectionFile] = [*self._figures(), *self.evaluated()]
        read = {table for file in files for table in file.tables}
        own = {room.name: {table.name for table in room.tables} for room in rooms()}
        told = read.union(*(own.get(section, set()) for section in self.asked))
        told |= own["gradients"] if told & own["gradients"] else set()
        return [name for name in self.made if name in told]

    @property
    def timed(self) -> list[str]:
        """Beside the tables that the report tells of, those of what their jobs took."""
        told = set(self.told)
        return [path for names, paths in self._timed if names & told for path in paths]

    @property
    def gathered(self) -> list[str]:
        """Those of them that are put together from parts."""
        return [name for name in self.made if self.parts[name] != self.paths([name])]

    def paths(self, names: Iterable[str]) -> list[str]:
        """Where those of the named tables lie that this run makes."""
        return [f"{FOLDER}/{name}.csv" for name in names if self.parts[name]]

    def figures(self) -> list[FigureFile]:
        """The figures whose tables this run makes."""
        return [figure for figure in self._figures() if all(self.parts[name] for name in figure.tables)]

    def _figures(self) -> list[FigureFile]:
        return [figure for figure in registry.figure_files() if figure.section in self.asked]

    def evaluated(self) -> list[SectionFile]:
        """The sections with checks or claims on tables that this run makes."""
        sections = [section for section in registry.section_files() if section.name in self.asked]
        return [section for section in sections if self.paths(section.tables)]

    def check(self) -> None:
        """Raise `ConfigError` if a figure or a claim asks for a table that no rule publishes."""
        asked = [(file.module, file.tables) for file in registry.figure_files()]
        asked += [(f"claims of {file.name}", file.tables) for file in registry.section_files()]
        for module, tables in asked:
            for table in tables:
                if table not in self.parts:
                    near, known = nearest_name(table, self.parts), ", ".join(self.parts)
                    raise ConfigError(f"{module}: unknown table '{table}'{near} Known: {known}")
