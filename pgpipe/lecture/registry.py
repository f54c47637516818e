"""What the tree itself declares: each lecture section's figures, claims and text, and the tables they read.

A section is a folder. A figure is a file in its `figures/` with `draw(table, ...)`, and perhaps, from the
same tables, `headline(table, ...)`: what the picture shows in this run, in a sentence without a stop;
and `findings(table, ...)`: the sentences that end its caption. Its claims are functions
`e1(...)` and `c1(...)`, in `claims.py` or in the files of `claims/`. What the text says in numbers are the
functions of its `sentences.py`, each of which returns Markdown, empty if there is nothing to say. A function
asks for the tables under `reports/tables` by naming its parameters after them; `IDENTITIES =
Identities("table", ...)` asks for that one. All this is read with `ast`, so that listing figures imports no
plotting library.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

LECTURE = Path(__file__).parent
LIBRARY = LECTURE.parent

# What the texts cite, in BibTeX.
REFERENCES = LECTURE / "references.bib"

# The lecture's id of a picture or a plot.
ID = re.compile(r"[FP]\d+")

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
)


@dataclass(frozen=True)
class FigureFile:
    """A figure as its file declares it.

    The docstring is `F9 Title`, alternative text, caption, a paragraph each, and after them how it is made.
    A picture that is several of the lecture's at once is `F3 F4 F5 Title`.
    """

    name: str  # of the picture, F9_vector_field
    ids: tuple[str, ...]  # the lecture's; files are named after the first
    module: str
    tables: tuple[str, ...]
    title: str
    alt: str
    caption: str
    method: str  # Markdown, empty if the caption says it all

    @property
    def id(self) -> str:
        """The first of the ids, F9, by which the text places it."""
        return self.ids[0]

    @property
    def section(self) -> str:
        """The section whose folder it is in."""
        return self.module.split(".")[2]


@dataclass(frozen=True)
class SectionFile:
    """A lecture section's claims modules and the tables that any of their functions reads."""

    name: str
    modules: tuple[str, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    """A function that says something of the tables of a run, by whose name a text places it."""

    name: str
    module: str
    tables: tuple[str, ...]


@cache
def figure_files() -> tuple[FigureFile, ...]:
    """All figures, section by section.

    Raises `ValueError` for a file that draws nothing, whose docstring lacks id, alt text or caption, or
    whose `headline` or `findings` asks for other tables than its `draw`.
    """
    return tuple(_figure(path) for section in SECTIONS for path in _modules(section, "figures"))


@cache
def section_files() -> tuple[SectionFile, ...]:
    """All sections that have checks or claims."""
    sections = []
    for name in SECTIONS:
        paths = _modules(name, "claims") or [LECTURE / name / "claims.py"]
        asked = {_module(path): tables for path in paths if path.is_file() and (tables := _asked(path))}
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


def is_evidence(function: str) -> bool:
    """Whether a function's name is an id of the lecture: e12 checks equation E12, c3 tests claim C3."""
    return function[:1] in ("e", "c") and function[1:].isdigit()


def _asked(path: Path) -> list[str]:
    """The tables that a claims module asks for."""
    tables = [t for name, asked in functions(path).items() if is_evidence(name) for t in asked]
    return _identities(path) + tables


def _identities(path: Path) -> list[str]:
    """The table of the identities that a claims module declares, if it declares any."""
    declared = [node.value for node in _parse(path).body if isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]) == "IDENTITIES"]  # fmt: skip
    return [ast.literal_eval(call.args[0]) for call in declared if isinstance(call, ast.Call)]


def _figure(path: Path) -> FigureFile:
    paragraphs = [" ".join(p.split()) for p in (ast.get_docstring(_parse(path)) or "").split("\n\n")]
    if len(paragraphs) < 3:
        raise ValueError(f"{path}: the docstring needs a title, an alt text and a caption, a paragraph each")
    words = paragraphs[0].split()
    if not (ids := tuple(takewhile(ID.fullmatch, words))):
        raise ValueError(f"{path}: the docstring begins with {words[0]}, not with an id, like F9 or P12")
    found = functions(path)
    if (drawn := found.get("draw")) is None:
        raise ValueError(f"{path}: there is no function `draw`; a file that figures share begins with _")
    for says in ("headline", "findings"):
        if (asked := found.get(says, drawn)) != drawn:
            raise ValueError(f"{path}: {says}{asked} needs the tables of draw{drawn}, in the same order")
    return FigureFile(
        name=f"{ids[0]}_{path.stem}",
        ids=ids,
        module=_module(path),
        tables=drawn,
        title=" ".join(words[len(ids) :]),
        alt=paragraphs[1],
        caption=paragraphs[2],
        method="\n\n".join(paragraphs[3:]),
    )


def _modules(section: str, kind: str) -> list[Path]:
    return sorted((LECTURE / section / kind).glob("[!_]*.py"))


def _module(path: Path) -> str:
    """The dotted name of a file of the package."""
    return ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts)


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def source_of(module: str) -> Path:
    """The file of one of the package's modules."""
    return LIBRARY.joinpath(*module.split(".")[1:]).with_suffix(".py")


def functions(path: Path) -> dict[str, tuple[str, ...]]:
    """The names of a file's public functions and of their parameters."""
    nodes = (node for node in _parse(path).body if isinstance(node, ast.FunctionDef))
    return {f.name: tuple(a.arg for a in f.args.args) for f in nodes if not f.name.startswith("_")}
