"""What a file of figures or claims declares, read with `ast`, so that listing them imports nothing of it."""

import ast
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

# The id of a picture or a plot: the lecture's, and one's own.
LECTURE_ID = re.compile(r"[FP]\d+")
OWN_ID = re.compile(r"Y\d+")

# The section of what plugins have.
YOURS = "yours"


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
        """The section whose folder it lies in; of a plugin's figure that is `yours`."""
        package, *rooms = self.module.split(".")
        return rooms[1] if package == "pgpipe" else YOURS


@dataclass(frozen=True)
class SectionFile:
    """A lecture section's claims modules and the tables that any of their functions reads."""

    name: str
    modules: tuple[str, ...]
    tables: tuple[str, ...]


def figure_file(path: Path, module: str, ids: re.Pattern[str] = LECTURE_ID) -> FigureFile:
    """The figure that a file holds, which is this module; its ids are of this kind.

    Raises `ValueError` for a file that draws nothing, whose docstring lacks id, alt text or caption, or whose
    `headline` or `findings` asks for other tables than its `draw`.
    """
    paragraphs = [" ".join(p.split()) for p in (ast.get_docstring(_parse(path)) or "").split("\n\n")]
    if len(paragraphs) < 3:
        raise ValueError(f"{path}: the docstring needs a title, an alt text and a caption, a paragraph each")
    words = paragraphs[0].split()
    if not (own := tuple(takewhile(ids.fullmatch, words))):
        like = "F9 or P12" if ids is LECTURE_ID else "Y1"
        raise ValueError(f"{path}: the docstring begins with {words[0]}, not with an id, like {like}")
    found = functions(path)
    if (drawn := found.get("draw")) is None:
        raise ValueError(f"{path}: there is no function `draw`; a file that figures share begins with _")
    for says in ("headline", "findings"):
        if (asked := found.get(says, drawn)) != drawn:
            raise ValueError(f"{path}: {says}{asked} needs the tables of draw{drawn}, in the same order")
    return FigureFile(
        name=f"{own[0]}_{path.stem}",
        ids=own,
        module=module,
        tables=drawn,
        title=" ".join(words[len(own) :]),
        alt=paragraphs[1],
        caption=paragraphs[2],
        method="\n\n".join(paragraphs[3:]),
    )


def is_evidence(function: str) -> bool:
    """Whether a function's name is an id: e12 checks equation E12, c3 tests claim C3, y1 is a plugin's."""
    return function[:1] in ("e", "c", "y") and function[1:].isdigit()


def asked_tables(path: Path) -> list[str]:
    """The tables that a claims module asks for."""
    tables = [t for name, asked in functions(path).items() if is_evidence(name) for t in asked]
    return identities(path) + tables


def identities(path: Path) -> list[str]:
    """The table of the identities that a claims module declares, if it declares any."""
    declared = [node.value for node in _parse(path).body if isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]) == "IDENTITIES"]  # fmt: skip
    return [ast.literal_eval(call.args[0]) for call in declared if isinstance(call, ast.Call)]


def functions(path: Path) -> dict[str, tuple[str, ...]]:
    """The names of a file's public functions and of their parameters."""
    nodes = (node for node in _parse(path).body if isinstance(node, ast.FunctionDef))
    return {f.name: tuple(a.arg for a in f.args.args) for f in nodes if not f.name.startswith("_")}


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
