"""The report in print: the same text as the page, typeset by typst."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import typst
from jinja2 import Environment

from pgpipe.lecture.declared import FigureFile
from pgpipe.lecture.report.conversion import converted, whole_text
from pgpipe.lecture.report.formats import templates_of
from pgpipe.lecture.report.inline import proportion
from pgpipe.lecture.report.material import (
    LADDER,
    QUESTION,
    VERDICTS,
    Material,
    ReportSpec,
    Row,
    by_name,
    noted,
    read_texts,
    said,
    sentences_of,
    version,
)
from pgpipe.lecture.report.mathematics import in_print, paired
from pgpipe.lecture.report.placed import Placed

LOG = logging.getLogger(__name__)

# Where Markdown stands inside a piece of typst.
INSIDE = "/*inside*/"

# Pictures go where a page has room; the text flows past them, up to the next picture that follows on words.
SETTLE, DRAWN = "#place.flush()", "/*drawn*/"
_CONSECUTIVE = re.compile(rf"({re.escape(DRAWN)}\s*){re.escape(SETTLE)}")

# How a string of typst has what would end it, and what nobody sees.
_ESCAPES = {code: rf"\u{{{code:x}}}" for code in (*range(32), 127)} | {ord('"'): r"\"", ord("\\"): r"\\"}

# Height over width of the largest picture that fits on a page with its caption.
TALLEST = 1.25

# The letters of pictures and of all that is not running text; those of the text come with typst.
FONTS = Path(__file__).parent.parent / "common/fonts"


def write_book(
    spec: ReportSpec,
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, bytes],
    findings: Mapping[str, str],
    checks: list[Row],
    claims: list[Row],
    cases: pd.DataFrame,
) -> bytes:
    """The report of a run as PDF."""
    material = Material(
        sources=read_texts(spec["texts"]),
        pictures=by_name(figures),
        findings=by_name(findings),
        tables=by_name(tables),
        checks=checks,
        claims=claims,
        cases=cases,
        config=spec["config"],
        records={},
        sentences=sentences_of(by_name(tables)),
        notes=noted(spec.get("notes", []), by_name(tables)),
    )
    files: Any = {"main.typ": render_book(material).encode()}  # which its stubs do not know
    files |= {"style.typ": material.sources["style.typ"].encode()}
    files |= {f"{name}.svg": svg for name, svg in material.pictures.items()}
    pdf, warnings = typst.compile_with_warnings(files, ignore_system_fonts=True, font_paths=[FONTS])
    for warning in warnings:
        LOG.warning("typst: %s", warning.message)
    return pdf


def render_book(material: Material) -> str:
    """The source of the PDF."""
    templates = templates_of(material.sources)
    measured = [check for check in material.checks if check["kind"] == "measured"]
    by_verdict = {word: [c for c in material.claims if c["verdict"] == word] for word in VERDICTS}
    given = {
        "version": version(),
        "seed": material.config["seed"],
        "claims": [claim for claims in by_verdict.values() for claim in claims],
        "by_verdict": by_verdict,
        "left_out": material.left_out,
        "notes": material.notes,
        "passed": sum(check["passed"] for check in measured),
        "measured": len(measured),
    }
    pieces = BookPieces(material, templates)
    text = whole_text(material, templates, pieces)
    ledger = templates.get_template("ledger.typ.j2").render(given)
    typeset = in_typst(f"{text}\n\n{pieces.answers()}{_raw(ledger)}")
    return templates.get_template("book.typ.j2").render(given, text=typeset)


def in_typst(markdown: str) -> str:
    """Markdown as typst, with what pandoc does to formulas mended."""
    for blocks in (QUESTION, LADDER):
        markdown = blocks.sub(lambda found: f"{_raw(f'#{found[1]}[')}{found[2]}\n\n{_raw(']')}", markdown)
    return _CONSECUTIVE.sub(r"\1", in_print(converted(paired(markdown), "typst")))


def quoted(text: str) -> str:
    """Words as a string of typst."""
    return f'"{str(text).encode("utf-8", "replace").decode().translate(_ESCAPES)}"'


class BookPieces(Placed):
    """Pieces in typst: widgets are left out, tables stay in their files, answers stand at the end."""

    def __init__(self, material: Material, templates: Environment) -> None:
        super().__init__(material)
        self.templates = templates
        self.answered: list[str] = []
        templates.filters["quoted"] = quoted

    def answers(self) -> str:
        """Those of all exercises, as a section."""
        return "# Answers {#answers .unnumbered}\n\n" + "".join(self.answered) if self.answered else ""

    def show_number(self, number: int, skipped: int, text: str) -> str:
        """The counter of headings stands just before it."""
        return _raw(f"#counter(heading).update({number - 1})") + text

    def show_equation(self, id: str, formula: str, checks: list[Row]) -> str:
        """The count of its checks stands in the margin."""
        passed = [check["passed"] for check in checks if check["kind"] == "measured"]
        return self._around("equation", f"$$ {formula} $$", id=id, passed=sum(passed), measured=len(passed))

    def show_figures(self, ids: list[str], figures: list[FigureFile]) -> str:
        """Each with headline and caption."""
        anchors = "".join(f"#metadata(none) <{each}>\n" for each in ids)
        return (
            _raw(f"{SETTLE}\n{anchors}") + "".join(self._picture(figure) for figure in figures) + _raw(DRAWN)
        )

    def _picture(self, figure: FigureFile) -> str:
        _, findings = said(self.material.findings[figure.name])
        width = min(1.0, TALLEST / proportion(self.material.pictures[figure.name]))
        title = self.material.headline(figure)
        return self._around("figure", f"{figure.caption} {findings}", figure=figure, title=title, width=width)

    def show_claim(self, claim: Row, cases: list[Row]) -> str:
        """A box; the cases stand in their table."""
        return _raw(self._render("claim", claim=claim, cases=len(cases)))

    def show_findings(self, found: list[Row]) -> str:
        """A list."""
        return _raw(self._render("findings", found=found))

    def show_listing(self, module: str, code: str, marked: list[int]) -> str:
        """Code and where it comes from."""
        path = f"{module.replace('.', '/')}.py"
        return self._around("listing", f"``` python\n{code}\n```", path=path, marked=marked)

    def show_exercise(self, question: str, answer: str) -> str:
        """The answer is kept for the end."""
        number = len(self.answered) + 1
        self.answered.append(self._around("answer", answer, number=number))
        return self._around("exercise", question, number=number)

    def widget(self, name: str) -> str:
        """Paper does not move."""
        return ""

    def _around(self, template: str, *markdown: str, **values: object) -> str:
        """Markdown where the template says `inside`, piece by piece."""
        first, *rest = self._render(template, inside=INSIDE, **values).split(INSIDE)
        parts = [f"{piece}\n\n{_raw(after)}" for piece, after in zip(markdown, rest, strict=True)]
        return "".join([_raw(first), *parts])

    def _render(self, template: str, **values: object) -> str:
        return self.templates.get_template(f"{template}.typ.j2").render(**values)


def _raw(text: str) -> str:
    """What pandoc passes through as it is."""
    return f"```{{=typst}}\n{text}\n```\n\n"
