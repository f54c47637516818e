"""How the workflow engine's own report shows the figures: on which shelf, by which name, with which words."""

import re

from pgpipe.lecture.declared import YOURS, FigureFile
from pgpipe.lecture.registry import LECTURE, SECTIONS

# What stands before an id of one digit, so that P8 is sorted before P10.
FIGURE_SPACE = "\u2007"

_MATHS = re.compile(r"\$([^$]+)\$")


def shelf(figure: FigureFile) -> str:
    """`05 Lower variance`: the section's place in the lecture, in two digits, and its title."""
    if figure.section == YOURS:
        return f"{len(SECTIONS) + 1:02d} Yours"
    first = (LECTURE / figure.section / "text.md").read_text("utf-8").splitlines()[0]
    title = first.removeprefix("# ").partition(" {#")[0]
    return f"{SECTIONS.index(figure.section) + 1:02d} {title}"


def labels(figure: FigureFile, findings: str) -> dict[str, str]:
    """The id, and what the picture shows in this run or else what it is."""
    first = findings.partition("\n")[0]
    headline = first.removeprefix("# ") if first.startswith("# ") else figure.title
    return {"picture": f"{figure.id:{FIGURE_SPACE}>3}", "shows": headline}


def restructured(markdown: str) -> str:
    """A caption as reStructuredText: formulas have a role there, bars a meaning; emphasis is the same."""
    words = _MATHS.split(markdown)
    words[::2] = [part.replace("\\", "\\\\").replace("|", "\\|") for part in words[::2]]
    words[1::2] = [f":math:`{formula}`" for formula in words[1::2]]
    return "".join(words)
