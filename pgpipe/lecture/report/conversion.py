"""The text of all sections as one document in Markdown, and pandoc, which makes something else of it."""

from functools import partial

import pypandoc
from jinja2 import Environment

from pgpipe.lecture.registry import REFERENCES
from pgpipe.lecture.report.material import Material
from pgpipe.lecture.report.placed import Placed

# `[@williams1992]` in a text becomes a link to its entry in the list of all that is cited, at the end.
CITATIONS = (
    "--citeproc",
    f"--bibliography={REFERENCES}",
    "--metadata=link-citations",
    "--metadata=reference-section-title=Literature",
)


def whole_text(material: Material, templates: Environment, pieces: Placed) -> str:
    """All sections with what they place.

    What none of them places is appended, so that nothing measured goes unseen.
    """
    placed = pieces.placed_by_text()
    sections = [
        pieces.section(number, partial(templates.get_template(name).render, placed))
        for number, name in material.sections.items()
    ]
    if rest := pieces.not_yet_cited():
        sections.append(f"# More from this run {{#more}}\n\n{rest}")
    return "\n\n".join(sections)


def converted(markdown: str, kind: str, *arguments: str) -> str:
    """Markdown as `html5` or `typst`, with its citations and, if there are any, their list."""
    # a picture is placed by its id, never by Markdown
    return str(
        pypandoc.convert_text(
            markdown, kind, format="markdown-implicit_figures", extra_args=[*CITATIONS, *arguments]
        )
    )
