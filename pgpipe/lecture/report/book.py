"""The report in print: the same text as the page, typeset by typst."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pypandoc
import typst
from jinja2 import Environment

from pgpipe.lecture.registry import FigureFile
from pgpipe.lecture.report.formats import interval, templates_of
from pgpipe.lecture.report.material import Material, ReportSpec, Row, by_name, read_texts, said, version
from pgpipe.lecture.report.page import VERDICTS
from pgpipe.lecture.report.placed import Placed

# Where Markdown stands inside a piece of typst.
INSIDE = "/*inside*/"

# Height over width of the largest picture that fits on a page with its caption.
TALLEST = 1.25

# A bracket that TeX is told to enlarge; typst makes a pair as large as what it holds.
_LARGE = (re.compile(r"\\[Bb]igg?l?\s*([(\[])"), re.compile(r"\\[Bb]igg?r?\s*([)\]])"))


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
    )
    files: Any = {"main.typ": render_book(material).encode()}  # which its stubs do not know
    files |= {f"{name}.svg": svg for name, svg in material.pictures.items()}
    pdf: bytes = typst.compile(files, ignore_system_fonts=True)
    return pdf


def render_book(material: Material) -> str:
    """The source of the PDF."""
    templates = templates_of(material.sources)
    pieces = BookPieces(material, templates)
    text = converted(material, templates, pieces)
    measured = [check for check in material.checks if check["kind"] == "measured"]
    return templates.get_template("book.typ.j2").render(
        version=version(),
        seed=material.config["seed"],
        text=text,
        passed=sum(check["passed"] for check in measured),
        measured=len(measured),
        by_verdict={word: [c for c in material.claims if c["verdict"] == word] for word in VERDICTS},
    )


def converted(material: Material, templates: Environment, pieces: "BookPieces") -> str:
    """All sections as typst."""
    placed = pieces.placed_by_text()
    sections = [templates.get_template(name).render(placed) for name in material.sections]
    if rest := pieces.not_yet_cited():
        sections.append(f"# More from this run {{#more}}\n\n{rest}")
    markdown = "\n\n".join(sections)
    for large, small in zip(_LARGE, (r"\\left\1", r"\\right\1"), strict=True):
        markdown = large.sub(small, markdown)
    text: str = pypandoc.convert_text(markdown, "typst", format="markdown-implicit_figures")
    return text


def proportion(svg: bytes) -> float:
    """Height over width of a picture; one if it does not say."""
    found = re.search(rb'viewBox="\S+ \S+ (\S+) (\S+)"', svg)
    return float(found[2]) / float(found[1]) if found else 1.0


def quoted(text: str) -> str:
    """Words as a string of typst."""
    return json.dumps(str(text), ensure_ascii=False)


class BookPieces(Placed):
    """Pieces in typst: widgets are left out, folds are open, tables stay in their files."""

    def __init__(self, material: Material, templates: Environment) -> None:
        super().__init__(material)
        self.templates = templates
        templates.filters["quoted"] = quoted

    def show_equation(self, id: str, formula: str, checks: list[Row]) -> str:
        """The count of its checks stands in the margin."""
        passed = [check["passed"] for check in checks if check["kind"] == "measured"]
        return self._around(
            "equation",
            f"$$ {formula} $$",
            id=id,
            checks=len(checks),
            passed=sum(passed),
            measured=len(passed),
        )

    def show_figures(self, id: str, figures: list[FigureFile]) -> str:
        """Each with headline and caption."""
        ids = list(dict.fromkeys(each for figure in figures for each in figure.ids))
        anchors = "".join(f"#metadata({quoted(each)}) <{each}>\n" for each in ids)
        return _raw(anchors) + "".join(self._picture(figure) for figure in figures)

    def _picture(self, figure: FigureFile) -> str:
        _, findings = said(self.material.findings[figure.name])
        width = min(1.0, TALLEST / proportion(self.material.pictures[figure.name]))
        title = self.material.headline(figure)
        return self._around("figure", f"{figure.caption} {findings}", figure=figure, title=title, width=width)

    def show_claim(self, claim: Row, cases: list[Row]) -> str:
        """A box; the cases stand in their table."""
        return _raw(self._render("claim", claim=claim, cases=len(cases), interval=interval))

    def show_findings(self, found: list[Row]) -> str:
        """A list."""
        return _raw(self._render("findings", found=found))

    def show_listing(self, module: str, code: str, marked: list[int]) -> str:
        """Code and where it comes from."""
        return self._around("listing", f"``` python\n{code}\n```", path=f"{module.replace('.', '/')}.py")

    def show_exercise(self, question: str, answer: str) -> str:
        """The answer stands below."""
        return self._around("exercise", question, answer)

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
