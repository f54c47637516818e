"""What the tree itself declares: figures, and each lecture section's claims, with the tables they read.

A figure is a file with `draw(table, ...)`, and perhaps `findings(table, ...)`: the sentences that end its
caption, from the same tables. A claims module has functions `e1(...)` and `c1(...)`. A function asks for the
tables under `reports/tables` by naming its parameters after them; `IDENTITIES = Identities("table", ...)`
asks for that one. All this is read with `ast`, so that listing figures imports no plotting library.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class FigureFile:
    """A figure as its file declares it; the docstring is `F9 Title`, alt text, caption, a paragraph each."""

    name: str  # of the picture, F9_vector_field
    module: str
    tables: tuple[str, ...]
    title: str
    alt: str
    caption: str

    @property
    def id(self) -> str:
        """The lecture's id, F9."""
        return self.name.partition("_")[0]


@dataclass(frozen=True)
class SectionFile:
    """A lecture section's claims modules and the tables that any of their functions reads."""

    name: str
    modules: tuple[str, ...]
    tables: tuple[str, ...]


@cache
def figure_files() -> tuple[FigureFile, ...]:
    """All figures, by the file names under `pgpipe/figures`.

    Raises `ValueError` for a file whose docstring lacks title, alt text or caption, or whose `findings` asks
    for other tables than its `draw`.
    """
    return tuple(_figure(path) for path in _modules("figures") if "draw" in functions(path))


@cache
def section_files() -> tuple[SectionFile, ...]:
    """All sections that have checks or claims, by the file names under `pgpipe/claims`."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for path in [*_modules("claims"), *sorted((PACKAGE / "claims").glob("*/[!_]*.py"))]:
        asked = _identities(path)
        asked += [t for name, tables in functions(path).items() if is_evidence(name) for t in tables]
        if asked:
            *folders, stem = path.relative_to(PACKAGE / "claims").with_suffix("").parts
            module = ".".join(("pgpipe.claims", *folders, stem))
            found.setdefault(folders[0] if folders else stem, []).append((module, asked))
    return tuple(
        SectionFile(
            name,
            tuple(module for module, _ in files),
            tuple(dict.fromkeys(table for _, asked in files for table in asked)),
        )
        for name, files in sorted(found.items())
    )


def is_evidence(function: str) -> bool:
    """Whether a function's name is an id of the lecture: e12 checks equation E12, c3 tests claim C3."""
    return function[:1] in ("e", "c") and function[1:].isdigit()


def _identities(path: Path) -> list[str]:
    """The table of the identities that a claims module declares, if it declares any."""
    declared = [node.value for node in _parse(path).body if isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]) == "IDENTITIES"]  # fmt: skip
    return [ast.literal_eval(call.args[0]) for call in declared if isinstance(call, ast.Call)]


def _figure(path: Path) -> FigureFile:
    paragraphs = [" ".join(p.split()) for p in (ast.get_docstring(_parse(path)) or "").split("\n\n")]
    if len(paragraphs) < 3:
        raise ValueError(f"{path}: the docstring needs a title, an alt text and a caption, a paragraph each")
    id, _, title = paragraphs[0].partition(" ")
    found = functions(path)
    drawn = found["draw"]
    if (said := found.get("findings", drawn)) != drawn:
        raise ValueError(f"{path}: findings{said} needs the tables of draw{drawn}, in the same order")
    return FigureFile(
        name=f"{id}_{path.stem}",
        module=f"pgpipe.figures.{path.stem}",
        tables=drawn,
        title=title,
        alt=paragraphs[1],
        caption="\n\n".join(paragraphs[2:]),
    )


def _modules(package: str) -> list[Path]:
    return sorted((PACKAGE / package).glob("[!_]*.py"))


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def source_of(module: str) -> Path:
    """The file of one of the package's modules."""
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


def functions(path: Path) -> dict[str, tuple[str, ...]]:
    """The names of a file's public functions and of their parameters."""
    nodes = (node for node in _parse(path).body if isinstance(node, ast.FunctionDef))
    return {f.name: tuple(a.arg for a in f.args.args) for f in nodes if not f.name.startswith("_")}
