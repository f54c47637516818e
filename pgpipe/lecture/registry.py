"""What the tree itself declares: each lecture section's figures, claims and text, and the tables they read.

A section is a folder. A figure is a file in its `figures/` with `draw(table, ...)`, and perhaps, from the
same tables, `headline(table, ...)`: what the picture shows in this run, in a sentence without a stop;
and `findings(table, ...)`: the sentences that end its caption. Its claims are functions
`e1(...)` and `c1(...)`, in `claims.py` or in the files of `claims/`. What the text says in numbers are the
functions of its `sentences.py`, each of which returns Markdown, empty if there is nothing to say. A function
asks for the tables under `reports/tables` by naming its parameters after them; `IDENTITIES =
Identities("table", ...)` asks for that one. All this is read with `ast` (`declared.py`), so that listing
figures imports no plotting library.

Plugins have figures and claims by the same conventions; their ids are Y1, Y2, …, and their section is the
last one, *Yours* (`yours.py`).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pgpipe.lecture import yours
from pgpipe.lecture.declared import FigureFile, SectionFile, asked_tables, figure_file, functions
from pgpipe.plugins.loaded import plugin_of

LECTURE = Path(__file__).parent
LIBRARY = LECTURE.parent

# What the texts cite, in BibTeX.
REFERENCES = LECTURE / "references.bib"

# The lecture's sections in its order: their folders here, and the names of all else that is theirs.
SECTIONS = (
    "objective",
    "direct_differentiation",
    "what_the_gradient_does",
    "variance",
    "variance_reduction",
    "off_policy",
    "implementation",
    "practice",
    "line",
    "natural_gradient",
    "after_the_lecture",
)


@dataclass(frozen=True)
class Sentence:
    """A function that says something of the tables of a run, by whose name a text places it."""

    name: str
    module: str
    tables: tuple[str, ...]


def figure_files() -> tuple[FigureFile, ...]:
    """All figures, section by section, and then those of plugins.

    Raises `ValueError` for a file that is none; of a plugin `PluginError`.
    """
    return (*_lecture_figures(), *yours.own_figures())


def section_files() -> tuple[SectionFile, ...]:
    """All sections that have checks or claims; those of plugins are in the last one."""
    return (*_lecture_sections(), *yours.own_sections())


@cache
def _lecture_figures() -> tuple[FigureFile, ...]:
    paths = (path for section in SECTIONS for path in _modules(section, "figures"))
    return tuple(figure_file(path, _module(path)) for path in paths)


@cache
def _lecture_sections() -> tuple[SectionFile, ...]:
    sections = []
    for name in SECTIONS:
        paths = _modules(name, "claims") or [LECTURE / name / "claims.py"]
        asked = {_module(path): tables for path in paths if path.is_file() and (tables := asked_tables(path))}
        if asked:
            every = dict.fromkeys(table for tables in asked.values() for table in tables)
            sections.append(SectionFile(name, tuple(asked), tuple(every)))
    return tuple(sections)


@cache
def sentences() -> tuple[Sentence, ...]:
    """The sentences of all sections.  Raises `ValueError` where two have the same name."""
    paths = [path for name in SECTIONS if (path := LECTURE / name / "sentences.py").is_file()]
    found = [Sentence(name, _module(p), asked) for p in paths for name, asked in functions(p).items()]
    names = [sentence.name for sentence in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(
            f"two sentences are called {' or '.join(sorted(twice))}; a text could not tell them apart"
        )
    return tuple(found)


def texts() -> list[str]:
    """The texts of all sections, in their order, by their paths in the checkout."""
    return [(LECTURE / name / "text.md").relative_to(LIBRARY.parent).as_posix() for name in SECTIONS]


def widgets() -> list[str]:
    """The scripts of all widgets, section by section, by their paths in the checkout."""
    places = (LECTURE / name / "widgets" for name in (*SECTIONS, "report"))
    return [
        path.relative_to(LIBRARY.parent).as_posix() for place in places for path in sorted(place.glob("*.js"))
    ]


def _modules(section: str, kind: str) -> list[Path]:
    return sorted((LECTURE / section / kind).glob("[!_]*.py"))


def _module(path: Path) -> str:
    """The dotted name of a file of the package."""
    return ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts)


def source_of(module: str) -> Path:
    """The file of one of the package's modules, or of a plugin's."""
    if (plugin := plugin_of(module)) and (own := plugin.file_of(module)):
        return own
    return LIBRARY.joinpath(*module.split(".")[1:]).with_suffix(".py")
